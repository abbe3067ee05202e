// A worker's connections to one endpoint, on memory transports and manual time.
#include "upstream/connection_pool.h"

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "tests/unit/upstream/pool_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

class Bench final : public PoolBench {
 public:
    // A connection that has carried one request, whose answer was `answer`.
    void use(std::string_view answer = kEmptyAnswer) {
        Lease lease = this->lease();
        REQUIRE(lease);
        carry(lease, *backends.back(), answer);
        give_back(lease);
    }
};

}  // namespace

TEST_CASE("a connection is made once and lent again as long as it is clean") {
    Bench bench;
    for (int i = 0; i < 5; ++i) bench.use();
    CHECK_EQ(bench.backends.size(), 1);
    CHECK_EQ(bench.connections.idle(), 1);
    CHECK_EQ(bench.endpoint.series.cells(0).reuse_total.value(), 4);
}

TEST_CASE("a connection is not lent again after what makes its state doubtful") {
    const char* const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5, max=0\r\n\r\n",
    };
    for (const char* answer : answers) {
        CAPTURE(answer);
        Bench bench;
        bench.use(answer);
        CHECK(bench.backends[0]->closed());
        CHECK_EQ(bench.connections.idle(), 0);
    }
}

TEST_CASE("an idle connection goes with its peer, with a stray byte, and with idle_timeout") {
    Bench fin;
    fin.use();
    fin.backends[0]->finish();
    fin.run();
    CHECK_EQ(fin.connections.idle(), 0);

    Bench stray;
    stray.use();
    stray.backends[0]->send("H");
    stray.run();
    CHECK(stray.backends[0]->closed());
    CHECK_EQ(stray.connections.idle(), 0);

    Bench old;
    old.use();
    old.advance(59s);
    CHECK_EQ(old.connections.idle(), 1);
    old.advance(2s);
    CHECK_EQ(old.connections.idle(), 0);
}

TEST_CASE("an idle connection goes before the time that the backend announced") {
    Bench bench;
    bench.use("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n");
    bench.advance(3900ms);
    CHECK_EQ(bench.connections.idle(), 1);
    bench.advance(200ms);
    CHECK_EQ(bench.connections.idle(), 0);
    CHECK(bench.backends[0]->closed());
}

TEST_CASE("a time that the backend announced once ends nothing when its next answer names none") {
    Bench bench;
    bench.plan.idle_timeout = Duration::zero();  // no limit
    bench.use("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n");
    bench.use();
    CHECK_EQ(bench.backends.size(), 1);
    bench.advance(1min);
    CHECK_EQ(bench.connections.idle(), 1);
}

TEST_CASE("no more idle connections are kept than the plan says") {
    Bench bench;
    Waiter waiters[4];
    for (Waiter& waiter : waiters) bench.connections.acquire(bench.plan, waiter);
    bench.run();
    for (size_t i = 0; i < 4; ++i)
        bench.carry(waiters[i].got, *bench.backends[i], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for (Waiter& waiter : waiters) waiter.got.release();
    bench.run();
    CHECK_EQ(bench.connections.idle(), 2);
    CHECK_EQ(bench.endpoint.series.cells(0).connections_idle.value(), 2);
    CHECK_EQ(bench.endpoint.series.cells(0).connections_active.value(), 0);
}

TEST_CASE("a waiter is told why there is no connection") {
    Bench refused;
    refused.accept_dials = false;
    Waiter first;
    refused.connections.acquire(refused.plan, first);
    refused.backends[0]->refuse(ECONNREFUSED);
    refused.run();
    CHECK_EQ(first.error.value_or(0), ECONNREFUSED);

    Bench late;
    late.accept_dials = false;
    Waiter second;
    late.connections.acquire(late.plan, second);
    late.advance(1100ms);
    CHECK_EQ(second.error.value_or(0), ETIMEDOUT);
    CHECK(late.backends[0]->closed());
}

TEST_CASE("a waiter that withdraws is not told, and its connection is spare") {
    Bench bench;
    bench.accept_dials = false;
    {
        Waiter gone;
        bench.connections.acquire(bench.plan, gone);
    }
    bench.backends[0]->accept();
    bench.run();
    CHECK_EQ(bench.connections.idle(), 1);
    bench.accept_dials = true;
    bench.use();
    CHECK_EQ(bench.backends.size(), 1);
}

TEST_CASE("a connection that comes back serves who waits, before the one that is being made") {
    Bench bench;
    Waiter first;
    bench.connections.acquire(bench.plan, first);
    bench.run();
    bench.accept_dials = false;
    Waiter second;
    bench.connections.acquire(bench.plan, second);
    bench.carry(first.got, *bench.backends[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const http::ClientStream* const on = &first.got.stream();
    first.got.release();
    bench.run();
    REQUIRE(second.got);
    CHECK_EQ(&second.got.stream(), on);
    bench.backends[1]->accept();
    bench.run();
    CHECK_EQ(bench.connections.idle(), 1);
}

TEST_CASE("the failure of a dial that nobody waits for any more fails nobody else") {
    Bench bench;
    bench.accept_dials = false;
    Waiter gone;
    Waiter stays;
    CHECK_FALSE(bench.connections.acquire(bench.plan, gone));
    bench.advance(900ms);
    CHECK_FALSE(bench.connections.acquire(bench.plan, stays));
    gone.withdraw();
    bench.advance(200ms);  // the first dial's connect_timeout
    CHECK_FALSE(stays.error.has_value());
    bench.advance(900ms);
    CHECK_EQ(stays.error, ETIMEDOUT);
}

TEST_CASE("a connection that came when nobody waited any more is kept as any spare one is") {
    for (const size_t most : {size_t{2}, size_t{0}}) {
        Bench bench;
        bench.accept_dials = false;
        bench.plan.idle = most;
        Waiter gone;
        CHECK_FALSE(bench.connections.acquire(bench.plan, gone));
        gone.withdraw();
        bench.backends.back()->accept();
        bench.run();
        CHECK_EQ(bench.connections.idle(), most == 0 ? 0 : 1);
        bench.advance(61s);
        CHECK_EQ(bench.connections.idle(), 0);
        CHECK(bench.backends.back()->closed());
    }
}

TEST_CASE("waiters that come and go leave no more dials behind than may be spare") {
    Bench bench;
    bench.accept_dials = false;
    Waiter stays;
    CHECK_FALSE(bench.connections.acquire(bench.plan, stays));
    for (int i = 0; i < 10; ++i) {
        Waiter gone;
        CHECK_FALSE(bench.connections.acquire(bench.plan, gone));
    }
    bench.run();
    size_t open = 0;
    for (const auto& backend : bench.backends) open += backend->closed() ? 0 : 1;
    CHECK_EQ(open, 1 + bench.plan.idle);
    for (const auto& backend : bench.backends)
        if (!backend->closed()) backend->accept();
    bench.run();
    CHECK(stays.got);
    CHECK_EQ(bench.connections.idle(), bench.plan.idle);
}

TEST_CASE("a request counts for its endpoint once it has a connection, and until it gives that back") {
    Bench bench;
    auto& cells = bench.endpoint.series.cells(0);
    bench.accept_dials = false;
    Waiter waiter;
    CHECK_FALSE(bench.connections.acquire(bench.plan, waiter));
    bench.backends.back()->refuse(ECONNREFUSED);
    bench.run();
    CHECK_EQ(waiter.error, ECONNREFUSED);
    CHECK_EQ(cells.requests_total.value(), 0);
    bench.accept_dials = true;
    Waiter second;
    CHECK_FALSE(bench.connections.acquire(bench.plan, second));
    bench.run();
    CHECK_EQ(cells.requests_total.value(), 1);
    CHECK_EQ(cells.requests_active.value(), 1);
    second.got.release();
    CHECK_EQ(cells.requests_active.value(), 0);
}

namespace {

// The backend ends what is idle.
void end_idle(Bench& bench) {
    for (const auto& backend : bench.backends)
        if (!backend->closed()) backend->finish();
    bench.run();
}

}  // namespace

TEST_CASE("how long a backend keeps idle connections is learned from what it closes") {
    Bench bench;
    bench.use();
    bench.advance(5s);
    end_idle(bench);
    bench.use();
    bench.advance(3900ms);
    bench.use();
    CHECK_EQ(bench.backends.size(), 2);  // within 0.8 x 5 s
    bench.advance(4100ms);
    bench.use();
    CHECK_EQ(bench.backends.size(), 3);
    CHECK_FALSE(bench.backends[1]->closed());  // it stays, to be watched
}

TEST_CASE("what a restart seems to teach is forgotten when a connection outlives it") {
    Bench bench;
    bench.use();
    bench.advance(50ms);
    end_idle(bench);
    bench.use();
    bench.advance(1s);
    bench.use();
    CHECK_EQ(bench.backends.size(), 3);  // 40 ms are over
    bench.advance(700ms);
    bench.use();  // the answer just before came while another one was idle for a second
    CHECK_EQ(bench.backends.size(), 3);
}

TEST_CASE("what a backend announces goes before what it was seen to do") {
    const char* const announced = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n";
    Bench bench;
    bench.use(announced);
    bench.advance(1s);
    end_idle(bench);
    bench.use(announced);
    bench.advance(3s);
    bench.use(announced);
    CHECK_EQ(bench.backends.size(), 2);
}

TEST_CASE("max is counted down though the backend says the same number each time, as Node does") {
    const char* const twice = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5, max=2\r\n\r\n";
    Bench bench;
    for (int i = 0; i < 6; ++i) bench.use(twice);
    CHECK_EQ(bench.backends.size(), 2);
}

TEST_CASE("behind two answers in a row that end their connections the idle ones are closed") {
    const char* const close = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    Bench bench;
    bench.plan.idle = 4;
    Waiter waiters[4];
    Lease leases[4];
    for (int i = 0; i < 4; ++i) leases[i] = bench.connections.acquire(bench.plan, waiters[i]);
    bench.run();
    for (int i = 0; i < 4; ++i) leases[i] = std::move(waiters[i].got);
    for (int i = 0; i < 4; ++i)
        bench.carry(leases[i], *bench.backends[static_cast<size_t>(i)],
                    i < 2 ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" : close);
    for (int i = 0; i < 3; ++i) leases[i].release();
    bench.run();
    CHECK_EQ(bench.connections.idle(), 2);
    leases[3].release();
    bench.run();
    CHECK_EQ(bench.connections.idle(), 0);
}
