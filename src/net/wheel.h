// Wheel: the deadlines of one worker. A hashed wheel of 4 ms slots; timers are intrusive, arming and moving one
// allocates nothing. Deadlines move lazily: a later deadline only stores the time; when the old slot comes up the timer
// is put where it belongs now. Long deadlines are looked at on coarse 512 ms borders until they are near, so that an
// idle worker with thousands of them sleeps. No clock of its own, no loop: expire(now) is told the time. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/list.h"

namespace weir::net {

class Wheel;

// Who is told that a deadline came. May arm, cancel or destroy timers, the expired one too.
class TimerOwner {
 public:
    virtual void on_timer(class Timer& timer) = 0;

 protected:
    ~TimerOwner() = default;
};

// One deadline. Destroying it cancels it. Must not outlive its wheel while armed.
class Timer final : public ListHook<Timer> {
 public:
    Timer(Wheel& wheel, TimerOwner& owner) : wheel_(wheel), owner_(owner) {}
    ~Timer() { cancel(); }

    // Fires at `deadline` or up to one slot later, never before; one that has passed fires in the next slot. Arming an
    // armed timer moves it.
    void arm(TimePoint deadline);
    void cancel();
    bool armed() const { return linked(); }
    TimePoint deadline() const { return deadline_; }

 private:
    friend class Wheel;
    Wheel& wheel_;
    TimerOwner& owner_;
    TimePoint deadline_{};
    int64_t tick_ = 0;  // when the wheel will look at it, in slots since the clock's epoch: not past the deadline, but
                        // for one that was past already
};

class Wheel final {
 public:
    static constexpr Duration kSlot = std::chrono::milliseconds(4);
    static constexpr size_t kSlots = 4096;                               // 16.4 s around
    static constexpr Duration kCoarse = std::chrono::milliseconds(512);  // where far deadlines are looked at

    explicit Wheel(TimePoint now);

    // Calls the owners of all deadlines <= now, by slots. Timers armed by them for <= now wait for the next call.
    void expire(TimePoint now);
    // When expire() next has something to look at; none when no timer is armed.
    std::optional<TimePoint> next_wake() const;

 private:
    friend class Timer;
    static constexpr int64_t kCoarseTicks = kCoarse / kSlot;
    static constexpr size_t kWords = kSlots / 64;
    static_assert(kWords == 64, "one word says which words of occupied_ are not zero");

    void place(Timer& timer);
    void forget(int64_t tick);
    // The first occupied slot at or behind `from`, as a distance from it; none when all are empty.
    std::optional<size_t> occupied_from(size_t from) const;

    std::array<List<Timer, Timer>, kSlots> slots_;
    std::array<uint64_t, kWords> occupied_{};  // a bit for each slot that holds a timer
    uint64_t occupied_words_ = 0;              // a bit for each word of occupied_ that is not zero
    int64_t current_;                          // the last tick that expire() has worked off
};

}  // namespace weir::net
