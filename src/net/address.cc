#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <mutex>
#include <set>

namespace weir::net {

namespace {

constexpr std::string_view kUnix = "unix:";

// One copy of each path for the life of the process, so that an Address stays small and trivially copied. Paths come
// from the config alone (peers of unix sockets have none here), so there are few.
const std::string* interned(std::string_view path) {
    static std::mutex mutex;
    static auto& paths = *new std::set<std::string, std::less<>>;
    const std::lock_guard lock(mutex);
    const auto found = paths.find(path);
    if (found != paths.end()) return &*found;
    return &*paths.emplace(path).first;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::optional<Ip> read_ip(std::string_view text) {
    return text.substr(0, 1) == "[" ? Ip::parse_bracketed(text) : Ip::parse(text);
}

}  // namespace

std::optional<uint16_t> Address::parse_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || text[0] == '0') return std::nullopt;
    uint32_t port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        port = port * 10 + static_cast<uint32_t>(c - '0');
    }
    if (port > 65535) return std::nullopt;
    return static_cast<uint16_t>(port);
}

Result<Address> Address::parse(std::string_view text, bool port_0) {
    if (text.substr(0, kUnix.size()) == kUnix) {
        const std::string_view path = text.substr(kUnix.size());
        if (path.empty() || path[0] != '/' || path.find('\0') != path.npos) {
            return fail(quoted(text) + ": the path of a unix socket must begin with /");
        }
        if (path.size() >= sizeof(sockaddr_un::sun_path)) {
            return fail(quoted(text) + ": the path of a unix socket has at most 107 bytes");
        }
        return unix_at(path);
    }
    if (read_ip(text)) {
        return fail(quoted(text) + " has no port; write 127.0.0.1:80 or [::1]:80");
    }
    const size_t colon = text.rfind(':');
    if (colon == text.npos) return fail(quoted(text) + " is not an address; write an IP address and a port");
    const std::string_view host = text.substr(0, colon);
    if (host.empty()) return fail(quoted(text) + " has no host; write an IP address such as 127.0.0.1:80");
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::optional<Ip> ip = read_ip(host);
    if (!ip && (bracketed || host.find(':') != host.npos)) {
        return fail(quoted(text) + " is not an IPv6 address and a port; write [::1]:80");
    }
    if (!ip) {
        return fail(quoted(text) + ": host names are not looked up here; write an IP address such as 127.0.0.1:80");
    }
    if (!bracketed && host.find(':') != host.npos) {
        return fail(quoted(text) + ": an IPv6 address with a port needs brackets; write [::1]:80");
    }
    const std::string_view digits = text.substr(colon + 1);
    const std::optional<uint16_t> port = parse_port(digits);
    if (!port.has_value() && !(port_0 && digits == "0")) {
        return fail(quoted(text) + ": a port is a number from 1 to 65535");
    }
    return of(*ip, port.value_or(0));
}

Address Address::from(const sockaddr* raw, socklen_t size) {
    if (size < sizeof(sa_family_t)) return {};
    if (raw->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in in;
        std::memcpy(&in, raw, sizeof(in));
        std::array<uint8_t, 4> bytes;
        std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
        return of(Ip::v4(bytes), ntohs(in.sin_port));
    }
    if (raw->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in;
        std::memcpy(&in, raw, sizeof(in));
        Ip::Bytes bytes;
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return of(Ip(bytes), ntohs(in.sin6_port));
    }
    Address address;
    if (raw->sa_family == AF_UNIX) address.family_ = Family::unix_path;
    return address;
}

Address Address::of(const Ip& ip, uint16_t port) {
    Address address;
    address.bytes_ = ip.bytes();
    address.port_ = port;
    address.family_ = ip.is_v4() ? Family::v4 : Family::v6;
    return address;
}

Address Address::unix_at(std::string_view path) {
    Address address;
    const std::string* stored = interned(path);
    std::memcpy(address.bytes_.data(), &stored, sizeof(stored));
    address.family_ = Family::unix_path;
    return address;
}

const std::string* Address::path() const {
    const std::string* stored = nullptr;
    if (is_unix()) std::memcpy(&stored, bytes_.data(), sizeof(stored));
    return stored;
}

char* Address::write_host(char* to) const {
    switch (family_) {
        case Family::none:
            break;
        case Family::v4:
        case Family::v6:
            return Ip(bytes_).write(to);
        case Family::unix_path:
            return std::copy(kUnix.begin(), kUnix.end(), to);
    }
    return to;
}

std::string Address::host_text() const {
    char text[kHostText];
    return {text, static_cast<size_t>(write_host(text) - text)};
}

std::string Address::text() const {
    switch (family_) {
        case Family::none:
            return "";
        case Family::v4:
            return host_text() + ":" + std::to_string(port_);
        case Family::v6:
            return "[" + host_text() + "]:" + std::to_string(port_);
        case Family::unix_path:
            break;
    }
    const std::string* stored = path();
    return std::string(kUnix) + (stored == nullptr ? "" : *stored);
}

socklen_t Address::fill(sockaddr_storage& raw) const {
    raw = {};
    if (family_ == Family::v4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port_);
        std::memcpy(&in.sin_addr, bytes_.data() + Ip::kV4At, sizeof(in.sin_addr));
        std::memcpy(&raw, &in, sizeof(in));
        return sizeof(in);
    }
    if (family_ == Family::v6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port_);
        std::memcpy(&in.sin6_addr, bytes_.data(), bytes_.size());
        std::memcpy(&raw, &in, sizeof(in));
        return sizeof(in);
    }
    const std::string* stored = path();
    if (stored == nullptr) return 0;
    sockaddr_un in{};
    in.sun_family = AF_UNIX;
    std::memcpy(in.sun_path, stored->c_str(), stored->size() + 1);
    std::memcpy(&raw, &in, sizeof(in));
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + stored->size() + 1);
}

}  // namespace weir::net
