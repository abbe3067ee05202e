#include "net/cidr.h"

#include <algorithm>
#include <string>

namespace weir::net {

namespace {

constexpr unsigned kMappedPrefix = 96;

// 0 to 128 in plain decimal; -1 for anything else.
int parse_prefix(std::string_view digits) {
    if (digits == "0") return 0;
    const auto number = Address::parse_port(digits);  // the same rules: no sign, no leading zero
    return number.has_value() && *number <= 128 ? *number : -1;
}

}  // namespace

Result<Cidr> Cidr::parse(std::string_view text) {
    const std::string shown = "\"" + std::string(text) + "\"";
    const size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    const std::optional<Address> address = Address::parse_host(host);
    if (!address.has_value() || host.front() == '[') {
        return fail(shown + " is not a block of addresses; write 10.0.0.0/8, 2001:db8::/32 or one address");
    }
    const bool dotted = host.find(':') == host.npos;  // the prefix of ::ffff:10.0.0.0/104 counts all 128 bits
    const int widest = dotted ? 32 : 128;
    const int written = slash == text.npos ? widest : parse_prefix(text.substr(slash + 1));
    if (written < 0 || written > widest) {
        return fail(shown + ": the prefix length is a number from 0 to " + std::to_string(widest));
    }
    const unsigned prefix = static_cast<unsigned>(written) + (dotted ? kMappedPrefix : 0);
    Cidr block;
    block.family_ = address->family();
    if (block.family_ == Address::Family::v4 && prefix < kMappedPrefix) {
        return fail(shown + " mixes IPv4 and IPv6; write the IPv4 block by itself");
    }
    const auto bits = address->bits();
    for (unsigned i = 0; i < bits.size(); ++i) {
        const unsigned kept = prefix <= i * 8 ? 0 : std::min(prefix - i * 8, 8U);
        const unsigned mask = (0xff00U >> kept) & 0xffU;
        block.first_[i] = static_cast<uint8_t>(bits[i] & mask);
        block.last_[i] = static_cast<uint8_t>(block.first_[i] | (~mask & 0xffU));
    }
    return block;
}

bool Cidr::contains(const Address& address) const {
    const auto bits = address.bits();
    return address.family() == family_ && first_ <= bits && bits <= last_;
}

CidrSet::CidrSet(const std::vector<Cidr>& blocks) {
    for (const Cidr& block : blocks) add(block.family() == Address::Family::v4 ? v4_ : v6_, block);
    merge(v4_);
    merge(v6_);
}

void CidrSet::add(std::vector<Range>& ranges, const Cidr& block) {
    ranges.push_back(Range{block.first(), block.last()});
}

void CidrSet::merge(std::vector<Range>& ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> merged;
    for (const Range& range : ranges) {
        if (!merged.empty() && range.first <= merged.back().last) {
            merged.back().last = std::max(merged.back().last, range.last);
        } else {
            merged.push_back(range);
        }
    }
    ranges = std::move(merged);
}

bool CidrSet::contains(const Address& address) const {
    if (address.family() != Address::Family::v4 && address.family() != Address::Family::v6) return false;
    const auto& ranges = address.family() == Address::Family::v4 ? v4_ : v6_;
    const auto bits = address.bits();
    const auto behind = std::upper_bound(ranges.begin(), ranges.end(), bits,
                                         [](const auto& at, const Range& range) { return at < range.first; });
    return behind != ranges.begin() && bits <= std::prev(behind)->last;
}

}  // namespace weir::net
