// What becomes of a worker's connections to an endpoint that gets nothing new.
#include <string>
#include <vector>

#include "telemetry/registry.h"
#include "tests/support/memory_loop.h"
#include "upstream/connection_pool.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

class Waiter final : public LeaseWaiter {
 public:
    void on_lease(Lease lease) override { got = std::move(lease); }
    void on_no_lease(int) override {}
    Lease got;
};

class Bench final : public support::MemoryLoop {
 public:
    Bench() {
        plan.idle = 4;
        plan.idle_timeout = 60s;
        plan.head = {64 * 1024, 100};
    }
    Lease lease() {
        Waiter waiter;
        Lease lease = connections.acquire(plan, waiter);
        run();
        return lease ? std::move(lease) : std::move(waiter.got);
    }
    void ask(Lease& lease) {
        http::RequestHead request;
        request.method = http::Method::get;
        request.method_text = "GET";
        request.target.forward_path = "/";
        lease.stream().send_head(request);
        lease.stream().send_end(nullptr);
        run();
    }
    void end(Lease& lease, net::MemoryPeer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        run();
        lease.stream().take_head();
        lease.stream().take_body();
        lease.release();
        run();
    }

    telemetry::Registry registry{1, {}, {}};
    Endpoint endpoint{0, "one", *net::Address::parse("127.0.0.1:3000"), registry.endpoint("app", "one")};
    Scratch scratch{loop.slabs()};
    PoolPlan plan;
    ConnectionPool connections{loop, dialer, scratch, endpoint, 0};
};

}  // namespace

TEST_CASE("idle connections to an endpoint that leaves close at once, busy ones behind their answers") {
    Bench bench;
    Lease idle = bench.lease();
    Lease busy = bench.lease();
    bench.ask(idle);
    bench.ask(busy);
    bench.end(idle, *bench.backends[0]);
    REQUIRE_EQ(bench.connections.idle(), 1);

    bench.connections.let_go(true);
    bench.run();
    CHECK(bench.backends[0]->saw_fin());
    CHECK_FALSE(bench.backends[1]->closed());
    bench.end(busy, *bench.backends[1]);
    CHECK(bench.backends[1]->saw_fin());
    CHECK_EQ(bench.connections.idle(), 0);
    CHECK_EQ(bench.endpoint.series.cells(0).connections_idle.value(), 0);
    CHECK_EQ(bench.endpoint.series.cells(0).connections_active.value(), 0);
}

TEST_CASE("a connection that comes about for nobody at an endpoint that leaves is not kept") {
    Bench bench;
    bench.accept_dials = false;
    {
        Waiter waiter;
        bench.connections.acquire(bench.plan, waiter);
    }
    bench.connections.let_go(true);
    bench.backend()->accept();
    bench.run();
    CHECK(bench.backend()->closed());
}

TEST_CASE("an endpoint that has come back keeps its connections") {
    Bench bench;
    bench.connections.let_go(true);
    bench.connections.let_go(false);
    Lease lease = bench.lease();
    bench.ask(lease);
    bench.end(lease, *bench.backends[0]);
    CHECK_EQ(bench.connections.idle(), 1);
}
