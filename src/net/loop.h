// Loop: the turn of one worker. A turn waits in the poller, whose callbacks only mark, and then runs what was marked
// in a fixed order: posted tasks, expired timers, upstream jobs, downstream jobs, flushes, disposals. Upstream comes
// before downstream so that a FIN of this turn is seen before that connection is lent; flushes come last so that all
// that became writable for a connection leaves in one send.
// The loop knows no socket and no HTTP. One thread, but for post() and stop().
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
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

enum class Lane : uint8_t { upstream, downstream, flush };

// Something that must not be deleted inside its own callback: handed over with Loop::dispose().
class Disposable : public ListHook<Disposable> {
 public:
    virtual ~Disposable() = default;
};

class Loop final {
 public:
    Loop(Poller& poller, const Clock& clock);
    ~Loop();

    // Turns until stop(). The second form is one turn that waits at most `longest`.
    void run();
    void turn(Duration longest);
    // Ends run() after the current turn. Any thread.
    void stop();
    // Runs `task` on the loop's thread in its next turn; in order with other posts of the same thread. Any thread.
    // Tasks that are still waiting when the loop is destroyed are dropped unrun.
    void post(Task task);

    // This turn's time; does not move within a turn.
    TimePoint now() const { return now_; }
    WallTime wall() const { return wall_; }
    const Clock& clock() const { return clock_; }
    Wheel& wheel() { return wheel_; }
    SlabStore& slabs() { return slabs_; }

    void schedule(Job& job, Lane lane);
    // Deletes at the end of this turn.
    void dispose(std::unique_ptr<Disposable> object);
    // True when nothing waits in any lane: the next wait may sleep. For tests and for the idle check.
    bool quiet() const;
};

}  // namespace weir::net
