// ListenSockets: the bound sockets of one listener, one SO_REUSEPORT socket per worker. The first of an address is
// bound without the option and gets it after bind, so that a second weir on the same address is refused ("address in
// use") and never gets half of the traffic. Control binds them, owns them for the life of the process and lends them to
// workers. Closed on destruction. Control thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace weir::net {

class ListenSockets final {
 public:
    // "127.0.0.1:8080", "[::1]:8080"; ":8080" and "8080" bind both families with one IPv6 socket, or IPv4 alone where
    // there is no IPv6. Port 0 takes a free one. Error::code is EADDRINUSE when somebody has the address already.
    static Result<ListenSockets> bind(std::string_view address, unsigned workers, int backlog);
    ListenSockets(ListenSockets&& other) noexcept;
    ListenSockets& operator=(ListenSockets&& other) noexcept;
    ~ListenSockets();

    int fd(unsigned worker) const { return fds_[worker % fds_.size()]; }
    const Address& address() const { return address_; }  // with the real port when 0 was asked for

 private:
    ListenSockets() = default;
    Status open(bool both_families, unsigned workers);
    Status listen(int backlog);
    void close();

    std::vector<int> fds_;
    Address address_;
};

}  // namespace weir::net
