// What connections to an endpoint tell of its health, as rows of events.
#include "upstream/endpoint_signs.h"

#include <cerrno>
#include <vector>

#include "telemetry/registry.h"
#include "tests/support/memory_loop.h"
#include "upstream/connection_pool.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::upstream;
using namespace std::chrono_literals;

namespace {

class Heard final : public HealthHints {
 public:
    void hint(const Endpoint&, HealthHint what) override { all.push_back(what); }
    std::vector<HealthHint> all;
};

struct Signs {
    telemetry::Registry registry{1, {}, {}};
    Pool pool{0, "app", registry.pool("app")};
    Endpoint& endpoint = pool.add(0, "one", *net::Address::parse("127.0.0.1:3000"), registry.endpoint("app", "one"));
    Heard heard;
    EndpointSigns signs{&heard, endpoint};
    TimePoint now{1h};
};

class Waiter final : public LeaseWaiter {
 public:
    void on_lease(Lease lease) override { got = std::move(lease); }
    void on_no_lease(int) override {}
    Lease got;
};

}  // namespace

TEST_CASE("a refused connect asks for a look, and not more often than ten times a second") {
    Signs of;
    of.signs.dialled(ECONNREFUSED, of.now);
    of.signs.dialled(ECONNREFUSED, of.now + 99ms);
    CHECK_EQ(of.heard.all, std::vector{HealthHint::refused});
    of.signs.dialled(ECONNREFUSED, of.now + 100ms);
    CHECK_EQ(of.heard.all.size(), 2);
    of.signs.dialled(ETIMEDOUT, of.now + 1s);
    of.signs.dialled(0, of.now + 2s);
    CHECK_EQ(of.heard.all.size(), 2);
}

TEST_CASE("two idle connections that close in a row ask for a look, one alone does not") {
    Signs of;
    of.signs.idle_closed(of.now);
    of.signs.idle_closed(of.now + 101ms);
    CHECK(of.heard.all.empty());
    of.signs.idle_closed(of.now + 150ms);
    CHECK_EQ(of.heard.all, std::vector{HealthHint::closed_early});
}

TEST_CASE("an answer that ends the connection asks for a look where the one before let it live") {
    Signs of;
    of.signs.answered(false, of.now);
    of.signs.answered(false, of.now + 1s);
    CHECK(of.heard.all.empty());  // one that never keeps its connections
    of.signs.answered(true, of.now + 2s);
    of.signs.answered(false, of.now + 3s);
    CHECK_EQ(of.heard.all, std::vector{HealthHint::said_close});
}

TEST_CASE("a refused connect is forgotten after a second without another one") {
    Signs of;
    of.signs.dialled(ECONNREFUSED, of.now);
    of.signs.answered(true, of.now + 1s);
    CHECK_EQ(of.heard.all, std::vector{HealthHint::refused});
}

TEST_CASE("an answer while connects are refused is told") {
    Signs of;
    of.signs.dialled(ECONNREFUSED, of.now);
    of.signs.answered(true, of.now + 1ms);
    CHECK_EQ(of.heard.all, std::vector{HealthHint::refused, HealthHint::still_answers});
    of.signs.dialled(0, of.now + 1s);
    of.signs.answered(true, of.now + 2s);
    CHECK_EQ(of.heard.all.size(), 2);
}

TEST_CASE("a pool of connections tells what it sees") {
    support::MemoryLoop on;
    Signs of;
    Scratch scratch{on.loop.slabs()};
    PoolPlan plan;
    plan.pool = &of.pool;
    plan.idle = 2;
    plan.head = {64 * 1024, 100};
    ConnectionPool connections{on.loop, on.dialer, scratch, of.endpoint, 0, &of.heard};
    const auto use = [&](Lease& lease, net::MemoryPeer& peer, std::string_view answer) {
        http::RequestHead request;
        request.method = http::Method::get;
        request.method_text = "GET";
        request.target.forward_path = "/";
        lease.stream().send_head(request);
        lease.stream().send_end(nullptr);
        on.run();
        peer.send(answer);
        on.run();
        lease.stream().take_head();
        lease.stream().take_body();
        lease.release();
        on.run();
    };
    Waiter first, second, third;
    connections.acquire(plan, first);
    connections.acquire(plan, second);
    on.run();
    use(first.got, *on.backends[0], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    use(second.got, *on.backends[1], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for (const auto& peer : on.backends) peer->finish();
    on.run();
    CHECK_EQ(of.heard.all, std::vector{HealthHint::closed_early});
    connections.acquire(plan, third);
    on.run();
    use(third.got, *on.backend(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK_EQ(of.heard.all, std::vector{HealthHint::closed_early, HealthHint::said_close});
    on.accept_dials = false;
    connections.acquire(plan, third);
    on.backend()->refuse(ECONNREFUSED);
    on.run();
    CHECK_EQ(of.heard.all.back(), HealthHint::refused);
}
