// Policies at work on exchanges: those of the config, and what any policy may do.
#include <string>

#include "tests/support/proxy_rig.h"
#include "tests/support/test_policies.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

constexpr std::string_view kPost = "POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc";

template <typename P, typename... Arguments>
ProxyRig::Change with_policy(Arguments&&... arguments) {
    return [&](proxy::Snapshot& snapshot) {
        snapshot.routes[0].policies.push_back(std::make_unique<P>(std::forward<Arguments>(arguments)...));
    };
}

// The same, and calls go to a pool "auth" at 127.0.0.1:4000.
constexpr std::string_view kWithAuth = R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] }, auth: { endpoints: [ "127.0.0.1:4000" ], response_timeout: 3s } }
routes: [ { name: all, pool: app }, { name: auth, match: { host: unreachable }, pool: auth } ]
)";

ProxyRig::Change calling(PolicyWatch& watch, Duration longest = 10s, std::string body = "") {
    return [&watch, longest, body](proxy::Snapshot& snapshot) {
        snapshot.routes[0].policies.push_back(std::make_unique<CallingPolicy>(watch, longest, body));
        proxy::RoutePlan target;
        target.name = "auth";
        target.pool = snapshot.routes[1].pool;
        target.series = snapshot.routes[1].series;
        snapshot.calls.push_back(std::move(target));
    };
}

// Nothing is left of what ran.
void check_clean(const ProxyRig& rig, const PolicyWatch& watch) {
    CHECK_EQ(rig.engine->exchanges(), 0);
    CHECK_EQ(watch.jobs, 0);
    CHECK_EQ(watch.stages, 0);
}

}  // namespace

TEST_CASE("the policies of the config are asked in their order") {
    ProxyRig rig(one_backend("", "",
                             "access: { deny: [ 192.0.2.0/24 ] }, max_body: 10, request_headers: { set: { x-route: "
                             "\"{route}\" }, remove: [ cookie ] }, response_headers: { set: { x-frame: deny }, remove: "
                             "[ x-powered-by ] }"));
    const auto denied = rig.connect("192.0.2.7:1000");
    const std::string forbidden = rig.ask(denied, kGet);
    CHECK(starts(forbidden, "HTTP/1.1 403 "));
    CHECK(has(forbidden, "x-frame: deny\r\n"));
    CHECK_EQ(rig.backends.size(), 0);

    const auto client = rig.connect("203.0.113.1:1000");
    rig.ask(client, "GET / HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nX_Route: mine\r\n\r\n");
    const std::string request = rig.backend()->take_received();
    CHECK(has(request, "x-route: all\r\n"));
    CHECK_FALSE(has(request, "mine"));
    CHECK_FALSE(has(request, "Cookie"));
    const std::string answer = rig.answer(client, "HTTP/1.1 200 OK\r\nX-Powered-By: it\r\nContent-Length: 0\r\n\r\n");
    CHECK(has(answer, "x-frame: deny\r\n"));
    CHECK_FALSE(has(answer, "Powered"));
    CHECK(starts(rig.ask(client, "GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 400 "));
    CHECK_EQ(rig.ended(Outcome::local), 2);
}

TEST_CASE("what a route says of headers nobody else says in trailers") {
    ProxyRig rig(one_backend("", "",
                             "request_headers: { set: { x-tenant: shop }, remove: [ x-debug ] }, response_headers: { "
                             "remove: [ x-powered-by ] }"));
    const auto client = rig.connect();
    rig.ask(client,
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Tenant: evil\r\nX_Tenant: worse\r\n"
            "X-Debug: 1\r\nX-Sum: 3\r\n\r\n");
    const std::string request = rig.backend()->take_received();
    CHECK(has(request, "x-tenant: shop\r\n"));
    CHECK(has(request, "\r\n0\r\nX-Sum: 3\r\n\r\n"));
    const std::string answer = rig.answer(
        client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Powered-By: it\r\nX-Sum: 4\r\n\r\n");
    CHECK(has(answer, "\r\n0\r\nX-Sum: 4\r\n\r\n"));
}

TEST_CASE("max_body refuses a length that is said before the backend hears of it, and counts another one") {
    ProxyRig rig(one_backend("", "", "max_body: 10"));
    const auto said = rig.connect();
    CHECK(starts(rig.ask(said, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413 "));
    CHECK_EQ(rig.backends.size(), 0);

    const auto counted = rig.connect();
    rig.ask(counted, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
    CHECK(has(rig.backend()->take_received(), "5\r\n12345\r\n"));
    CHECK(starts(rig.ask(counted, "6\r\n678901\r\n"), "HTTP/1.1 413 "));
    CHECK(rig.backend()->closed());  // and it never saw an end
    CHECK_FALSE(has(rig.backend()->received(), "0\r\n\r\n"));

    const auto fits = rig.connect();
    rig.ask(fits, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n1234567890\r\n0\r\n\r\n");
    CHECK(has(rig.answer(fits), "\r\n\r\nok"));

    const auto late = rig.connect();
    rig.ask(late, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    rig.answer(late, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    rig.ask(late, "b\r\n12345678901\r\n");
    CHECK(rig.backend()->closed());
    CHECK_EQ(rig.ended(Outcome::local), 3);
}

TEST_CASE("a request waits for its policy and then goes on as if nothing had been") {
    PolicyWatch watch;
    ProxyRig rig(kOneBackend, with_policy<WaitingPolicy>(watch, 10s));
    const auto client = rig.connect();
    CHECK_EQ(rig.ask(client, kPost), "");
    CHECK_EQ(rig.backends.size(), 0);
    CHECK_EQ(watch.jobs, 1);
    watch.resume();
    rig.run();
    CHECK_EQ(watch.resumed, 1);
    CHECK(has(rig.backend()->received(), "\r\n\r\nabc"));
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    check_clean(rig, watch);
}

TEST_CASE("a token of an exchange that has ended wakes nobody, neither when its place is taken again") {
    PolicyWatch watch;
    ProxyRig rig(kOneBackend, with_policy<WaitingPolicy>(watch, 10s));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    const policy::Resume old = watch.resume;
    client->reset();
    rig.run();
    check_clean(rig, watch);
    old();
    rig.run();
    const auto next = rig.connect();
    rig.ask(next, kGet);
    old();
    rig.run();
    CHECK_EQ(watch.resumed, 0);
    CHECK_EQ(watch.jobs, 1);
    watch.resume();
    watch.resume();
    rig.run();
    CHECK_EQ(watch.resumed, 1);
    CHECK(has(rig.answer(next), "\r\n\r\nok"));
    check_clean(rig, watch);
}

TEST_CASE("what else happens while a policy waits does not wake it") {
    PolicyWatch watch;
    ProxyRig rig(one_backend("", "", "timeout: 1h"), with_policy<WaitingPolicy>(watch, 60s));
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
    for (int i = 0; i < 50; ++i) {
        client->send(std::string(1000, 'b'));
        rig.advance(1s);
    }
    CHECK_EQ(watch.jobs, 1);
    rig.advance(11s);
    CHECK_EQ(watch.timed_out, 1);
    CHECK(starts(client->take_received(), "HTTP/1.1 503 "));
}

TEST_CASE("a call is a request of its own, and its answer decides") {
    PolicyWatch watch;
    ProxyRig rig(kWithAuth, calling(watch, 10s, "who?"));
    const auto client = rig.connect();
    rig.ask(client, kPost);
    REQUIRE_EQ(rig.backends.size(), 1);
    const std::string call = rig.backend()->take_received();
    CHECK(starts(call, "POST /verify HTTP/1.1\r\nHost: auth\r\n"));
    CHECK(has(call, "x-for: /a\r\n"));
    CHECK(has(call, "X-Forwarded-For: 192.0.2.1\r\n"));
    CHECK(has(call, "Content-Length: 4\r\n"));
    CHECK(has(call, "\r\n\r\nwho?"));
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalice");
    REQUIRE_EQ(rig.backends.size(), 2);
    CHECK(has(rig.backend()->received(), "x-user: alice\r\n"));
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK_EQ(watch.answered, 1);
    check_clean(rig, watch);

    rig.ask(client, kPost);
    CHECK_EQ(rig.backends.size(), 2);  // the call's connection was used again
    rig.backends[0]->send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 401 "));
    check_clean(rig, watch);
}

TEST_CASE("a call that fails is told as such: refused, broken, too slow, too long") {
    PolicyWatch watch;
    ProxyRig rig(kWithAuth, calling(watch));
    const auto refused_call = [&](auto&& fail) {
        const auto client = rig.connect();
        const int before = watch.failed;
        rig.ask(client, kGet);
        fail();
        rig.run();
        CHECK(starts(client->take_received(), "HTTP/1.1 503 "));
        CHECK_EQ(watch.failed, before + 1);
        check_clean(rig, watch);
    };
    refused_call([&] {
        rig.backend()->reset();
        rig.run();
        rig.backend()->reset();  // it was made again
    });
    refused_call([&] { rig.backend()->send("garbage\r\n\r\n"); });
    refused_call(
        [&] { rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), rig.backend()->finish(); });
    refused_call([&] { rig.advance(4s); });
    refused_call(
        [&] { rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')); });
    rig.backend()->finish();  // it was read whole, and its connection kept
    rig.run();
    rig.accept_dials = false;
    refused_call([&] { rig.backend()->refuse(ECONNREFUSED); });
}

TEST_CASE("a call that takes longer than its policy allows is cancelled") {
    PolicyWatch watch;
    ProxyRig rig(kWithAuth, calling(watch, 2s));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.advance(3s);
    CHECK_EQ(watch.timed_out, 1);
    CHECK(rig.backend()->closed());
    CHECK(starts(client->take_received(), "HTTP/1.1 503 "));
    check_clean(rig, watch);
}

TEST_CASE("a call goes where the config of its request says, though there is a new one meanwhile") {
    PolicyWatch watch;
    const auto wait_and_call = [&](proxy::Snapshot& snapshot) {
        with_policy<WaitingPolicy>(watch, Duration(10s))(snapshot);
        calling(watch)(snapshot);
    };
    ProxyRig rig(kWithAuth, wait_and_call);
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.engine->adopt(std::move(*server::compile(ProxyRig::parse(kOneBackend), rig.living, 1)));
    watch.resume();
    rig.run();
    REQUIRE_EQ(rig.backends.size(), 1);
    CHECK(starts(rig.backend()->take_received(), "GET /verify HTTP/1.1\r\n"));
    rig.backend()->send(kOk);
    rig.run();
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    check_clean(rig, watch);
}

TEST_CASE("a call that nobody waits for any more is cancelled, whatever its target says of aborts") {
    PolicyWatch watch;
    const auto finishing = [&](proxy::Snapshot& snapshot) {
        calling(watch, 2s)(snapshot);
        snapshot.calls[0].finish_on_abort = true;
    };
    ProxyRig rig(kWithAuth, finishing);
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.advance(2s);
    CHECK(starts(client->take_received(), "HTTP/1.1 503 "));
    CHECK(rig.backend()->closed());
    check_clean(rig, watch);
}

TEST_CASE("a stage changes both bodies, whose lengths are not known any more") {
    PolicyWatch watch;
    ProxyRig rig(kOneBackend, with_policy<DoublingPolicy>(watch));
    const auto client = rig.connect();
    rig.ask(client, kPost);
    const std::string request = rig.backend()->take_received();
    CHECK(has(request, "Transfer-Encoding: chunked\r\n"));
    CHECK_FALSE(has(request, "Content-Length"));
    CHECK(has(request, "1\r\na\r\n1\r\na\r\n1\r\nb\r\n1\r\nb\r\n1\r\nc\r\n1\r\nc\r\n0\r\n\r\n"));
    const std::string answer = rig.answer(client);
    CHECK(has(answer, "Transfer-Encoding: chunked\r\n"));
    CHECK(has(answer, "1\r\no\r\n1\r\no\r\n1\r\nk\r\n1\r\nk\r\n0\r\n\r\n"));
    check_clean(rig, watch);
    rig.ask(client, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_FALSE(has(rig.backend()->take_received(), "chunked"));
    CHECK(has(rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), "Content-Length: 2\r\n"));
    check_clean(rig, watch);
}

TEST_CASE("a stage that pauses holds its source until the exchange is resumed") {
    PolicyWatch watch;
    ProxyRig rig(kOneBackend, with_policy<DoublingPolicy>(watch, 2));
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
    rig.ask(client, "cd");
    CHECK_FALSE(has(rig.backend()->received(), "1\r\nc\r\n"));
    watch.resume();
    rig.run();
    CHECK(has(rig.backend()->received(), "1\r\nd\r\n0\r\n\r\n"));
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz");
    CHECK_FALSE(has(client->received(), "1\r\nx\r\n"));
    watch.resume();
    rig.run();
    CHECK(has(client->take_received(), "1\r\nz\r\n0\r\n\r\n"));
    check_clean(rig, watch);
}

TEST_CASE("a policy may replace an answer, and the backend's connection is given up") {
    ProxyRig rig(kOneBackend, with_policy<ReplacingPolicy>());
    const auto client = rig.connect();
    rig.ask(client, kGet);
    const std::string answer = rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
    CHECK(starts(answer, "HTTP/1.1 418 "));
    CHECK(has(answer, "Content-Type: text/plain\r\n"));
    CHECK(has(answer, "\r\n\r\ninstead"));
    CHECK_FALSE(has(answer, "problem"));
    CHECK(rig.backend()->closed());
    CHECK_EQ(rig.ended(Outcome::local), 1);
    rig.ask(client, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string head = rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    CHECK(has(head, "Content-Length: 7\r\n"));
    CHECK_FALSE(has(head, "instead"));
}

TEST_CASE("a snapshot stays as long as a live stream's stages, and no longer") {
    PolicyWatch watch;
    ProxyRig rig(kOneBackend, with_policy<DoublingPolicy>(watch));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    const auto loaded = config::parse(kOneBackend, "rig.yaml");
    rig.engine->adopt(std::move(*server::compile(*loaded.config, rig.living, 1)));
    rig.answer(client, "1\r\na\r\n");
    CHECK(has(rig.answer(client, "0\r\n\r\n"), "1\r\na\r\n1\r\na\r\n0\r\n\r\n"));
    check_clean(rig, watch);
}
