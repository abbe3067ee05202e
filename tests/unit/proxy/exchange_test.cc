// Exchanges through all eight rooms, in memory and on manual time.
#include "proxy/exchange.h"

#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

TEST_CASE("a request reaches the backend and its answer the client, on one kept connection each") {
    ProxyRig rig;
    const auto client = rig.connect();
    for (int i = 0; i < 3; ++i) {
        client->send(kGet);
        rig.run();
        REQUIRE_EQ(rig.backends.size(), 1);
        const std::string request = rig.backend()->take_received();
        CHECK(starts(request, "GET /a HTTP/1.1\r\nHost: shop\r\n"));
        CHECK(has(request, "X-Forwarded-For: 192.0.2.1\r\n"));
        const std::string answer = rig.answer(client);
        CHECK(starts(answer, "HTTP/1.1 200 OK\r\n"));
        CHECK(has(answer, "\r\n\r\nok"));
        CHECK_EQ(client->writes(), static_cast<size_t>(i + 1));
        CHECK_EQ(rig.backend()->writes(), static_cast<size_t>(i + 1));
    }
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("one read and one write on either side carry a request") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send(kOk);
    rig.run();
    CHECK_EQ(client->reads(), 1);
    CHECK_EQ(client->writes(), 1);
    CHECK_EQ(rig.backend()->reads(), 1);
    CHECK_EQ(rig.backend()->writes(), 1);
}

TEST_CASE("pipelined requests are answered in order") {
    ProxyRig rig;
    const auto client = rig.connect();
    std::string requests;
    for (int i = 10; i < 30; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    client->send(requests);
    for (int i = 10; i < 30; ++i) {
        rig.run();
        const std::string number = std::to_string(i);
        CHECK(starts(rig.backend()->take_received(), "GET /" + number + " "));
        const std::string answer = rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + number);
        CHECK(starts(answer, "HTTP/1.1 200 OK\r\n"));
        CHECK_EQ(answer.substr(answer.find("\r\n\r\n")), "\r\n\r\n" + number);
    }
    CHECK_EQ(rig.backends.size(), 1);
}

TEST_CASE("a body streams through before it is complete") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
    CHECK(has(rig.backend()->take_received(), "\r\n\r\nabc"));
    rig.ask(client, "def");
    CHECK_EQ(rig.backend()->take_received(), "def");
    CHECK(has(rig.answer(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n"), "3\r\nxyz\r\n"));
    CHECK_EQ(rig.answer(client, "0\r\nX-T: 1\r\n\r\n"), "0\r\nX-T: 1\r\n\r\n");
}

TEST_CASE("trailers pass, but none that a backend may read as what only weir says") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    rig.backend()->take_received();
    rig.ask(client, "0\r\nX-Sum: 1\r\nContent_Length: 9\r\nx.real.ip: 1\r\n\r\n");
    CHECK_EQ(rig.backend()->take_received(), "0\r\nX-Sum: 1\r\n\r\n");
}

TEST_CASE("a slow client pauses the backend, and a fast one lets it go on") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    client->set_window(10'000);
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'b'));
    rig.run();
    CHECK_GT(rig.backend()->unread(), 800'000);
    CHECK_LE(rig.loop.slabs().bytes_in_use(), 256 * 1024);
    std::string all = client->take_received();
    for (int i = 0; i < 200 && rig.engine->exchanges() > 0; ++i) {
        client->set_window(10'000);
        rig.run();
        all += client->take_received();
    }
    CHECK((all.substr(all.find("\r\n\r\n") + 4) == std::string(1'000'000, 'b')));
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("a slow backend pauses the client") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.accept_dials = false;
    client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'b'));
    rig.run();
    CHECK_GT(client->unread(), 900'000);
    rig.backend()->set_window(100'000);
    rig.backend()->accept();
    rig.run();
    CHECK_EQ(rig.backend()->received().size(), 100'000U);
    CHECK_GE(client->unread(), 1'000'000 - 100'000 - Pipe::kBytes);
    rig.backend()->set_window(SIZE_MAX);
    rig.run();
    CHECK_EQ(client->unread(), 0);
}

TEST_CASE("a request goes where its route says, or nowhere") {
    ProxyRig rig(R"(
listeners: [ { address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { match: { host: shop.example.com, path: /api }, pool: app } ]
)");
    const auto client = rig.connect();
    CHECK(starts(rig.ask(client, kGet), "HTTP/1.1 404 "));
    rig.ask(client, "GET /api/x HTTP/1.1\r\nHost: shop.example.com\r\n\r\n");
    CHECK_EQ(rig.backends.size(), 1);
}

TEST_CASE("a connection that becomes free serves who waits for a dial") {
    ProxyRig rig;
    const auto first = rig.connect();
    const auto second = rig.connect();
    rig.ask(first, kGet);
    rig.accept_dials = false;
    rig.ask(second, kGet);
    rig.backends[0]->send(kOk);
    rig.run();
    rig.backends[0]->send(kOk);
    rig.run();
    CHECK(starts(second->take_received(), "HTTP/1.1 200 "));
}

TEST_CASE("a client past connections_per_client is turned away until one of its connections has gone") {
    ProxyRig rig(one_backend("connections_per_client: 2"));
    const auto first = rig.connect();
    const auto second = rig.connect();
    const auto third = rig.connect();
    const auto stranger = rig.connect("192.0.2.77:1");
    rig.run();
    CHECK(third->closed());
    CHECK_FALSE(second->closed());
    CHECK_FALSE(stranger->closed());
    first->finish();
    rig.run();
    const auto fourth = rig.connect();
    rig.run();
    CHECK_FALSE(fourth->closed());
}

TEST_CASE("the addresses of an IPv6 /64 are one client (RFC 4291 2.5.1), those of IPv4 are not") {
    ProxyRig rig(one_backend("connections_per_client: 1"));
    const auto first = rig.connect("[2001:db8:0:1::1]:1");
    const auto same = rig.connect("[2001:db8:0:1:ffff::2]:1");
    const auto next_network = rig.connect("[2001:db8:0:2::1]:1");
    const auto v4 = rig.connect("192.0.2.1:1");
    const auto v4_neighbour = rig.connect("192.0.2.2:1");
    rig.run();
    CHECK(same->closed());
    for (const auto& client : {first, next_network, v4, v4_neighbour}) CHECK_FALSE(client->closed());
    first->finish();
    rig.run();
    const auto again = rig.connect("[2001:db8:0:1:ffff::2]:1");
    rig.run();
    CHECK_FALSE(again->closed());
}
