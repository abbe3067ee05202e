#include "base/ip.h"

#include <arpa/inet.h>

#include <cstring>

#include "base/text.h"

namespace weir {

namespace {

constexpr std::array<uint8_t, Ip::kV4At> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

Ip Ip::v4(const std::array<uint8_t, 4>& bytes) {
    Ip ip;
    std::memcpy(ip.bytes_.data(), kMapped.data(), kMapped.size());
    std::memcpy(ip.bytes_.data() + kV4At, bytes.data(), bytes.size());
    return ip;
}

std::optional<Ip> Ip::parse(std::string_view text) {
    char copy[kText];  // inet_pton wants a terminated string
    if (text.empty() || text.size() >= sizeof(copy) || text.find('\0') != text.npos) return std::nullopt;
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    std::array<uint8_t, 4> four;
    if (inet_pton(AF_INET, copy, four.data()) == 1) return v4(four);
    Ip ip;
    if (inet_pton(AF_INET6, copy, ip.bytes_.data()) == 1) return ip;
    return std::nullopt;
}

std::optional<Ip> Ip::parse_bracketed(std::string_view text) {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
    const std::string_view inside = text.substr(1, text.size() - 2);
    return inside.find(':') == inside.npos ? std::nullopt : parse(inside);
}

bool Ip::is_v4() const {
    return std::memcmp(bytes_.data(), kMapped.data(), kMapped.size()) == 0;
}

bool Ip::loopback() const {
    if (is_v4()) return bytes_[kV4At] == 127;
    Bytes one{};
    one.back() = 1;
    return bytes_ == one;
}

char* Ip::write(char* to) const {
    if (!is_v4()) {
        inet_ntop(AF_INET6, bytes_.data(), to, kText);
        return to + std::strlen(to);
    }
    // inet_ntop goes through printf, which is a tenth of what a whole request costs.
    for (size_t i = kV4At; i < bytes_.size(); ++i) {
        if (i > kV4At) *to++ = '.';
        to = write_decimal(bytes_[i], to);
    }
    return to;
}

std::string Ip::text() const {
    char text[kText];
    return {text, static_cast<size_t>(write(text) - text)};
}

}  // namespace weir
