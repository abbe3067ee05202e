// EventPoller: the epoll of one worker, through libevent; the only place that makes an event_base. Sockets and watched
// descriptors register here. Besides wake() one thread only.
#pragma once

#include <functional>
#include <memory>

#include "net/loop.h"

struct event;
struct event_base;

namespace weir::net {

class Doubts;

class EventPoller final : public Poller {
 public:
    EventPoller();
    ~EventPoller() override;
    EventPoller(const EventPoller&) = delete;
    EventPoller& operator=(const EventPoller&) = delete;

    void wait(Duration longest) override;
    void wake() override;

    // For what registers here: PlainSocket and Watch.
    event_base* base() const { return base_; }
    Doubts& doubts() { return *doubts_; }

 private:
    void arm(Duration longest);

    event_base* base_;
    struct Alarm {
        event* timer = nullptr;
        bool armed = false;
        TimePoint at{};
    };
    Alarm alarm_;
    event* waker_;
    int wake_fd_;
    std::unique_ptr<Doubts> doubts_;
};

// A level-triggered watch on a descriptor it does not own: listening sockets, a signalfd. Enabled from the start.
// `on_readable` is called within the poller's wait and only marks.
class Watch final {
 public:
    Watch(EventPoller& poller, int fd, std::function<void()> on_readable);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    void enable(bool on);
    bool enabled() const { return enabled_; }

 private:
    std::function<void()> on_readable_;
    event* event_;
    bool enabled_ = false;
};

}  // namespace weir::net
