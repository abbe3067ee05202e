// What becomes of a worker's connections to an endpoint that gets nothing new.
#include <string>
#include <vector>

#include "tests/unit/upstream/pool_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

class Bench final : public PoolBench {
 public:
    void end(Lease& lease, net::MemoryPeer& peer) {
        answer(lease, peer);
        give_back(lease);
    }
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
