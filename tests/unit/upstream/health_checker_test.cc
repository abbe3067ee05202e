// Probing on memory transports and manual time: when an endpoint is asked, over which connection, and what comes of it.
#include "upstream/health_checker.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/memory_loop.h"
#include "upstream/endpoint_probe.h"
#include "upstream/pool.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kGood = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class Rig final : public support::MemoryLoop, private HealthChecker::Owner {
 public:
    explicit Rig(bool lenient = false) {
        plan.path = "/health";
        plan.interval = 2s;
        plan.timeout = 1s;
        plan.rise = 2;
        plan.fall = 3;
        plan.lenient = lenient;
        plan.status = {{200, 299}};
        dialer.on_dial([this](const net::Address& to, const Peer& peer) {
            backends.push_back(peer);
            dialled.push_back(to.text());
            if (refuse) return peer->refuse(ECONNREFUSED);
            if (accept_dials) peer->accept();
        });
    }
    void watch() { checker.watch({endpoint, plan, "127.0.0.1:3000", series, probes}); }
    // The endpoint that has a host's name, at these addresses.
    void watch_named(std::vector<net::Address> addresses) {
        checker.watch({named, plan, "localhost:3000", series, probes});
        checker.move(named.id, {std::move(addresses)});
    }
    // Time goes by, and each probe that comes in it has this answer at once; none: it has none.
    void pass(Duration time, std::string_view answer = kGood) {
        for (; time > Duration::zero(); time -= 4ms) {
            advance(4ms);
            if (!answer.empty()) serve(answer);
        }
    }
    // Answers whoever has asked.
    void serve(std::string_view answer) {
        for (const Peer& peer : backends) {
            if (peer->closed() || peer->received().empty()) continue;
            last_asked = peer->take_received();
            ++asked;
            peer->send(answer);
        }
        run();
    }
    size_t open() const {
        return static_cast<size_t>(
            std::count_if(backends.begin(), backends.end(), [](const Peer& peer) { return !peer->closed(); }));
    }
    EndpointState state() const { return told.empty() ? EndpointState::unknown : told.back(); }
    uint64_t results(ProbeResult result) { return series.cells(0).results[static_cast<size_t>(result)].value(); }

    telemetry::Registry registry{1, {}, {}};
    telemetry::HealthSeries& series = registry.health("app", "one");
    telemetry::ProbeSeries& probes = registry.probes("app");
    Endpoint endpoint{0, "one", *net::Address::parse("127.0.0.1:3000"), registry.endpoint("app", "one")};
    Endpoint named{1, "two", {}, registry.endpoint("app", "two"), nullptr, "localhost", 3000};
    HealthPlan plan;
    std::vector<std::string> dialled;
    std::vector<EndpointState> told;
    std::vector<std::string> reasons;
    std::vector<std::string> no_routes;
    std::string last_asked;
    size_t asked = 0;
    bool refuse = false;
    HealthChecker checker{loop, dialer, *this, 1};

 private:
    void on_state(const Endpoint&, EndpointState state, std::string reason) override {
        told.push_back(state);
        reasons.push_back(std::move(reason));
    }
    void on_no_route(const Endpoint&, std::string reason) override { no_routes.push_back(std::move(reason)); }
};

}  // namespace

TEST_CASE("an endpoint is asked soon after it is known, and one good answer makes it up") {
    Rig rig;
    rig.watch();
    rig.pass(260ms);
    CHECK_EQ(rig.asked, 1);
    CHECK_EQ(rig.last_asked,
             "GET /health HTTP/1.1\r\nhost: 127.0.0.1:3000\r\nuser-agent: weir\r\nconnection: keep-alive\r\n\r\n");
    CHECK_EQ(rig.told, std::vector{EndpointState::up});
    CHECK_EQ(rig.reasons[0], "status 200");
}

TEST_CASE("probes come once an interval over one connection, and every tenth over a fresh one") {
    Rig rig;
    rig.watch();
    rig.pass(260ms);
    rig.pass(40s);
    CHECK_GE(rig.asked, 20);
    CHECK_LE(rig.asked, 23);
    CHECK_GE(rig.backends.size(), 3);
    CHECK_LE(rig.backends.size(), 4);
    CHECK_EQ(rig.open(), 1);
    CHECK_EQ(rig.told.size(), 1);
    CHECK_EQ(rig.results(ProbeResult::ok), rig.asked);
}

TEST_CASE("an endpoint that dies is down within fall intervals and a timeout, and back within rise intervals") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    for (const auto& peer : rig.backends) peer->reset();
    rig.refuse = true;
    rig.pass(3 * 2s + 1s);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::down});
    CHECK_EQ(rig.reasons[1], "connect refused (3 of 3)");
    rig.refuse = false;
    rig.pass(2 * 2s);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::down, EndpointState::up});
}

TEST_CASE("an endpoint that is silent is down within fall intervals and a timeout") {
    for (const bool accepts : {true, false}) {
        CAPTURE(accepts);
        Rig rig;
        rig.watch();
        rig.pass(5s);
        rig.accept_dials = accepts;
        rig.pass(3 * 2s + 1s, "");
        CHECK_EQ(rig.state(), EndpointState::down);
        CHECK_EQ(rig.reasons.back(), "no answer in time (3 of 3)");
        CHECK_GE(rig.results(ProbeResult::timeout), 3);
        CHECK_LE(rig.open(), 1);
    }
}

TEST_CASE("what is changing is asked four times as often, over fresh connections") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    const size_t before = rig.asked;
    const size_t connections = rig.backends.size();
    rig.pass(2s, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    while (rig.results(ProbeResult::unexpected) == 0) rig.pass(4ms, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    rig.pass(1010ms, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
    CHECK_GE(rig.asked - before, 3);
    CHECK_EQ(rig.state(), EndpointState::down);
    CHECK_GE(rig.backends.size() - connections, 2);
}

TEST_CASE("an endpoint that says it shuts down is draining at once, and the probe's connection goes") {
    Rig rig;
    rig.watch();
    rig.pass(3s);
    rig.pass(2s,
             "HTTP/1.1 503 No\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n"
             "{\"status\":\"shutting_down\"}");
    CHECK_EQ(rig.state(), EndpointState::draining);
    CHECK_EQ(rig.reasons.back(), "it says shutting_down");
    CHECK_EQ(rig.open(), 0);
    rig.refuse = true;
    rig.pass(2s);
    CHECK_EQ(rig.state(), EndpointState::down);
    rig.refuse = false;
    rig.pass(4s);
    CHECK_EQ(rig.state(), EndpointState::up);
}

TEST_CASE("an endpoint that refuses connects and still answers on an old connection is draining") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    rig.refuse = true;
    rig.checker.hint(0, HealthHint::refused);
    rig.pass(60ms);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::draining});
    CHECK_EQ(rig.open(), 0);
}

TEST_CASE("an endpoint that refuses connects while a worker's connection still has answers is draining") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    for (const auto& peer : rig.backends) peer->finish();
    rig.refuse = true;
    rig.pass(60ms);
    CHECK_EQ(rig.results(ProbeResult::refused), 1);
    CHECK_EQ(rig.state(), EndpointState::up);
    rig.checker.hint(0, HealthHint::still_answers);
    rig.pass(60ms);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::draining});
}

TEST_CASE(
    "an endpoint that refuses connects while requests are at work on it is draining, but not at the first refusal") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    rig.endpoint.series.cells(0).requests_active.add(+1);
    for (const auto& peer : rig.backends) peer->finish();
    rig.refuse = true;
    rig.pass(60ms);
    CHECK_EQ(rig.told.size(), 1);
    rig.pass(600ms);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::draining});
    rig.endpoint.series.cells(0).requests_active.add(-1);
    rig.pass(2s);
    CHECK_EQ(rig.state(), EndpointState::down);
}

TEST_CASE("what this machine lacks says nothing of an endpoint") {
    Rig rig;
    int lacking = 0;
    rig.watch();
    rig.pass(5s);
    rig.dialer.on_dial([&](const net::Address&, const Rig::Peer& peer) {
        ++lacking;
        peer->refuse(EMFILE);
    });
    rig.checker.hint(0, HealthHint::said_close);
    rig.pass(20s);
    CHECK_GE(lacking, 8);
    CHECK_LE(lacking, 41);  // no faster than one that is changing
    CHECK_EQ(rig.told, std::vector{EndpointState::up});
}

TEST_CASE("an answer while connects are refused asks for no more than any other hint, unless it is changing") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    const size_t asked = rig.asked;
    for (int i = 0; i < 500; ++i) {
        rig.checker.hint(0, HealthHint::still_answers);
        rig.pass(4ms);
    }
    CHECK_LE(rig.asked, asked + 6);
}

TEST_CASE("hints to many at once do not keep them together") {
    Rig rig;
    std::vector<std::unique_ptr<Endpoint>> many;
    for (uint32_t i = 2; i < 102; ++i) {
        many.emplace_back(new Endpoint{i, "e" + std::to_string(i), *net::Address::parse("127.0.0.1:3000"),
                                       rig.registry.endpoint("app", "one")});
        rig.checker.watch({*many.back(), rig.plan, "127.0.0.1:3000", rig.series, rig.probes});
    }
    rig.pass(10s);
    for (const auto& endpoint : many) rig.checker.hint(endpoint->id, HealthHint::closed_early);
    rig.pass(200ms);
    size_t most = 0;
    for (int slice = 0; slice < 40; ++slice) {
        const size_t before = rig.asked;
        rig.pass(100ms);
        most = std::max(most, rig.asked - before);
    }
    CHECK_LE(most, 20);  // a hundred in 1.5 s
}

TEST_CASE("a hint asks for a probe at once over a fresh connection, and is no verdict") {
    for (const HealthHint hint : {HealthHint::refused, HealthHint::closed_early, HealthHint::said_close}) {
        Rig rig;
        rig.watch();
        rig.pass(5s);
        const size_t asked = rig.asked;
        const size_t connections = rig.backends.size();
        rig.checker.hint(0, hint);
        rig.checker.hint(0, hint);
        rig.checker.hint(7, hint);  // nobody's
        rig.pass(60ms);
        CHECK_EQ(rig.asked, asked + 1);
        CHECK_EQ(rig.backends.size(), connections + 1);
        CHECK_EQ(rig.told.size(), 1);
    }
}

TEST_CASE("an endpoint that gives hints all the time is asked as often as one that is changing, not more") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    const size_t asked = rig.asked;
    for (int i = 0; i < 500; ++i) {
        rig.checker.hint(0, HealthHint::said_close);
        rig.pass(4ms);
    }
    CHECK_GE(rig.asked, asked + 4);
    CHECK_LE(rig.asked, asked + 6);
    rig.pass(3s);
    const size_t calm = rig.asked;
    rig.checker.hint(0, HealthHint::said_close);
    rig.pass(60ms);
    CHECK_EQ(rig.asked, calm + 1);
}

TEST_CASE("a probe connection that the backend closes asks for a probe at once") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    const size_t asked = rig.asked;
    for (const auto& peer : rig.backends) peer->finish();
    rig.pass(60ms);
    CHECK_EQ(rig.asked, asked + 1);
    CHECK_EQ(rig.open(), 1);
    CHECK_EQ(rig.told.size(), 1);
}

TEST_CASE("a connection is not kept for longer than the backend says or is seen to") {
    Rig announced;
    announced.watch();
    announced.pass(4s, "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n");
    CHECK_EQ(announced.open(), 0);

    Rig seen;
    seen.watch();
    for (const Duration until : {300ms, 60ms}) {
        seen.pass(until);
        for (const auto& peer : seen.backends) peer->finish();
    }
    seen.pass(600ms);
    CHECK_EQ(seen.asked, 3);
    CHECK_EQ(seen.open(), 0);
}

TEST_CASE("a kept connection that was closed as the probe left is no failure") {
    Rig rig;
    rig.watch();
    rig.pass(5s);
    const size_t before = rig.asked;
    const auto kept = rig.backends.back();
    while (kept->received().empty()) rig.advance(4ms);
    kept->finish();
    rig.run();
    rig.serve(kGood);
    CHECK_EQ(rig.asked, before + 1);
    CHECK_EQ(rig.results(ProbeResult::failed), 0);
    CHECK_EQ(rig.told.size(), 1);
}

TEST_CASE("an answer that is cut or broken is a failure") {
    for (const std::string_view answer : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "HTTP/1.1 2x OK\r\n\r\n"}) {
        Rig rig;
        rig.watch();
        for (int i = 0; i < 500 && rig.told.empty(); ++i) {
            rig.pass(4ms, answer);
            for (const auto& peer : rig.backends) peer->finish();
        }
        CHECK_EQ(rig.state(), EndpointState::down);
        CHECK_EQ(rig.results(ProbeResult::failed), 3);
    }
}

TEST_CASE("of an answer's body 64 KiB are read") {
    Rig rig;
    rig.plan.body = "end";
    rig.watch();
    rig.pass(260ms, "HTTP/1.1 200 OK\r\nContent-Length: 200003\r\n\r\n" + std::string(200'000, 'x') + "end");
    CHECK_EQ(rig.results(ProbeResult::unexpected), 1);
    CHECK(rig.backends[0]->closed());
}

TEST_CASE("an app without a health route is said to be one once, and is up while it answers") {
    Rig rig(true);
    rig.watch();
    rig.pass(9s, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    CHECK_EQ(rig.told, std::vector{EndpointState::up});
    CHECK_EQ(rig.no_routes, std::vector<std::string>{"status 404"});
    rig.pass(9s, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
    CHECK_EQ(rig.told.size(), 1);
    rig.refuse = true;
    for (const auto& peer : rig.backends) peer->reset();
    rig.pass(7s);
    CHECK_EQ(rig.state(), EndpointState::down);
    CHECK_EQ(rig.no_routes.size(), 1);
}

TEST_CASE("a warning halves what an endpoint gets and passes when it does") {
    constexpr std::string_view kWarn =
        "HTTP/1.1 200 OK\r\nContent-Type: application/health+json\r\nContent-Length: 17\r\n\r\n{\"status\":\"warn\"}";
    Rig rig;
    rig.watch();
    rig.pass(5s);
    rig.pass(2s, kWarn);
    CHECK_EQ(rig.state(), EndpointState::degraded);
    rig.pass(4s);
    CHECK_EQ(rig.told, std::vector{EndpointState::up, EndpointState::degraded, EndpointState::up});
}

TEST_CASE("a thousand endpoints are asked evenly over the interval") {
    support::MemoryLoop on;
    struct Nobody final : HealthChecker::Owner {
        void on_state(const Endpoint&, EndpointState, std::string) override {}
        void on_no_route(const Endpoint&, std::string) override {}
    } nobody;
    HealthPlan plan;
    plan.path = "/";
    plan.interval = 2s;
    plan.timeout = 1s;
    plan.status = {{200, 299}};
    telemetry::Registry registry{1, {}, {}};
    std::vector<std::unique_ptr<Endpoint>> endpoints;
    HealthChecker checker{on.loop, on.dialer, nobody, 99};
    for (uint32_t i = 0; i < 1000; ++i) {
        endpoints.push_back(std::make_unique<Endpoint>(
            Endpoint{i, "e", *net::Address::parse("127.0.0.1:3000"), registry.endpoint("app", "e")}));
        checker.watch({*endpoints.back(), plan, "h", registry.health("app", "e"), registry.probes("app")});
    }
    size_t most = 0;
    for (int i = 0; i < 12'000 / 32; ++i) {
        on.advance(32ms);
        size_t asked = 0;
        for (const auto& peer : on.backends) {
            if (peer->closed() || peer->take_received().empty()) continue;
            peer->send(kGood);
            ++asked;
        }
        on.run();
        if (i > 4000 / 32) most = std::max(most, asked);
    }
    CHECK_LE(most, 40);  // 16 would be their even share
}

TEST_CASE("an endpoint with a host name is asked where it answered last") {
    Rig rig;
    const net::Address silent = *net::Address::parse("[::1]:3000");
    const net::Address good = *net::Address::parse("127.0.0.1:3000");
    rig.accept_dials = false;
    rig.watch_named({silent, good});
    rig.pass(510ms);
    CHECK_EQ(rig.dialled, std::vector{silent.text(), good.text()});
    rig.backends[1]->accept();
    rig.pass(8ms, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    CHECK_EQ(rig.told, std::vector{EndpointState::up});
    rig.dialled.clear();
    rig.pass(2s);
    CHECK_EQ(rig.dialled.at(0), good.text());
}

TEST_CASE("an endpoint that moves is asked there at once, and the connection to where it was is closed") {
    Rig rig;
    rig.watch_named({*net::Address::parse("10.0.0.1:3000")});
    rig.pass(260ms);
    REQUIRE_EQ(rig.asked, 1);
    REQUIRE_EQ(rig.open(), 1);
    rig.checker.move(rig.named.id, {{*net::Address::parse("10.0.0.2:3000")}});
    CHECK(rig.backends[0]->closed());
    rig.pass(100ms);
    CHECK_EQ(rig.asked, 2);
    CHECK_EQ(rig.dialled, std::vector<std::string>{"10.0.0.1:3000", "10.0.0.2:3000"});
}

TEST_CASE("an endpoint whose name has no address goes down, and comes up soon after it has one") {
    Rig rig;
    rig.watch_named({});
    rig.pass(10s);
    CHECK_EQ(rig.state(), EndpointState::down);
    CHECK_NE(rig.reasons.at(0).find("no address"), std::string::npos);
    CHECK(rig.dialled.empty());
    rig.checker.move(rig.named.id, {{*net::Address::parse("10.0.0.1:3000")}});
    rig.pass(1s);
    CHECK_EQ(rig.state(), EndpointState::up);
}
