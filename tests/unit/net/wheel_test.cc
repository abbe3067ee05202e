#include "net/wheel.h"

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Timer;
using net::Wheel;

namespace {

const TimePoint kStart = TimePoint(1h);

// A timer, when it fired, and what it does then.
struct Alarm final : net::TimerOwner {
    explicit Alarm(Wheel& wheel) : timer(wheel, *this) {}
    void on_timer(Timer&) override {
        ++fired;
        if (then) then();
    }
    Timer timer;
    int fired = 0;
    std::function<void()> then;
};

// Turns as an idle worker does, from wake to wake, up to `end`; returns how often it woke.
int sleep_until(Wheel& wheel, TimePoint end) {
    int wakes = 0;
    while (wheel.next_wake().has_value() && *wheel.next_wake() <= end) {
        wheel.expire(*wheel.next_wake());
        ++wakes;
    }
    wheel.expire(end);
    return wakes;
}

}  // namespace

TEST_CASE("a timer fires at its deadline or up to one slot later, never before") {
    Wheel wheel(kStart);
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        Alarm alarm(wheel);
        const TimePoint now = kStart + i * 50s;
        wheel.expire(now);
        const Duration wait = std::chrono::microseconds(1 + random() % 40'000'000);
        alarm.timer.arm(now + wait);
        TimePoint woken = now;
        while (alarm.fired == 0) {
            REQUIRE(wheel.next_wake().has_value());
            REQUIRE_GT(*wheel.next_wake(), woken);
            woken = *wheel.next_wake();
            wheel.expire(woken);
        }
        REQUIRE_GE(woken, now + wait);
        REQUIRE_LE(woken, now + wait + Wheel::kSlot);
    }
}

TEST_CASE("timers fire in the order of their slots, also when the clock jumps far over all of them") {
    Wheel wheel(kStart);
    std::vector<int> order;
    std::vector<std::unique_ptr<Alarm>> alarms;
    const Duration waits[] = {9s, 100ms, 1h, 16s, 4ms, 17s};
    for (const Duration wait : waits) {
        alarms.push_back(std::make_unique<Alarm>(wheel));
        alarms.back()->then = [&order, i = static_cast<int>(alarms.size()) - 1] { order.push_back(i); };
        alarms.back()->timer.arm(kStart + wait);
    }
    wheel.expire(kStart + 8s);
    CHECK_EQ(order, std::vector<int>{4, 1});
    wheel.expire(kStart + 2h);
    CHECK_EQ(order.size(), 6);
    CHECK_FALSE(wheel.next_wake().has_value());
}

TEST_CASE("the wheel goes around: deadlines further away than all of its slots wait their time") {
    Wheel wheel(kStart);
    Alarm near(wheel);
    Alarm far(wheel);
    const Duration around = Wheel::kSlot * static_cast<int64_t>(Wheel::kSlots);
    near.timer.arm(kStart + 100ms);
    far.timer.arm(kStart + around + 100ms);  // would stand in the same slot
    wheel.expire(kStart + 100ms);
    CHECK_EQ(near.fired, 1);
    CHECK_EQ(far.fired, 0);
    sleep_until(wheel, kStart + around + 96ms);
    CHECK_EQ(far.fired, 0);
    sleep_until(wheel, kStart + around + 100ms);
    CHECK_EQ(far.fired, 1);
}

TEST_CASE("a deadline moved later does not fire early") {
    Wheel wheel(kStart);
    Alarm alarm(wheel);
    alarm.timer.arm(kStart + 100ms);
    alarm.timer.arm(kStart + 300ms);
    wheel.expire(kStart + 100ms);
    wheel.expire(kStart + 296ms);
    CHECK_EQ(alarm.fired, 0);
    CHECK(alarm.timer.armed());
    wheel.expire(kStart + 300ms);
    CHECK_EQ(alarm.fired, 1);
    CHECK_FALSE(alarm.timer.armed());
}

TEST_CASE("a deadline moved earlier fires at the earlier time, once") {
    Wheel wheel(kStart);
    Alarm alarm(wheel);
    alarm.timer.arm(kStart + 1h);
    alarm.timer.arm(kStart + 8ms);
    CHECK_EQ(*wheel.next_wake(), kStart + 8ms);
    wheel.expire(kStart + 8ms);
    CHECK_EQ(alarm.fired, 1);
    sleep_until(wheel, kStart + 2h);
    CHECK_EQ(alarm.fired, 1);
}

TEST_CASE("a canceled or destroyed timer neither fires nor wakes anybody") {
    Wheel wheel(kStart);
    Alarm canceled(wheel);
    canceled.timer.arm(kStart + 100ms);
    canceled.timer.cancel();
    { Alarm(wheel).timer.arm(kStart + 200ms); }
    CHECK_FALSE(wheel.next_wake().has_value());
    wheel.expire(kStart + 1s);
    CHECK_EQ(canceled.fired, 0);
    canceled.timer.cancel();
}

TEST_CASE("a timer canceled beside another one of its slot leaves that one standing") {
    Wheel wheel(kStart);
    Alarm gone(wheel);
    Alarm stays(wheel);
    gone.timer.arm(kStart + 99ms);
    stays.timer.arm(kStart + 100ms);
    gone.timer.cancel();
    REQUIRE(wheel.next_wake().has_value());
    wheel.expire(*wheel.next_wake());
    CHECK_EQ(stays.fired, 1);
}

TEST_CASE("a callback may arm, cancel and destroy timers, its own too") {
    Wheel wheel(kStart);
    Alarm again(wheel);
    again.then = [&] {
        if (again.fired < 3) again.timer.arm(kStart);  // long past: still not within this call
    };
    auto victim = std::make_unique<Alarm>(wheel);
    Alarm neighbour(wheel);
    auto own = std::make_unique<Alarm>(wheel);
    Alarm killer(wheel);
    killer.then = [&] {
        victim.reset();
        neighbour.timer.cancel();
    };
    own->then = [&] { own.reset(); };
    killer.timer.arm(kStart + 4ms);
    again.timer.arm(kStart + 4ms);
    own->timer.arm(kStart + 4ms);
    victim->timer.arm(kStart + 8ms);
    neighbour.timer.arm(kStart + 8ms);
    wheel.expire(kStart + 20ms);
    CHECK_EQ(killer.fired, 1);
    CHECK_EQ(own, nullptr);
    CHECK_EQ(victim, nullptr);
    CHECK_EQ(neighbour.fired, 0);
    CHECK_EQ(again.fired, 1);
    wheel.expire(kStart + 24ms);
    CHECK_EQ(again.fired, 2);
    wheel.expire(kStart + 28ms);
    CHECK_EQ(again.fired, 3);
    CHECK_FALSE(wheel.next_wake().has_value());
}

TEST_CASE("a callback that moves a deadline which is due in the same call keeps it from firing") {
    Wheel wheel(kStart);
    Alarm mover(wheel);
    Alarm moved(wheel);
    mover.then = [&] { moved.timer.arm(kStart + 1s); };
    mover.timer.arm(kStart + 4ms);
    moved.timer.arm(kStart + 8ms);
    wheel.expire(kStart + 100ms);
    CHECK_EQ(moved.fired, 0);
    sleep_until(wheel, kStart + 1s);
    CHECK_EQ(moved.fired, 1);
}

TEST_CASE("thousands of deadlines that move on before they come wake a worker at most twice a second") {
    for (const Duration nearest : {2s, 60s}) {
        Wheel wheel(kStart);
        std::vector<std::unique_ptr<Alarm>> alarms;
        for (int i = 0; i < 3000; ++i) alarms.push_back(std::make_unique<Alarm>(wheel));
        TimePoint now = kStart;
        for (int second = 0; second < 100; ++second) {
            for (int i = 0; i < 3000; ++i) alarms[static_cast<size_t>(i)]->timer.arm(now + nearest + i * 1ms);
            now += 1s;
            REQUIRE_LE(sleep_until(wheel, now), 2);
        }
        for (const auto& alarm : alarms) REQUIRE_EQ(alarm->fired, 0);
    }
}

TEST_CASE("a deadline at the end of time is never reached") {
    Wheel wheel(kStart);
    Alarm alarm(wheel);
    alarm.timer.arm(TimePoint::max());
    sleep_until(wheel, kStart + 24h);
    CHECK_EQ(alarm.fired, 0);
    CHECK(alarm.timer.armed());
}
