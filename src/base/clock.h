// Time: the steady clock that deadlines live on, and the wall clock that logs and headers show.
// Whoever needs time is given a Clock, so that tests drive it by hand.
#pragma once

#include <chrono>

namespace weir {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

class Clock {
 public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    virtual WallTime wall() const = 0;
};

// The kernel's CLOCK_MONOTONIC and CLOCK_REALTIME. Any thread.
class SystemClock final : public Clock {
 public:
    TimePoint now() const override { return std::chrono::steady_clock::now(); }
    WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// Time that stands still until it is moved. One thread.
class ManualClock final : public Clock {
 public:
    TimePoint now() const override { return now_; }
    WallTime wall() const override { return wall_; }
    void advance(Duration by) {
        now_ += by;
        wall_ += by;
    }

 private:
    TimePoint now_{std::chrono::hours(1)};
    WallTime wall_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace weir
