#include "net/listen_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "net/socket_options.h"

namespace weir::net {

namespace {

bool set(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// No IPv6 on this machine, or none that may be used.
bool no_ipv6(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

Unexpected failed(const Address& address, int error) {
    if (error == EADDRINUSE) return fail(address.text() + ": address in use", error);
    return fail("can not listen on " + address.text() + ": " + std::strerror(error), error);
}

// A bound socket or -errno. A wildcard of both families is an IPv6 socket that takes IPv4 too.
int bind_one(const Address& address, bool both_families, bool share) {
    sockaddr_storage raw;
    const socklen_t size = address.fill(raw);
    const int fd = socket(raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    const bool v6 = address.family() == Address::Family::v6;
    const bool done = set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                      (!v6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, both_families ? 0 : 1)) &&
                      (!share || set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) &&
                      ::bind(fd, reinterpret_cast<const sockaddr*>(&raw), size) == 0;
    if (done) return fd;
    const int error = errno;
    ::close(fd);
    return -error;
}

Result<Address> parse_listen_address(std::string_view text, bool& both_families) {
    const bool colon = text.substr(0, 1) == ":";
    const std::string_view digits = colon ? text.substr(1) : text;
    const auto port = Address::parse_port(digits);
    both_families = port.has_value() || digits == "0";
    if (colon && !both_families) return fail("\"" + std::string(text) + "\": a port is a number from 1 to 65535");
    if (both_families) return Address::of(Ip(), port.value_or(0));
    Result<Address> address = Address::parse(text, true);
    if (address.has_value() && address->is_unix()) return fail("unix listeners are not supported");
    return address;
}

}  // namespace

Result<ListenSockets> ListenSockets::bind(std::string_view text, unsigned workers, int backlog) {
    CHECK(workers > 0);
    bool both_families = false;
    const Result<Address> address = parse_listen_address(text, both_families);
    if (!address.has_value()) return Unexpected{address.error()};
    ListenSockets sockets;
    sockets.address_ = *address;
    Status status = sockets.open(both_families, workers);
    if (both_families && !status.has_value() && no_ipv6(status.error().code)) {
        sockets.close();
        sockets.address_ = Address::of(Ip::v4({}), address->port());
        status = sockets.open(false, workers);
    }
    if (status.has_value()) status = sockets.listen(backlog);
    if (!status.has_value()) return Unexpected{status.error()};
    return sockets;
}

Status ListenSockets::open(bool both_families, unsigned workers) {
    for (unsigned i = 0; i < workers; ++i) {
        // The first is bound without SO_REUSEPORT: whoever has the address, even with the option, makes that fail. It
        // gets the option before the others come, for they may join only a socket that has it. From then on the kernel
        // lets nobody else in but sockets of the user who made these, and those only with the option.
        const int fd = bind_one(address_, both_families, i > 0);
        if (fd < 0) return failed(address_, -fd);
        fds_.push_back(fd);
        if (i > 0) continue;
        if (workers > 1 && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return failed(address_, errno);
        sockaddr_storage raw;
        socklen_t size = sizeof(raw);
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return failed(address_, errno);
        address_ = Address::from(reinterpret_cast<const sockaddr*>(&raw), size);
    }
    return {};
}

// Behind all binds: until a socket listens, nobody can be connected to one of a group that is not whole.
Status ListenSockets::listen(int backlog) {
    for (const int fd : fds_) {
        set_client_options(fd);
        // Two weirs that start at once may both bind, for neither listens yet; here one of them is refused.
        if (::listen(fd, backlog) != 0) return failed(address_, errno);
    }
    return {};
}

ListenSockets::ListenSockets(ListenSockets&& other) noexcept
    : fds_(std::exchange(other.fds_, {})), address_(other.address_) {}

ListenSockets& ListenSockets::operator=(ListenSockets&& other) noexcept {
    std::swap(fds_, other.fds_);
    std::swap(address_, other.address_);
    return *this;
}

ListenSockets::~ListenSockets() {
    close();
}

void ListenSockets::close() {
    for (const int fd : fds_) ::close(fd);
    fds_.clear();
}

}  // namespace weir::net
