// Clients that are kept on their endpoint by a cookie.
#include "tests/support/proxy_rig.h"
#include "upstream/sticky_tokens.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using support::has;
using support::kOk;
using support::ProxyRig;
using upstream::EndpointState;
using upstream::sticky_token;

namespace {

constexpr std::string_view kThree = R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools:
  app:
    endpoints: [ { address: "127.0.0.1:3000", name: a }, { address: "127.0.0.1:3001", name: b },
                 { address: "127.0.0.1:3002", name: c } ]
    sticky: { cookie: who }
routes: [ { pool: app } ]
)";

struct StickyRig final : ProxyRig {
    explicit StickyRig(std::string_view yaml = kThree) : ProxyRig(yaml) {
        dialer.on_dial([this](const net::Address& to, const Peer& peer) {
            asked += to.port() == 3000 ? 'a' : to.port() == 3001 ? 'b' : 'c';
            peer->accept();
            last = peer;
        });
    }
    // One request on a connection of its own, with these fields; returns the answer. `asked` tells who gave it.
    std::string get(const std::string& fields) {
        const Peer client = connect();
        client->send("GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n" + fields + "\r\n");
        run();
        last->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        run();
        return client->take_received();
    }
    void know(char name, EndpointState state) {
        upstream::Pool& pool = *living.pools.at("app");
        pool.set_state(*pool.members()[static_cast<size_t>(name - 'a')].endpoint, state);
        old.push_back(pool.renew());
        engine->adopt(pool, pool.set());
    }
    static std::string cookie(char name) {
        return "Cookie: x=1; who=" + sticky_token("app", "app", std::string(1, name)) + "\r\n";
    }
    static std::string set_cookie(char name, const std::string& more = "") {
        return "Set-Cookie: who=" + sticky_token("app", "app", std::string(1, name)) +
               "; Path=/; HttpOnly; SameSite=Lax" + more + "\r\n";
    }
    std::string asked;
    Peer last;
    std::vector<std::unique_ptr<const upstream::EndpointSet>> old;
};

}  // namespace

TEST_CASE("a client without a cookie gets one of who answered, and comes back there") {
    StickyRig rig;
    for (const char name : {'a', 'b', 'c'}) CHECK(has(rig.get(""), StickyRig::set_cookie(name)));
    for (int i = 0; i < 4; ++i) CHECK_FALSE(has(rig.get(StickyRig::cookie('b')), "Set-Cookie"));
    CHECK_EQ(rig.asked, "abcbbbb");
}

TEST_CASE("a cookie that names nobody is renewed, and of several one that names somebody counts") {
    StickyRig rig;
    CHECK(has(rig.get("Cookie: who=0123456789abcdef0123456789abcdef\r\n"), StickyRig::set_cookie('a')));
    CHECK(has(rig.get("Cookie: who=\r\n"), StickyRig::set_cookie('b')));
    CHECK(has(rig.get("Cookie: who=" + sticky_token("app", "other", "c") + "\r\n"), StickyRig::set_cookie('c')));
    CHECK_FALSE(has(rig.get("Cookie: who=gone\r\n" + StickyRig::cookie('c')), "Set-Cookie"));
    CHECK_EQ(rig.asked, "abcc");
}

TEST_CASE("while its endpoint takes no requests a client is served elsewhere, and its cookie renewed") {
    StickyRig rig;
    for (const EndpointState state : {EndpointState::down, EndpointState::draining}) {
        rig.asked.clear();
        rig.know('b', state);
        const std::string answer = rig.get(StickyRig::cookie('b'));
        REQUIRE_EQ(rig.asked.size(), 1);
        CHECK_NE(rig.asked, "b");
        CHECK(has(answer, StickyRig::set_cookie(rig.asked[0])));
    }
    rig.asked.clear();
    rig.know('b', EndpointState::degraded);
    CHECK_FALSE(has(rig.get(StickyRig::cookie('b')), "Set-Cookie"));
    CHECK_EQ(rig.asked, "b");
}

TEST_CASE("an endpoint that goes while it answers gives no cookie of a set that has forgotten it") {
    StickyRig rig;
    const auto client = rig.connect();
    client->send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n");
    rig.run();
    rig.know('a', EndpointState::draining);
    rig.last->send(kOk);
    rig.run();
    CHECK(has(client->take_received(), StickyRig::set_cookie('a')));  // it is of the set still, and may come back
}

TEST_CASE("a cookie with a ttl says so, and what the backend sets stays") {
    StickyRig rig(R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ { address: "127.0.0.1:3000", name: a } ], sticky: { cookie: who, ttl: 90s } } }
routes: [ { pool: app } ]
)");
    const auto client = rig.connect();
    client->send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n");
    rig.run();
    rig.last->send("HTTP/1.1 200 OK\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n");
    rig.run();
    const std::string answer = client->take_received();
    CHECK(has(answer, "Set-Cookie: s=1\r\n"));
    CHECK(has(answer, StickyRig::set_cookie('a', "; Max-Age=90")));
}

TEST_CASE("a token is the same for the same secret, pool and endpoint, and another one for any other") {
    const std::string token = sticky_token("secret", "app", "10.0.0.1:3000");
    CHECK_EQ(token.size(), 32);
    CHECK_EQ(token, "954b981a0b24e9d5933e372e43550e2f");
    CHECK_NE(token, sticky_token("other", "app", "10.0.0.1:3000"));
    CHECK_NE(token, sticky_token("secret", "app2", "10.0.0.1:3000"));
    CHECK_NE(token, sticky_token("secret", "app", "10.0.0.1:3001"));
    CHECK_NE(sticky_token("k", "ab", "c"), sticky_token("k", "a", "bc"));
}
