// Control's side of health, with a real prober on loopback and no workers.
#include "server/health_control.h"

#include "config/load.h"
#include "net/listen_sockets.h"
#include "server/compile.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::server;
using namespace std::chrono_literals;

namespace {

constexpr Duration kPatience = 30s;

struct Desk {
    explicit Desk(const std::string& health) {
        const std::string address = net::ListenSockets::bind("127.0.0.1:0", 1, 1)->address().text();  // and gone
        config::Loaded loaded = config::parse(
            "listeners: [ { address: ':8080' } ]\nroutes: [ { pool: app } ]\n"
            "pools: { app: { endpoints: [ '" +
                address + "' ], health: " + health + " } }\n",
            "test.yaml");
        REQUIRE(loaded.config.has_value());
        config = std::move(*loaded.config);
        REQUIRE(compile(config, living, 1).has_value());
        health_control.watch(config);
    }
    upstream::Pool& pool() { return *living.pools.at("app"); }
    const HealthControl::Record& record() { return health_control.records().begin()->second; }
    void wait_for(upstream::EndpointState state) {
        const TimePoint end = clock.now() + kPatience;
        while (record().state != state && clock.now() < end) control.turn(100ms);
        control.turn(Duration::zero());  // what that posted
    }

    config::Config config;
    Living living{1};
    SystemClock clock;
    net::EventPoller poller;
    net::Loop control{poller, clock};
    Publisher::Workers workers;
    Publisher publisher{control, workers};
    HealthControl health_control{control, living, publisher};
};

}  // namespace

TEST_CASE("control knows of each endpoint its state, why, and since when, and the pool's set goes by it") {
    Desk desk("{ interval: 100ms, fall: 2 }");
    CHECK(desk.record().state == upstream::EndpointState::unknown);
    CHECK_EQ(desk.pool().set().active().size(), 1);
    const WallTime began = desk.control.wall();
    desk.wait_for(upstream::EndpointState::down);
    CHECK(desk.record().state == upstream::EndpointState::down);
    CHECK_EQ(desk.record().reason, "connect refused (2 of 2)");
    CHECK_GE(desk.record().since, began);
    CHECK(desk.pool().set().active().empty());
    const telemetry::HealthCells& cells = desk.record().series->cells(0);
    CHECK_EQ(cells.state.load(), static_cast<uint8_t>(upstream::EndpointState::down));
    CHECK_FALSE(cells.up.load());
}

TEST_CASE("an endpoint that starts as down is asked by nobody until it has risen") {
    Desk desk("{ interval: 1h, start: down }");
    CHECK(desk.record().state == upstream::EndpointState::down);
    CHECK(desk.pool().set().active().empty());
}

TEST_CASE("a pool without health has no prober") {
    Desk desk("off");
    CHECK(desk.health_control.records().empty());
    CHECK(desk.health_control.hints() == nullptr);
    CHECK_EQ(desk.pool().set().active().size(), 1);
}
