// Socket transports: over accepted TCP or unix stream sockets, and the Dialer that opens connections to endpoints. How
// they work stands in plain_socket.h. Nothing here resolves names. The worker's thread.
#pragma once

#include <memory>

#include "net/event_poller.h"
#include "net/tls_workshop.h"
#include "net/transport.h"

namespace weir::net {

// Takes the descriptor of an accepted connection (non-blocking, close-on-exec) over. Its options (TCP_NODELAY,
// keep-alive) are those of the socket it was accepted from; see socket_options.h.
std::unique_ptr<Transport> adopt_socket(EventPoller& poller, Loop& loop, int fd, const Address& peer);

class SocketDialer final : public Dialer {
 public:
    SocketDialer(EventPoller& poller, Loop& loop) : poller_(poller), loop_(loop), tls_(loop) {}
    std::unique_ptr<Transport> dial(const Address& to) override;
    TlsWorkshop* tls_workshop() override { return &tls_; }

 private:
    EventPoller& poller_;
    Loop& loop_;
    TlsWorkshop tls_;
};

}  // namespace weir::net
