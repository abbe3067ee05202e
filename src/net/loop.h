// Loop: the turn of one worker. A turn waits in the poller, whose callbacks only mark, and then runs what was marked
// in a fixed order: posted tasks, expired timers, the lanes, the job of the turn's end, disposals. Upstream comes
// before downstream so that a FIN of this turn is seen before that connection is lent; flushes come last so that all
// that became writable for a connection leaves in one send. What is read is read in a row and then worked on in a row:
// taking turns, the kernel's code and ours would push each other out of the caches.
// The loop knows no socket and no HTTP. One thread, but for what says "any thread".
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/list.h"
#include "base/slab.h"
#include "base/task.h"
#include "net/wheel.h"

namespace weir::net {

// Where a turn waits for the outside: epoll through libevent, or a test's hand.
class Poller {
 public:
    virtual ~Poller() = default;
    // Waits up to `longest` (zero: only looks; negative: without end) and runs the callbacks of what happened.
    virtual void wait(Duration longest) = 0;
    // Ends a wait() that runs or comes. Any thread.
    virtual void wake() = 0;
};

// Work for a later phase of this turn (or of the next one, when its phase has passed). Put on a lane at most once at a
// time; leaves it when destroyed.
class Job : public ListHook<Job> {
 public:
    virtual void run_job() = 0;

 protected:
    ~Job() = default;
};

// The phases of a turn's jobs, in their order.
enum class Lane : uint8_t { upstream_read, upstream, downstream_read, downstream, flush, count_ };

// Something that must not be deleted inside its own callback: handed over with Loop::dispose().
class Disposable : public ListHook<Disposable> {
 public:
    virtual ~Disposable() = default;
};

class Loop final {
 public:
    static constexpr Duration kWithoutEnd = Duration(-1);

    Loop(Poller& poller, const Clock& clock);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Turns until stop(). The second form is one turn that waits at most `longest`, negative: without end.
    void run();
    void turn(Duration longest);
    // Ends run() after the current turn; one that comes before run() ends it at once. Any thread.
    void stop();
    // Runs `task` on the loop's thread in its next turn; in order with other posts of the same thread. Any thread.
    // Tasks that are still waiting when the loop is destroyed are dropped unrun.
    void post(Task task);

    // This turn's time; does not move within a turn.
    TimePoint now() const { return now_; }
    WallTime wall() const { return wall_; }
    Wheel& wheel() { return wheel_; }
    SlabStore& slabs() { return slabs_; }

    // A job that stands on a lane already stays where it is.
    void schedule(Job& job, Lane lane);
    // Deletes at the end of this turn.
    void dispose(std::unique_ptr<Disposable> object);
    // Does so now: for what was given up after the last turn.
    void run_disposals();
    // The one job that runs at the end of every turn, before the disposals; null takes it away.
    void at_turn_end(Job* job) { turn_end_ = job; }
    // True when nothing waits in any lane: the next wait may sleep. For tests and for the idle check.
    bool quiet() const;

    // From the poller's return to the end of the turn, of the last turn: the lag that a new event had to bear.
    Duration last_turn() const { return last_turn_; }
    // The heartbeat. Turns begun so far; and since when the loop works at the current one, none while it waits for
    // something to do. Any thread.
    uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }
    std::optional<TimePoint> busy_since() const;

 private:
    void one_turn(Duration longest);
    Duration wait_at_most(Duration longest) const;
    void run_posted();
    void run_lane(Lane lane);

    Poller& poller_;
    const Clock& clock_;
    TimePoint now_;
    WallTime wall_;
    TimePoint ended_;  // the last look at the clock: the end of the last turn
    Duration last_turn_{};

    SlabStore slabs_;  // before all that may hold slabs
    Wheel wheel_;
    std::array<List<Job, Job>, static_cast<size_t>(Lane::count_)> lanes_;
    Job* turn_end_ = nullptr;
    List<Disposable, Disposable> disposals_;

    std::atomic<uint64_t> turns_{0};      // written by the loop's thread alone
    std::atomic<int64_t> busy_since_{0};  // likewise; nanoseconds of the clock, 0 while waiting

    std::atomic<bool> stopping_{false};
    std::atomic<bool> has_posts_{false};  // spares a turn without posts the mutex
    std::mutex posted_mutex_;
    std::vector<Task> posted_;   // under posted_mutex_
    std::vector<Task> running_;  // the loop's thread; keeps its capacity
};

}  // namespace weir::net
