#include "base/cidr.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace weir {

namespace {

constexpr unsigned kAll = 128;
constexpr unsigned kMapped = Ip::kV4At * 8;

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text) {
    const size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    const std::optional<Ip> ip = Ip::parse(host);
    if (!ip) return fail("expected a network such as \"10.0.0.0/8\" or \"2001:db8::/32\"");
    // The length behind ::ffff:10.0.0.0 counts all 128 bits, and no IPv4 block is wider than IPv4.
    const unsigned before = host.find(':') == host.npos ? kMapped : 0;
    const unsigned least = ip->is_v4() ? kMapped - before : 0;
    unsigned prefix = kAll;
    if (slash != text.npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto length = parse_decimal(digits);
        const bool plain = digits.size() == 1 || digits.substr(0, 1) != "0";
        if (!length || !plain || *length < least || *length > kAll - before) {
            return fail("expected a length from " + std::to_string(least) + " to " + std::to_string(kAll - before) +
                        " behind the `/`");
        }
        prefix = static_cast<unsigned>(*length) + before;
    }
    Ip::Bytes first = ip->bytes();
    Ip::Bytes last = first;
    for (unsigned i = 0; i < first.size(); ++i) {
        const unsigned kept = prefix <= i * 8 ? 0 : std::min(prefix - i * 8, 8U);
        const unsigned mask = (0xff00U >> kept) & 0xffU;
        first[i] = static_cast<uint8_t>(first[i] & mask);
        last[i] = static_cast<uint8_t>(first[i] | (~mask & 0xffU));
    }
    Cidr block;
    block.first_ = Ip(first);
    block.last_ = Ip(last);
    block.prefix_ = prefix;
    return block;
}

bool Cidr::contains(const Ip& ip) const {
    return ip.is_v4() == is_v4() && first_.bytes() <= ip.bytes() && ip.bytes() <= last_.bytes();
}

std::string Cidr::text() const {
    return first_.text() + "/" + std::to_string(is_v4() ? prefix_ - kMapped : prefix_);
}

}  // namespace weir
