#include "net/loop.h"

#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Lane;
using net::Loop;

namespace {

// A poller that remembers how long it should have waited; on_wait stands for what happens outside.
struct RecordingPoller final : net::Poller {
    void wait(Duration longest) override {
        waited = longest;
        if (on_wait) on_wait();
    }
    void wake() override { ++wakes; }
    Duration waited{};
    std::atomic<int> wakes{0};
    std::function<void()> on_wait;
};

// A poller that sleeps until it is woken, as a worker's does.
struct SleepingPoller final : net::Poller {
    void wait(Duration longest) override {
        std::unique_lock lock(mutex);
        if (longest != Duration::zero()) changed.wait(lock, [this] { return woken; });
        woken = false;
    }
    void wake() override {
        const std::lock_guard lock(mutex);
        woken = true;
        changed.notify_one();
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
};

struct Step final : net::Job {
    explicit Step(std::function<void()> f) : action(std::move(f)) {}
    void run_job() override { action(); }
    std::function<void()> action;
};

struct Grave final : net::Disposable {
    explicit Grave(std::function<void()> f) : action(std::move(f)) {}
    ~Grave() override { action(); }
    std::function<void()> action;
};

struct Alarm final : net::TimerOwner {
    Alarm(Loop& loop, std::function<void()> f) : timer(loop.wheel(), *this), action(std::move(f)) {}
    void on_timer(net::Timer&) override { action(); }
    net::Timer timer;
    std::function<void()> action;
};

struct Bench {
    RecordingPoller poller;
    ManualClock clock;
    Loop loop{poller, clock};
    std::string order;
    std::function<void()> note(const char* word) {
        return [this, word] { order += word; };
    }
};

}  // namespace

TEST_CASE("a turn runs its phases in the fixed order, whatever the order of marking") {
    Bench bench;
    Loop& loop = bench.loop;
    Step flush(bench.note("flush ")), down(bench.note("downstream ")), up(bench.note("upstream "));
    Step down_read(bench.note("downstream-read ")), up_read(bench.note("upstream-read "));
    Alarm alarm(loop, bench.note("timer "));
    alarm.timer.arm(loop.now() + 4ms);
    bench.clock.advance(4ms);
    bench.poller.on_wait = [&] {
        bench.order += "wait ";
        loop.dispose(std::make_unique<Grave>(bench.note("disposal")));
        loop.schedule(flush, Lane::flush);
        loop.schedule(down, Lane::downstream);
        loop.schedule(down_read, Lane::downstream_read);
        loop.schedule(up, Lane::upstream);
        loop.schedule(up_read, Lane::upstream_read);
        loop.post(bench.note("post "));
    };
    loop.turn(1s);
    CHECK_EQ(bench.order, "wait post timer upstream-read upstream downstream-read downstream flush disposal");
    CHECK(loop.quiet());
}

TEST_CASE("work for a later phase runs in this turn, work for this phase or an earlier one in the next") {
    Bench bench;
    Loop& loop = bench.loop;
    Step flush(bench.note("flush ")), up_again(bench.note("upstream "));
    Step down([&] {
        bench.order += "downstream ";
        loop.schedule(flush, Lane::flush);
        loop.schedule(up_again, Lane::upstream);
        loop.schedule(down, Lane::downstream);
    });
    loop.schedule(down, Lane::downstream);
    loop.turn(1s);
    CHECK_EQ(bench.order, "downstream flush ");
    CHECK_FALSE(loop.quiet());
    bench.order.clear();
    loop.turn(1s);
    CHECK_EQ(bench.poller.waited, Duration::zero());
    CHECK_EQ(bench.order, "upstream downstream flush ");
}

TEST_CASE("a job that is scheduled twice runs once, and one that was destroyed not at all") {
    Bench bench;
    Step twice(bench.note("once "));
    {
        Step gone(bench.note("never "));
        bench.loop.schedule(gone, Lane::upstream);
        bench.loop.schedule(twice, Lane::upstream);
        bench.loop.schedule(twice, Lane::upstream);
    }
    bench.loop.turn(0s);
    CHECK_EQ(bench.order, "once ");
}

TEST_CASE("a job may destroy the next one of its lane") {
    Bench bench;
    auto victim = std::make_unique<Step>(bench.note("never "));
    Step killer([&] { victim.reset(); });
    bench.loop.schedule(killer, Lane::upstream);
    bench.loop.schedule(*victim, Lane::upstream);
    bench.loop.turn(0s);
    CHECK_EQ(bench.order, "");
}

TEST_CASE("disposal happens at the end of the turn, behind the flushes, and takes in what it disposes of itself") {
    Bench bench;
    Loop& loop = bench.loop;
    Step flush(bench.note("flush "));
    Step up([&] {
        loop.dispose(std::make_unique<Grave>([&] {
            bench.order += "outer ";
            loop.dispose(std::make_unique<Grave>(bench.note("inner ")));
        }));
        bench.order += "upstream ";
        loop.schedule(flush, Lane::flush);
    });
    loop.schedule(up, Lane::upstream);
    loop.turn(0s);
    CHECK_EQ(bench.order, "upstream flush outer inner ");
}

TEST_CASE("what was handed over for disposal is deleted with the loop at the latest") {
    std::string order;
    {
        RecordingPoller poller;
        ManualClock clock;
        Loop loop(poller, clock);
        loop.dispose(std::make_unique<Grave>([&] { order += "deleted"; }));
        loop.post([&] { order += "never"; });
    }
    CHECK_EQ(order, "deleted");
}

TEST_CASE("a turn waits until the next deadline, but not longer than it was told") {
    Bench bench;
    Loop& loop = bench.loop;
    loop.turn(Loop::kWithoutEnd);
    CHECK_LT(bench.poller.waited, Duration::zero());
    Alarm alarm(loop, bench.note("timer "));
    alarm.timer.arm(loop.now() + 100ms);
    loop.turn(40ms);
    CHECK_EQ(bench.poller.waited, 40ms);
    loop.turn(Loop::kWithoutEnd);
    CHECK_EQ(bench.poller.waited, 100ms);
    bench.clock.advance(60ms);
    loop.turn(1s);
    CHECK_EQ(bench.poller.waited, 40ms);
    bench.clock.advance(1s);
    loop.turn(1s);
    CHECK_EQ(bench.poller.waited, Duration::zero());
    CHECK_EQ(bench.order, "timer ");
}

TEST_CASE("time stands still within a turn and moves between turns") {
    Bench bench;
    Loop& loop = bench.loop;
    TimePoint seen;
    Step up([&] {
        seen = loop.now();
        bench.clock.advance(7ms);
    });
    Step down([&] { CHECK_EQ(loop.now(), seen); });
    loop.schedule(up, Lane::upstream);
    loop.schedule(down, Lane::downstream);
    loop.turn(0s);
    CHECK_EQ(loop.last_turn(), 7ms);
    const WallTime wall = loop.wall();
    loop.turn(0s);
    CHECK_EQ(loop.now(), seen + 7ms);
    CHECK_EQ(loop.wall(), wall + 7ms);
}

TEST_CASE("a post wakes the poller once, not for each task that waits already") {
    Bench bench;
    for (int i = 0; i < 3; ++i) bench.loop.post(bench.note("x"));
    CHECK_EQ(bench.poller.wakes, 1);
    CHECK_FALSE(bench.loop.quiet());
    bench.loop.turn(1s);
    CHECK_EQ(bench.order, "xxx");
    bench.loop.post(bench.note("y"));
    CHECK_EQ(bench.poller.wakes, 2);
}

TEST_CASE("a task posted by a task runs in the next turn") {
    Bench bench;
    bench.loop.post([&] {
        bench.order += "first ";
        bench.loop.post(bench.note("second "));
    });
    bench.loop.turn(1s);
    CHECK_EQ(bench.order, "first ");
    bench.loop.turn(1s);
    CHECK_EQ(bench.poller.waited, Duration::zero());
    CHECK_EQ(bench.order, "first second ");
}

TEST_CASE("posts from other threads arrive, each thread's in order") {
    SleepingPoller poller;
    SystemClock clock;
    Loop loop(poller, clock);
    constexpr int kThreads = 3;
    constexpr int kPosts = 3000;
    int next[kThreads] = {};
    int arrived = 0;
    bool ordered = true;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kPosts; ++i) {
                loop.post([&, t, i] {
                    ordered = ordered && next[t] == i;
                    next[t] = i + 1;
                    if (++arrived == kThreads * kPosts) loop.stop();
                });
            }
        });
    }
    loop.run();
    for (std::thread& thread : threads) thread.join();
    CHECK(ordered);
    CHECK_EQ(arrived, kThreads * kPosts);
}

TEST_CASE("stop ends run from another thread, and also a run that has not begun") {
    SleepingPoller poller;
    SystemClock clock;
    Loop loop(poller, clock);
    loop.stop();
    loop.run();
    CHECK_EQ(loop.turns(), 0);
    std::thread stopper([&] { loop.stop(); });
    loop.run();
    stopper.join();
}

TEST_CASE("the heartbeat tells a loop that works from one that waits") {
    Bench bench;
    Loop& loop = bench.loop;
    bench.poller.on_wait = [&] { CHECK_FALSE(loop.busy_since().has_value()); };
    Step up([&] { CHECK_EQ(loop.busy_since().value(), loop.now()); });
    loop.schedule(up, Lane::upstream);
    loop.turn(0s);
    loop.turn(0s);
    CHECK_EQ(loop.turns(), 2);
}
