#include "net/event_poller.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/check.h"
#include "net/doubts.h"
#include "net/event_memory.h"

namespace weir::net {

namespace {

event_base* make_base() {
    give_libevent_its_memory();
    event_config* config = event_config_new();
    CHECK(config != nullptr);
    // Nobody else touches the base: no locks. Callbacks arm no timers: no time to keep for them. The clock stays the
    // coarse one: the precise one would cost a timerfd_settime a turn, and the wheel looks at the time itself.
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV | EVENT_BASE_FLAG_NO_CACHE_TIME);
    event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE);
    event_base* base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

// The clock that libevent goes by too; a tick of the kernel behind at most, and the cheapest to read.
TimePoint coarse_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return TimePoint(std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec));
}

void on_alarm(evutil_socket_t, short, void* armed) {
    *static_cast<bool*>(armed) = false;
}

void on_wake(evutil_socket_t, short, void*) {}

void on_watch(evutil_socket_t, short, void* on_readable) {
    (*static_cast<std::function<void()>*>(on_readable))();
}

}  // namespace

EventPoller::EventPoller() : base_(make_base()) {
    CHECK(base_ != nullptr);
    alarm_.timer = event_new(base_, -1, 0, &on_alarm, &alarm_.armed);
    CHECK(alarm_.timer != nullptr);
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(wake_fd_ >= 0);
    // Edge-triggered: each write is an edge, so the counter is never read; it would take centuries to fill.
    waker_ = event_new(base_, wake_fd_, EV_READ | EV_ET | EV_PERSIST, &on_wake, nullptr);
    CHECK(waker_ != nullptr);
    CHECK(event_add(waker_, nullptr) == 0);
    doubts_ = std::make_unique<Doubts>(base_);
}

EventPoller::~EventPoller() {
    doubts_.reset();
    event_free(waker_);
    event_free(alarm_.timer);
    event_base_free(base_);
    close(wake_fd_);
}

void EventPoller::wait(Duration longest) {
    int flags = EVLOOP_ONCE;
    if (longest == Duration::zero()) flags |= EVLOOP_NONBLOCK;
    if (longest > Duration::zero()) arm(longest);
    CHECK(event_base_loop(base_, flags) == 0);
}

// libevent has no "loop once, at most so long", so an alarm ends the wait. One that is armed early enough is kept: to
// move it costs more than all else in a quiet turn. It then wakes us once for nothing, and is armed for the right time.
void EventPoller::arm(Duration longest) {
    // An hour is as good as no end, and far from the limits of libevent's arithmetic.
    const Duration wait = std::min(longest, Duration(std::chrono::hours(1)));
    const TimePoint until = coarse_now() + wait;
    if (alarm_.armed && alarm_.at <= until) return;
    const auto micros = std::chrono::ceil<std::chrono::microseconds>(wait).count();
    const timeval after{micros / 1'000'000, micros % 1'000'000};
    CHECK(event_add(alarm_.timer, &after) == 0);
    alarm_.armed = true;
    alarm_.at = until;
}

void EventPoller::wake() {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

Watch::Watch(EventPoller& poller, int fd, std::function<void()> on_readable)
    : on_readable_(std::move(on_readable)),
      event_(event_new(poller.base(), fd, EV_READ | EV_PERSIST, &on_watch, &on_readable_)) {
    CHECK(event_ != nullptr);
    enable(true);
}

Watch::~Watch() {
    event_free(event_);
}

void Watch::enable(bool on) {
    if (on == enabled_) return;
    CHECK((on ? event_add(event_, nullptr) : event_del(event_)) == 0);
    enabled_ = on;
}

}  // namespace weir::net
