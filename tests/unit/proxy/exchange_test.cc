// Exchanges through all eight rooms, in memory and on manual time.
#include "proxy/exchange.h"

#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {
constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}
bool starts(const std::string& text, std::string_view part) {
    return text.rfind(part, 0) == 0;
}
}  // namespace

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
        rig.backend()->send(kOk);
        rig.run();
        const std::string answer = client->take_received();
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
    for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    client->send(requests);
    std::string answers;
    for (int i = 0; i < 20; ++i) {
        rig.run();
        CHECK(starts(rig.backend()->take_received(), "GET /" + std::to_string(i) + " "));
        rig.backend()->send(kOk);
        rig.run();
        answers += client->take_received();
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
    rig.backend()->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n");
    rig.run();
    CHECK(has(client->take_received(), "3\r\nxyz\r\n"));
    rig.backend()->send("0\r\nX-T: 1\r\n\r\n");
    rig.run();
    CHECK_EQ(client->take_received(), "0\r\nX-T: 1\r\n\r\n");
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
    CHECK_GT(client->unread(), 700'000);
    rig.backend()->set_window(SIZE_MAX);
    rig.run();
    CHECK_EQ(client->unread(), 0);
}

TEST_CASE("what goes wrong at a backend is a gateway error that says so") {
    struct Row {
        const char* bytes;
        bool reset;
        const char* status;
        const char* token;
    };
    const Row rows[] = {
        {"", false, "HTTP/1.1 502 ", "connection_terminated"},
        {"", true, "HTTP/1.1 502 ", "connection_terminated"},
        {"HTTP/1.1 200", false, "HTTP/1.1 502 ", "http_response_incomplete"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false, "HTTP/1.1 502 ",
         "http_protocol_error"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", false, "HTTP/1.1 502 ", "http_protocol_error"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.bytes);
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, kGet);
        rig.backend()->send(row.bytes);
        if (row.reset) {
            rig.backend()->reset();
        } else {
            rig.backend()->finish();
        }
        rig.run();
        const std::string answer = client->take_received();
        CHECK(starts(answer, row.status));
        CHECK(has(answer, std::string("Proxy-Status: weir; error=") + row.token));
        CHECK(has(answer, "application/problem+json"));
        CHECK_FALSE(client->closed());
        rig.ask(client, kGet);
        CHECK_EQ(rig.backends.size(), 2);
    }
}

TEST_CASE("a response that is cut behind its head is never completed") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    rig.run();
    rig.backend()->finish();
    rig.run();
    const std::string answer = client->take_received();
    CHECK(has(answer, "4\r\nhalf\r\n"));
    CHECK_FALSE(has(answer, "0\r\n\r\n"));
    CHECK((client->saw_fin() || client->saw_reset()));
}

TEST_CASE("a broken upload never reaches the backend as a complete one") {
    struct Row {
        const char* begin;
        const char* broken;
    };
    const Row rows[] = {
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "XX\r\n"},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", nullptr},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", nullptr},
        {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
         "0\r\nContent-Length: 3\r\n\r\n"},
    };
    for (const Row& row : rows) {
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, row.begin);
        if (row.broken != nullptr) {
            CHECK(starts(rig.ask(client, row.broken), "HTTP/1.1 400 "));
        } else {
            client->finish();
            rig.run();
        }
        CHECK(rig.backend()->closed());
        CHECK_FALSE(has(rig.backend()->received(), "0\r\n\r\n"));
        CHECK_EQ(rig.engine->exchanges(), 0);
    }
}

TEST_CASE("a client that goes takes its request from the backend") {
    for (const bool reset : {false, true}) {
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, kGet);
        CHECK_FALSE(rig.backend()->closed());
        if (reset) {
            client->reset();
        } else {
            client->finish();
        }
        rig.run();
        CHECK(rig.backend()->closed());
        CHECK_EQ(rig.engine->connections(), 0);
    }
}

TEST_CASE("every deadline has its answer") {
    ProxyRig rig;
    const auto silent = rig.connect();
    rig.advance(9s);
    CHECK_FALSE(silent->closed());
    rig.advance(2s);
    CHECK(silent->closed());
    CHECK(silent->received().empty());

    const auto slow = rig.connect();
    slow->send("GET / HT");
    rig.run();
    rig.advance(11s);
    CHECK(starts(slow->take_received(), "HTTP/1.1 408 "));

    const auto waiting = rig.connect();
    rig.ask(waiting, kGet);
    rig.advance(59s);
    CHECK(waiting->received().empty());
    rig.advance(2s);
    const std::string late = waiting->take_received();
    CHECK(starts(late, "HTTP/1.1 504 "));
    CHECK(has(late, "http_response_timeout"));
    CHECK(rig.backend()->closed());

    const auto uploading = rig.connect();
    rig.ask(uploading, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    rig.advance(31s);
    CHECK(starts(uploading->take_received(), "HTTP/1.1 408 "));

    const auto idle = rig.connect();
    rig.ask(idle, kGet);
    rig.backend()->send(kOk);
    rig.run();
    rig.advance(74s);
    CHECK_FALSE(idle->closed());
    rig.advance(2s);
    CHECK(idle->closed());
}

TEST_CASE("a connect that fails is told apart from one that takes too long") {
    ProxyRig rig;
    rig.accept_dials = false;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->refuse(ECONNREFUSED);
    rig.run();
    CHECK(has(client->take_received(), "error=connection_refused"));
    rig.ask(client, kGet);
    rig.advance(2s);
    const std::string late = client->take_received();
    CHECK(starts(late, "HTTP/1.1 504 "));
    CHECK(has(late, "error=connection_timeout"));
}

TEST_CASE("bytes on an idle backend connection close it") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send(kOk);
    rig.run();
    client->take_received();
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    rig.ask(client, kGet);
    REQUIRE_EQ(rig.backends.size(), 2);
    CHECK(rig.backends[0]->closed());
    rig.backend()->send(kOk);
    rig.run();
    CHECK(has(client->take_received(), "\r\n\r\nok"));
}

TEST_CASE("what weir does not pass on it answers itself") {
    struct Row {
        const char* request;
        const char* status;
    };
    const Row rows[] = {
        {"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
        {"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 "},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 501 "},
        {"GET / HTTP/1.1\r\nHost: x\r\nVia: 1.1 weir-test\r\n\r\n", "HTTP/1.1 508 "},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/2.5\r\nHost: x\r\n\r\n", "HTTP/1.1 505 "},
        {"GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", "HTTP/1.1 417 "},
    };
    for (const Row& row : rows) {
        CAPTURE(row.request);
        ProxyRig rig;
        const auto client = rig.connect();
        CHECK(starts(rig.ask(client, row.request), row.status));
        CHECK(rig.backends.empty());
    }
}

TEST_CASE("no route is a 404") {
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

TEST_CASE("while draining an answer closes its connection and an idle one goes after a last chance") {
    ProxyRig rig;
    const auto idle = rig.connect();
    const auto busy = rig.connect();
    rig.ask(busy, kGet);
    rig.engine->drain();
    rig.run();
    CHECK_FALSE(idle->saw_fin());
    rig.advance(1100ms);
    CHECK(idle->saw_fin());
    CHECK_FALSE(busy->saw_fin());
    rig.backend()->send(kOk);
    rig.run();
    CHECK(has(busy->take_received(), "Connection: close\r\n"));
    CHECK(busy->saw_fin());
    busy->finish();
    idle->finish();
    rig.run();
    CHECK_EQ(rig.engine->connections(), 0);
}

TEST_CASE("a request that crosses the drain is answered, on a fresh connection and on an idle one") {
    ProxyRig rig;
    const auto fresh = rig.connect();
    const auto idle = rig.connect();
    rig.ask(idle, kGet);
    rig.backend()->send(kOk);
    rig.run();
    idle->take_received();
    fresh->send(kGet);
    idle->send(kGet);
    rig.engine->drain();
    const auto late = rig.connect();  // from the accept queue
    rig.run();
    rig.ask(late, kGet);
    CHECK_EQ(rig.backends.size(), 3);
    for (const auto& backend : rig.backends) backend->send(kOk);
    rig.run();
    for (const auto& client : {fresh, idle, late}) {
        const std::string answer = client->take_received();
        CHECK(starts(answer, "HTTP/1.1 200 "));
        CHECK(has(answer, "Connection: close\r\n"));
        CHECK(client->saw_fin());
    }
}

TEST_CASE("a head that began before the drain gets its header_timeout") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "GET /a HTTP/1.1\r\n");
    rig.engine->drain();
    rig.advance(5s);
    CHECK_FALSE(client->saw_fin());
    rig.ask(client, "Host: shop\r\n\r\n");
    rig.backend()->send(kOk);
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 200 "));
}

TEST_CASE("many tiny pieces do not hide that a body is slower than min_rate") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 10'500 && client->received().empty(); ++i) {
        if (i % 10 == 0) client->send("b");  // 100 a second; the rate is 128
        rig.advance(1ms);
    }
    CHECK(starts(client->take_received(), "HTTP/1.1 408 "));
}

TEST_CASE("a client that waits for 100 Continue is not blamed for the backend's silence") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    rig.advance(45s);
    CHECK(client->received().empty());
    rig.backend()->send("HTTP/1.1 100 Continue\r\n\r\n");
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 100 "));
    rig.advance(31s);  // body_timeout, from here on
    CHECK(starts(client->take_received(), "HTTP/1.1 408 "));
}

TEST_CASE("blank lines behind a request and a FIN do not cost the client its answer") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send(kOk);
    rig.run();
    client->send("\r\n");
    rig.run();
    client->finish();
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 200 "));
    CHECK(client->saw_fin());
    CHECK_FALSE(client->saw_reset());
}

TEST_CASE("a body slower than min_rate is given up, one that the backend holds up is not") {
    ProxyRig slow;
    const auto client = slow.connect();
    slow.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (int second = 0; second < 9; ++second) {
        client->send(std::string(100, 'b'));  // the rate is 128 a second
        slow.advance(1s);
    }
    CHECK(client->received().empty());
    slow.advance(2s);
    CHECK(starts(client->take_received(), "HTTP/1.1 408 "));

    ProxyRig held;
    const auto patient = held.connect();
    held.accept_dials = true;
    held.ask(patient, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    held.backend()->set_window(0);
    patient->send(std::string(400'000, 'b'));
    held.run();
    for (int second = 0; second < 30; ++second) held.advance(1s);
    CHECK(patient->received().empty());
}

TEST_CASE("a client past connections_per_client is turned away until one of its connections has gone") {
    ProxyRig rig(R"(
listeners: [ { address: "127.0.0.1:8080", limits: { connections_per_client: 2 } } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { pool: app } ]
)");
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

TEST_CASE("a response that breaks before a byte of it left is a 502, whatever the client speaks") {
    for (const char* request : {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, request);
        rig.backend()->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nXX\r\n");
        rig.run();
        const std::string answer = client->take_received();
        CHECK(starts(answer, "HTTP/1.1 502 "));
        CHECK(has(answer, "error=http_protocol_error"));
    }
}

TEST_CASE("only a reset tells an HTTP/1.0 client that a body was cut") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "GET / HTTP/1.0\r\n\r\n");
    rig.backend()->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    rig.run();
    CHECK(has(client->take_received(), "\r\n\r\nhalf"));
    rig.backend()->send("XX\r\n");
    rig.run();
    CHECK(client->saw_reset());
}

TEST_CASE("a head that ends in the middle is counted and named like any exchange") {
    ProxyRig rig;
    const auto client = rig.connect();
    client->send("GET /half HTTP/1.1\r\nHo");
    client->finish();
    rig.run();
    CHECK_EQ(rig.engine->exchanges(), 0);
    int64_t active = 0;
    rig.living.registry.route("-", "-").each([&](const telemetry::RouteCells& cells) { active += cells.active(); });
    CHECK_EQ(active, 0);
}
