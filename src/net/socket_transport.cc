#include "net/socket_transport.h"

#include "net/plain_socket.h"

namespace weir::net {

std::unique_ptr<Transport> adopt_socket(EventPoller& poller, Loop& loop, int fd, const Address& peer) {
    return std::make_unique<PlainSocket>(poller, loop, fd, peer);
}

std::unique_ptr<Transport> SocketDialer::dial(const Address& to) {
    return std::make_unique<PlainSocket>(poller_, loop_, to);
}

}  // namespace weir::net
