#include "admin/bind.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/text.h"

namespace weir::admin {

namespace {

constexpr int kBacklog = 64;

struct Endpoint {
    sockaddr_storage raw{};
    socklen_t size = 0;
    bool both_families = false;
};

std::optional<in6_addr> parse_v6(std::string_view text) {
    in6_addr address;
    if (::inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return std::nullopt;
    return address;
}

std::optional<in_addr> parse_v4(std::string_view text) {
    in_addr address;
    if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
    return address;
}

Endpoint v6(const in6_addr& address, uint16_t port) {
    Endpoint endpoint;
    sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    raw.sin6_port = htons(port);
    raw.sin6_addr = address;
    endpoint.size = sizeof raw;
    std::memcpy(&endpoint.raw, &raw, sizeof raw);
    return endpoint;
}

Endpoint v4(const in_addr& address, uint16_t port) {
    Endpoint endpoint;
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_port = htons(port);
    raw.sin_addr = address;
    endpoint.size = sizeof raw;
    std::memcpy(&endpoint.raw, &raw, sizeof raw);
    return endpoint;
}

std::optional<Endpoint> parse(std::string_view text) {
    const size_t colon = text.rfind(':');
    const std::string_view host = colon == text.npos ? "" : text.substr(0, colon);
    const std::optional<uint64_t> number = parse_decimal(colon == text.npos ? text : text.substr(colon + 1));
    if (!number || *number > 65535) return std::nullopt;
    const auto port = static_cast<uint16_t>(*number);
    if (host.empty()) {
        Endpoint any = v6(in6addr_any, port);
        any.both_families = true;
        return any;
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        const auto address = parse_v6(host.substr(1, host.size() - 2));
        return address ? std::optional(v6(*address, port)) : std::nullopt;
    }
    const auto address = parse_v4(host);
    return address ? std::optional(v4(*address, port)) : std::nullopt;
}

Unexpected failed(std::string_view text, int code) {
    const char* why = code == EADDRINUSE ? "address in use" : std::strerror(code);
    return fail("admin address " + std::string(text) + ": " + why, code);
}

uint16_t port_of(int fd) {
    sockaddr_in6 raw{};  // the port stands at the same place in both families
    socklen_t size = sizeof raw;
    return ::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) == 0 ? ntohs(raw.sin6_port) : uint16_t{0};
}

}  // namespace

Result<Bound> bind_address(std::string_view text) {
    std::optional<Endpoint> endpoint = parse(text);
    if (!endpoint) {
        return fail("admin address " + std::string(text) + ": expected ADDRESS:PORT, [ADDRESS]:PORT or :PORT", EINVAL);
    }
    int fd = ::socket(endpoint->raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT && endpoint->both_families) {  // a machine without IPv6
        endpoint = v4(in_addr{INADDR_ANY}, ntohs(reinterpret_cast<const sockaddr_in6&>(endpoint->raw).sin6_port));
        fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (fd < 0) return failed(text, errno);
    const int on = 1;
    const int v6_only = endpoint->both_families ? 0 : 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (endpoint->raw.ss_family == AF_INET6) {
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
    }
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&endpoint->raw), endpoint->size) != 0 ||
        ::listen(fd, kBacklog) != 0) {
        const int code = errno;
        ::close(fd);
        return failed(text, code);
    }
    return Bound{fd, port_of(fd)};
}

bool literal_or_localhost(std::string_view host) {
    if (host.empty()) return false;
    const size_t colon = host.rfind(':');
    if (colon != host.npos && host.back() != ']') {
        const std::string_view port = host.substr(colon + 1);
        if (!port.empty() && !parse_decimal(port)) return false;
        host = host.substr(0, colon);
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return parse_v6(host.substr(1, host.size() - 2)).has_value();
    }
    return equal_ignoring_case(host, "localhost") || parse_v4(host).has_value();
}

}  // namespace weir::admin
