// Ip: an IPv4 or IPv6 address and its one spelling: dotted IPv4, IPv6 as RFC 5952 writes it. An IPv4-mapped IPv6
// address is the IPv4 address from the moment it is made, so nothing above ever sees two forms of one machine. No port,
// no name, no zone (fe80::1%eth0). Any thread; a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

class Ip final {
 public:
    using Bytes = std::array<uint8_t, 16>;
    static constexpr size_t kText = 46;    // the longest text, with a NUL
    static constexpr unsigned kV4At = 12;  // where an IPv4 address stands in its bytes

    Ip() = default;  // "::"
    explicit Ip(const Bytes& bytes) : bytes_(bytes) {}
    static Ip v4(const std::array<uint8_t, 4>& bytes);
    // "10.0.0.1" or "2001:db8::1". The strict dotted quad only: "127.1", "010.0.0.1" and the like mean different hosts
    // to different readers.
    static std::optional<Ip> parse(std::string_view text);
    // Of an IPv6 address in brackets, as URLs and Host have it.
    static std::optional<Ip> parse_bracketed(std::string_view text);

    bool is_v4() const;
    bool loopback() const;
    // IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
    const Bytes& bytes() const { return bytes_; }
    // Into `to`, which has room for kText; returns where it stopped. No NUL behind it.
    char* write(char* to) const;
    std::string text() const;

    friend bool operator==(const Ip& a, const Ip& b) { return a.bytes_ == b.bytes_; }

 private:
    Bytes bytes_{};
};

}  // namespace weir
