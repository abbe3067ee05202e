#include "net/loop.h"

#include <algorithm>
#include <utility>

namespace weir::net {

Loop::Loop(Poller& poller, const Clock& clock)
    : poller_(poller), clock_(clock), now_(clock.now()), wall_(clock.wall()), ended_(now_), wheel_(now_) {}

Loop::~Loop() {
    posted_.clear();  // they may own what disposes of more
    run_disposals();
}

void Loop::run() {
    ended_ = clock_.now();
    while (!stopping_.load(std::memory_order_acquire)) one_turn(kWithoutEnd);
    stopping_.store(false, std::memory_order_relaxed);
}

void Loop::turn(Duration longest) {
    ended_ = clock_.now();
    one_turn(longest);
}

void Loop::one_turn(Duration longest) {
    const Duration wait = wait_at_most(longest);
    busy_since_.store(0, std::memory_order_relaxed);
    poller_.wait(wait);
    now_ = clock_.now();
    wall_ = clock_.wall();
    busy_since_.store(now_.time_since_epoch().count(), std::memory_order_relaxed);
    turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);

    if (has_posts_.load(std::memory_order_acquire)) run_posted();
    wheel_.expire(now_);
    for (size_t lane = 0; lane < lanes_.size(); ++lane) run_lane(static_cast<Lane>(lane));
    if (turn_end_ != nullptr) turn_end_->run_job();
    run_disposals();

    ended_ = clock_.now();
    last_turn_ = ended_ - now_;
}

Duration Loop::wait_at_most(Duration longest) const {
    if (!quiet()) return Duration::zero();
    const std::optional<TimePoint> wake = wheel_.next_wake();
    if (!wake.has_value()) return longest;
    const Duration until = std::max(*wake - ended_, Duration::zero());
    return longest < Duration::zero() ? until : std::min(longest, until);
}

void Loop::stop() {
    stopping_.store(true, std::memory_order_release);
    poller_.wake();
}

void Loop::post(Task task) {
    bool first;
    {
        const std::lock_guard lock(posted_mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(task));
        has_posts_.store(true, std::memory_order_release);
    }
    if (first) poller_.wake();  // behind the others: the loop was woken for the first and takes all
}

void Loop::run_posted() {
    {
        const std::lock_guard lock(posted_mutex_);
        running_.swap(posted_);
        has_posts_.store(false, std::memory_order_relaxed);
    }
    for (Task& task : running_) task();
    running_.clear();
}

void Loop::schedule(Job& job, Lane lane) {
    if (!job.linked()) lanes_[static_cast<size_t>(lane)].push_back(job);
}

void Loop::run_lane(Lane lane) {
    List<Job, Job> due;  // what is scheduled from here on for this lane runs in the next turn
    due.splice_back(lanes_[static_cast<size_t>(lane)]);
    while (!due.empty()) due.pop_front().run_job();
}

void Loop::dispose(std::unique_ptr<Disposable> object) {
    disposals_.push_back(*object.release());
}

void Loop::run_disposals() {
    while (!disposals_.empty()) delete &disposals_.pop_front();
}

bool Loop::quiet() const {
    return disposals_.empty() && !has_posts_.load(std::memory_order_acquire) &&
           std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane.empty(); });
}

std::optional<TimePoint> Loop::busy_since() const {
    const int64_t since = busy_since_.load(std::memory_order_relaxed);
    if (since == 0) return std::nullopt;
    return TimePoint(Duration(since));
}

}  // namespace weir::net
