// Every policy of the tests, aborted by the client, by a backend, by the clock and by the daemon, in every step that an
// exchange with it has.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "proxy/outcome.h"
#include "tests/support/proxy_rig.h"
#include "tests/support/test_policies.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kConfig = R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] }, auth: { endpoints: [ "127.0.0.1:4000" ] } }
routes: [ { name: all, pool: app, timeout: 5m }, { name: auth, match: { host: unreachable }, pool: auth } ]
)";

struct Kind {
    const char* name;
    std::function<std::unique_ptr<policy::Policy>(PolicyWatch&)> make;
};

const std::vector<Kind> kKinds = {
    {"waiting", [](PolicyWatch& watch) { return std::make_unique<WaitingPolicy>(watch, 1min); }},
    {"calling", [](PolicyWatch& watch) { return std::make_unique<CallingPolicy>(watch, 1min, "who?"); }},
    {"doubling", [](PolicyWatch& watch) { return std::make_unique<DoublingPolicy>(watch); }},
    {"pausing", [](PolicyWatch& watch) { return std::make_unique<DoublingPolicy>(watch, 3); }},
};

struct Ground {
    explicit Ground(const Kind& kind) : rig(kConfig, [&](proxy::Snapshot& snapshot) { set_up(kind, snapshot); }) {
        rig.accept_dials = false;
    }
    void set_up(const Kind& kind, proxy::Snapshot& snapshot) {
        snapshot.routes[0].policies.push_back(kind.make(watch));
        proxy::RoutePlan target;
        target.name = "auth";
        target.pool = snapshot.routes[1].pool;
        target.series = snapshot.routes[1].series;
        snapshot.calls.push_back(std::move(target));
    }

    // Things that happen to an exchange, one behind the other; each does nothing where it does not fit.
    void ask() { client->send("POST /a HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"); }
    void accept() {
        for (const auto& backend : rig.backends)
            if (!backend->closed() && accepted.insert(backend.get()).second) backend->accept();
    }
    void resume() { watch.resume(); }
    void answer(std::string_view bytes) {
        if (!rig.backends.empty() && !rig.backend()->received().empty()) rig.backend()->send(bytes);
    }
    void finish_upload() {
        if (!client->closed()) client->send("3\r\ndef\r\n0\r\n\r\n");
    }

    PolicyWatch watch;
    ProxyRig rig;
    ProxyRig::Peer client = rig.connect();
    std::set<net::MemoryPeer*> accepted;
};

struct Event {
    const char* name;
    std::function<void(Ground&)> happen;
};

// The way of an exchange that calls, waits or passes a body on. With 200 and a body the call lets it pass.
const std::vector<Event> kWay = {
    {"asked", [](Ground& g) { g.ask(); }},
    {"connected", [](Ground& g) { g.accept(); }},
    {"call answers",
     [](Ground& g) {
         if (g.watch.jobs > 0) g.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nal");
     }},
    {"call answered",
     [](Ground& g) {
         if (g.watch.jobs > 0) g.answer("ice");
     }},
    {"resumed", [](Ground& g) { g.resume(); }},
    {"connected again", [](Ground& g) { g.accept(); }},
    {"continued", [](Ground& g) { g.answer("HTTP/1.1 100 Continue\r\n\r\n"); }},
    {"uploaded", [](Ground& g) { g.finish_upload(); }},
    {"resumed again", [](Ground& g) { g.resume(); }},
    {"answer begins",
     [](Ground& g) { g.client->set_window(40), g.answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nuv"); }},
    {"answer goes on", [](Ground& g) { g.answer("wx"); }},
    {"resumed once more", [](Ground& g) { g.resume(); }},
    {"answer ends", [](Ground& g) { g.answer("yz"); }},
    {"resumed at the end", [](Ground& g) { g.resume(); }},
};

const std::vector<Event> kAborts = {
    {"client FIN", [](Ground& g) { g.client->finish(); }},
    {"client reset", [](Ground& g) { g.client->reset(); }},
    {"backend FIN",
     [](Ground& g) {
         if (!g.rig.backends.empty()) g.rig.backend()->finish();
     }},
    {"backend reset",
     [](Ground& g) {
         if (!g.rig.backends.empty()) g.rig.backend()->reset();
     }},
    {"dial refused",
     [](Ground& g) {
         const bool dialing = !g.rig.backends.empty() && g.accepted.count(g.rig.backend().get()) == 0;
         if (dialing && !g.rig.backend()->closed()) g.rig.backend()->refuse(ECONNREFUSED);
     }},
    {"time", [](Ground& g) { g.rig.clock.advance(6min); }},
    {"the daemon", [](Ground& g) { g.rig.engine->cut(); }},
    {"a body that breaks",
     [](Ground& g) {
         if (!g.client->closed()) g.client->send("no chunk\r\n");
     }},
};

uint64_t outcomes(const ProxyRig& rig, std::string_view route) {
    uint64_t all = 0;
    rig.living.registry.each_route([&](const telemetry::RouteSeries& series) {
        if (series.labels().route != route) return;
        series.each([&](const telemetry::RouteCells& cells) {
            for (unsigned i = 0; i < proxy::kOutcomes.size(); ++i) all += cells.outcome(i);
            CHECK_EQ(cells.active(), 0);
        });
    });
    return all;
}

void check_given_back(Ground& g) {
    CHECK_EQ(g.rig.engine->exchanges(), 0);
    CHECK_EQ(g.watch.jobs, 0);
    CHECK_EQ(g.watch.stages, 0);
    CHECK_EQ(outcomes(g.rig, "all"), 1);
    CHECK_LE(outcomes(g.rig, "-"), 1);  // what broke behind a whole request is another one
    CHECK_LE(outcomes(g.rig, "auth"), 1);
    CHECK_EQ(g.rig.loop.slabs().bytes_in_use(), 0);
    CHECK_EQ(g.rig.loop.slabs().pipes_in_use(), 0);
}

}  // namespace

TEST_CASE("whatever ends an exchange in whatever step, its policies give everything back and it ends once") {
    for (const Kind& kind : kKinds) {
        CAPTURE(std::string(kind.name));
        for (const Event& abort : kAborts) {
            CAPTURE(std::string(abort.name));
            for (size_t steps = 1; steps <= kWay.size(); ++steps) {
                CAPTURE(std::string(kWay[steps - 1].name));
                Ground g(kind);
                for (size_t i = 0; i < steps; ++i) {
                    kWay[i].happen(g);
                    g.rig.run();
                }
                abort.happen(g);
                g.rig.run();
                g.client->set_window(SIZE_MAX);
                for (int i = 0; i < 8; ++i) g.rig.advance(1min);
                g.client->reset();  // where it is still there
                g.rig.run();
                check_given_back(g);
            }
        }
    }
}
