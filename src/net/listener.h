// Listener sockets. Control binds them and owns them for the life of the process (ListenSockets); a worker borrows one
// descriptor and accepts from it (Acceptor), 32 a turn. Own listeners: one SO_REUSEPORT socket per worker; the first of
// an address is bound without the option and gets it after bind, so that a second weir on the same address is refused
// ("address in use") and never gets half of the traffic. Out of descriptors an acceptor leaves the loop until one is
// free.
#pragma once

#include <functional>
#include <vector>

#include "net/address.h"
#include "net/event_poller.h"

namespace weir::net {

// The bound sockets of one listener, one per worker. Closed on destruction. Control thread.
class ListenSockets final {
 public:
    // ":8080" and "8080" bind both families with one IPv6 socket, or IPv4 alone where there is no IPv6.
    static Result<ListenSockets> bind(std::string_view address, unsigned workers, int backlog);
    int fd(unsigned worker) const;
    const Address& address() const;  // with the real port when 0 was asked for
};

// Accepts on one worker.
class Acceptor final {
 public:
    using OnAccept = std::function<void(int fd, const Address& peer)>;  // takes the descriptor over
    Acceptor(EventPoller& poller, Loop& loop, int fd, OnAccept on_accept);
    ~Acceptor();
    // Accepts until EAGAIN whatever the limit of a turn, then leaves the loop for good. For drain.
    void finish();
    void pause(bool paused);
};

}  // namespace weir::net
