#include "net/event_poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {
struct Alarm final : net::TimerOwner {
    explicit Alarm(net::Loop& loop) : timer(loop.wheel(), *this) {}
    void on_timer(net::Timer&) override { ++fired; }
    net::Timer timer;
    int fired = 0;
};
}  // namespace

// The one test here that lets real time pass, for it is about the kernel's.
TEST_CASE("an idle worker with thousands of far deadlines and sockets wakes at most twice a second") {
    net::TcpBench bench;
    net::Loop& loop = bench.loop();
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (int i = 0; i < 5000; ++i) {
        alarms.push_back(std::make_unique<Alarm>(loop));
        alarms.back()->timer.arm(loop.now() + 5s + i * 11ms);
    }
    std::vector<net::TcpBench::Pair> pairs;
    for (int i = 0; i < 50; ++i) pairs.push_back(bench.pair());
    while (loop.turns() < 3) bench.turn();  // the first edges of the sockets
    Alarm end(loop);
    const TimePoint begin = SystemClock().now();
    end.timer.arm(begin + 2s);
    const uint64_t before = loop.turns();
    while (end.fired == 0) loop.turn(net::Loop::kWithoutEnd);
    const Duration slept = SystemClock().now() - begin;
    CHECK_GE(slept, 2s);
    CHECK_LE(slept, 2s + 500ms);
    CHECK_LE(loop.turns() - before, 4 + 2);  // twice a second, and the end's own border and slot
}

TEST_CASE("a wait ends at the next deadline, not before it") {
    net::SocketLoop bench;
    net::Loop& loop = bench.loop();
    for (const Duration wait : {1ms, 5ms, 23ms}) {
        Alarm alarm(loop);
        const TimePoint deadline = SystemClock().now() + wait;
        alarm.timer.arm(deadline);
        int turns = 0;
        for (; alarm.fired == 0; ++turns) loop.turn(net::Loop::kWithoutEnd);
        CHECK_GE(loop.now(), deadline);
        CHECK_LE(turns, 3);
    }
}

TEST_CASE("posts from another thread wake a worker that sleeps without end, in order") {
    net::SocketLoop bench;
    net::Loop& loop = bench.loop();
    constexpr int kPosts = 2000;
    int next = 0;
    std::thread poster([&] {
        for (int i = 0; i < kPosts; ++i) {
            loop.post([&, i] {
                if (next == i) ++next;
                if (i == kPosts - 1) loop.stop();
            });
        }
    });
    loop.run();
    poster.join();
    CHECK_EQ(next, kPosts);
}

TEST_CASE("a wake before the wait ends that wait, each time") {
    net::SocketLoop bench;
    for (int i = 0; i < 3; ++i) {
        bench.poller().wake();
        bench.poller().wake();
        bench.poller().wait(net::Loop::kWithoutEnd);
    }
}

TEST_CASE("a watch tells of its descriptor every turn until it is read, and not while it is disabled") {
    net::SocketLoop bench;
    const net::TestSocket counter(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    int told = 0;
    net::Watch watch(bench.poller(), counter.fd(), [&] { ++told; });
    bench.turn();
    CHECK_EQ(told, 0);
    eventfd_write(counter.fd(), 1);
    bench.turn();
    bench.turn();
    CHECK_EQ(told, 2);
    watch.enable(false);
    bench.turn();
    CHECK_EQ(told, 2);
    watch.enable(true);
    bench.turn();
    CHECK_EQ(told, 3);
    eventfd_t value;
    eventfd_read(counter.fd(), &value);
    bench.turn();
    CHECK_EQ(told, 3);
}
