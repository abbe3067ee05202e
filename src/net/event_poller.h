// EventPoller: the epoll of one worker, through libevent; the only place that sees an event_base. Sockets and watched
// descriptors register here. Besides wait() and wake() one thread only.
#pragma once

#include <functional>
#include <memory>

#include "net/loop.h"

namespace weir::net {

class EventPoller final : public Poller {
 public:
    EventPoller();
    ~EventPoller() override;
    void wait(Duration longest) override;
    void wake() override;

    // (socket registration for SocketTransport: embedded struct event, see socket_transport.h)
};

// A level-triggered watch on a descriptor it does not own: listening sockets, a signalfd.
class Watch final {
 public:
    Watch(EventPoller& poller, int fd, std::function<void()> on_readable);
    ~Watch();
    void enable(bool on);
};

}  // namespace weir::net
