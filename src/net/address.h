// Address: where a socket listens or connects: IPv4, IPv6 or a unix path. An IPv4-mapped IPv6 address is the IPv4
// address from the moment it is made, so nothing above ever sees two forms of one client.
// Parses no names: those are the resolver's. Any thread; a value.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::net {

class Address final {
 public:
    enum class Family : uint8_t { none, v4, v6, unix_path };

    Address() = default;
    // "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock"; refuses names, missing ports and port 0 unless `port_0`.
    static Result<Address> parse(std::string_view text, bool port_0 = false);
    // What accept4, getsockname or getpeername filled in.
    static Address from(const sockaddr* raw, socklen_t size);
    static Address v4(std::array<uint8_t, 4> bytes, uint16_t port);
    static Address v6(std::array<uint8_t, 16> bytes, uint16_t port);

    Family family() const;
    bool is_unix() const { return family() == Family::unix_path; }
    uint16_t port() const;  // 0 for unix
    void set_port(uint16_t port);
    // Without the port, as logs and X-Forwarded-For write it ("10.0.0.1", "2001:db8::1", "unix:").
    std::string host_text() const;
    // With the port: "10.0.0.1:80", "[2001:db8::1]:80", "unix:/run/app.sock".
    std::string text() const;
    // 16 bytes, IPv4 as ::ffff:a.b.c.d, for CIDR tables and hashes; all zero for unix.
    std::array<uint8_t, 16> bits() const;
    bool loopback() const;
    // Fills `raw` and returns its size, for bind and connect.
    socklen_t fill(sockaddr_storage& raw) const;

    friend bool operator==(const Address& a, const Address& b);
};

}  // namespace weir::net
