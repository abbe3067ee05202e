// Address: where a socket listens or connects: an IP address and a port, or a unix path.
// Parses no names: those are the resolver's. Zones of link-local addresses (fe80::1%eth0) are not supported.
// Any thread; a value of 20 bytes, because every idle connection holds one.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"

namespace weir::net {

class Address final {
 public:
    enum class Family : uint8_t { none, v4, v6, unix_path };

    Address() = default;
    // "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock"; refuses names, missing ports and port 0 unless `port_0`.
    // The strict dotted quad only: "127.1", "010.0.0.1" and the like mean different hosts to different readers.
    static Result<Address> parse(std::string_view text, bool port_0 = false);
    // "80", 1 to 65535, without sign, space or leading zero.
    static std::optional<uint16_t> parse_port(std::string_view text);
    // What accept4, getsockname or getpeername filled in. The peer of a unix socket is unix without a path.
    static Address from(const sockaddr* raw, socklen_t size);
    static Address of(const Ip& ip, uint16_t port);

    Family family() const { return family_; }
    bool is_unix() const { return family_ == Family::unix_path; }
    uint16_t port() const { return port_; }  // 0 for unix
    void set_port(uint16_t port) { port_ = port; }
    // Without the port, as logs and X-Forwarded-For write it ("10.0.0.1", "2001:db8::1", "unix:").
    std::string host_text() const;
    // The same into `to`, which has room for kHostText; returns where it stopped.
    static constexpr size_t kHostText = Ip::kText;
    char* write_host(char* to) const;
    // With the port: "10.0.0.1:80", "[2001:db8::1]:80", "unix:/run/app.sock".
    std::string text() const;
    // "::" for unix.
    Ip ip() const { return is_unix() ? Ip() : Ip(bytes_); }
    // Fills `raw` and returns its size, for bind and connect.
    socklen_t fill(sockaddr_storage& raw) const;

    friend bool operator==(const Address& a, const Address& b) {
        return a.family_ == b.family_ && a.port_ == b.port_ && a.bytes_ == b.bytes_;
    }

 private:
    static Address unix_at(std::string_view path);
    const std::string* path() const;

    Ip::Bytes bytes_{};  // of unix the pointer to its path
    uint16_t port_ = 0;
    Family family_ = Family::none;
};

}  // namespace weir::net
