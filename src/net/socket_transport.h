// SocketTransport: Transport over a TCP or unix stream socket (accepted, or connecting), and the Dialer that makes
// them. Registered once with EV_READ|EV_WRITE|EV_CLOSED|EV_ET|EV_PERSIST; no epoll_ctl per request. EV_CLOSED is never
// a verdict, only recv() == 0 is.
#pragma once

#include "net/event_poller.h"
#include "net/transport.h"

namespace weir::net {

// Takes the descriptor of an accepted connection (non-blocking, close-on-exec); sets TCP_NODELAY and keep-alive.
std::unique_ptr<Transport> adopt_socket(EventPoller& poller, Loop& loop, int fd, const Address& peer);

class SocketDialer final : public Dialer {
 public:
    SocketDialer(EventPoller& poller, Loop& loop);
    std::unique_ptr<Transport> dial(const Address& to) override;
};

}  // namespace weir::net
