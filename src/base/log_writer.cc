#include "base/log_writer.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"

namespace weir {

namespace {

constexpr int kNapMs = 15;

// Signals are for the threads that wait for them; and a dead pipe is to be an errno, not a SIGPIPE.
void block_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

// The lanes of one thread. Outlives its attachment until the writer has emptied it.
struct LogWriter::Channel {
    explicit Channel(LogBell& bell) : error(bell, kErrorRing), access(bell, kAccessRing) {}
    LogLane error;
    LogLane access;
    std::atomic<bool> detached{false};
};

LogWriter::Attachment::Attachment(Channel& channel) : channel_(&channel) {
    CHECK(log_detail::thread_lane() == nullptr);
    log_detail::set_thread_lane(&channel.error);
}

LogWriter::Attachment::~Attachment() {
    if (channel_ == nullptr) return;
    CHECK(log_detail::thread_lane() == &channel_->error);
    log_detail::set_thread_lane(nullptr);
    channel_->detached.store(true, std::memory_order_release);
}

LogLane& LogWriter::Attachment::access() {
    return channel_->access;
}

LogWriter::LogWriter(int error_fd, int access_fd, Duration shutdown)
    : shutdown_(shutdown), error_(error_fd), access_(access_fd), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    bell_.wake();
    thread_.join();
    for (const auto& channel : channels_) CHECK(channel->detached.load(std::memory_order_acquire));
}

LogWriter::Attachment LogWriter::attach() {
    auto made = std::make_unique<Channel>(bell_);
    Channel& channel = *made;
    {
        const std::lock_guard lock(mutex_);
        channels_.push_back(std::move(made));
    }
    bell_.wake();  // the writer's list of lanes is out of date, so it must not sleep on it
    return Attachment(channel);
}

bool LogWriter::flush(Duration bound) {
    std::unique_lock lock(mutex_);
    const uint64_t mine = ++flush_wanted_;
    bell_.wake();
    return flushed_.wait_for(lock, bound, [&] { return flush_done_ >= mine; });
}

LogWriter::Dropped LogWriter::dropped() const {
    const std::lock_guard lock(mutex_);
    Dropped sum = of_detached_;
    for (const auto& channel : channels_) {
        sum.error += channel->error.dropped();
        sum.access += channel->access.dropped();
    }
    sum.error += error_.dropped() + log_dropped_without_lane();
    sum.access += access_.dropped();
    return sum;
}

void LogWriter::run() {
    block_signals();
    TimePoint give_up = TimePoint::max();
    for (;;) {
        const bool stopping = begin_pass();
        drain_all();
        end_pass();
        if (stopping) {
            const TimePoint now = std::chrono::steady_clock::now();
            give_up = std::min(give_up, now + shutdown_);
            if (!blocked() || now >= give_up) break;
        }
        wait();
    }
    error_.abandon(error_lanes_);
    access_.abandon(access_lanes_);
}

// Lets go of channels that nobody writes to any more, notes the lanes and flushes there are, and returns whether this
// is to end.
bool LogWriter::begin_pass() {
    const std::lock_guard lock(mutex_);
    std::erase_if(channels_, [this](const std::unique_ptr<Channel>& channel) {
        if (!channel->detached.load(std::memory_order_acquire)) return false;
        if (!channel->error.ring().empty() || !channel->access.ring().empty()) return false;
        of_detached_.error += channel->error.dropped();
        of_detached_.access += channel->access.dropped();
        return true;
    });
    error_lanes_.clear();
    access_lanes_.clear();
    for (const auto& channel : channels_) {
        error_lanes_.push_back(&channel->error);
        access_lanes_.push_back(&channel->access);
    }
    flush_seen_ = flush_wanted_;
    return stopping_;
}

void LogWriter::drain_all() {
    error_state_ = error_.drain(error_lanes_);
    access_state_ = access_.drain(access_lanes_);
}

// Tells those who wait for a flush.
void LogWriter::end_pass() {
    if (blocked()) return;
    const std::lock_guard lock(mutex_);
    if (flush_done_ == flush_seen_) return;
    flush_done_ = flush_seen_;
    flushed_.notify_all();
}

bool LogWriter::blocked() const {
    return error_state_ == LogDrain::State::blocked || access_state_ == LogDrain::State::blocked;
}

bool LogWriter::lanes_empty() const {
    const auto empty = [](LogLane* lane) { return lane->ring().empty(); };
    return std::all_of(error_lanes_.begin(), error_lanes_.end(), empty) &&
           std::all_of(access_lanes_.begin(), access_lanes_.end(), empty);
}

// Blocked: until there is room, or a nap; whoever writes to a blocked output shall not ring for it. After lines: a nap,
// for more will come. Else sleep until a line comes.
void LogWriter::wait() {
    struct pollfd waits[3] = {{bell_.descriptor(), POLLIN, 0}, {}, {}};
    nfds_t count = 1;
    if (error_state_ == LogDrain::State::blocked) waits[count++] = {error_.descriptor(), POLLOUT, 0};
    if (access_state_ == LogDrain::State::blocked) waits[count++] = {access_.descriptor(), POLLOUT, 0};
    int timeout = kNapMs;
    if (count == 1) {
        if (error_state_ == LogDrain::State::moved || access_state_ == LogDrain::State::moved) {
            bell_.about_to_nap();
        } else {
            bell_.about_to_sleep();
            timeout = lanes_empty() ? -1 : 0;
        }
    }
    ::poll(waits, count, timeout);
    bell_.awake();
    if (waits[0].revents != 0) bell_.silence();
}

}  // namespace weir
