// Exchanges of which one side breaks: what the other is told, and that nothing broken is used again.
#include <string>

#include "proxy/exchange.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

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
        ProxyRig rig(one_backend("", "", "retry: { when: [] }"));
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

TEST_CASE("bytes on an idle backend connection close it") {
    ProxyRig rig;
    const auto client = rig.idle_client();
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    rig.ask(client, kGet);
    REQUIRE_EQ(rig.backends.size(), 2);
    CHECK(rig.backends[0]->closed());
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
}

TEST_CASE("a head that is far too long is refused, however much of it comes at once") {
    for (const size_t size : {33'000, 49'000, 49'136, 49'152, 50'000, 200'000}) {
        CAPTURE(size);
        ProxyRig rig;
        const auto client = rig.connect();
        const std::string answer = rig.ask(client, "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(size, 'x'));
        CHECK(starts(answer, "HTTP/1.1 431 "));
        client->send(std::string(100'000, 'y'));
        rig.run();
        CHECK(client->saw_fin());
    }
}

TEST_CASE("what stands behind a response never answers the request that waited for its connection") {
    for (const bool fin : {false, true}) {
        CAPTURE(fin);
        ProxyRig rig;
        const auto first = rig.connect();
        const auto second = rig.connect();
        rig.ask(first, kGet);
        rig.accept_dials = false;
        rig.ask(second, kGet);  // waits for its own dial
        // The response ends where a read does, so that it is complete before what follows is seen.
        std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
        const size_t body = SlabStore::kCapacity - head.size() - 5 - 4;
        head += std::to_string(body) + "\r\n\r\n";
        REQUIRE_EQ(head.size() + body, SlabStore::kCapacity);
        rig.backends[0]->send(head + std::string(body, 'a') +
                              (fin ? "" : "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON"));
        if (fin) rig.backends[0]->finish();
        rig.run();
        CHECK(starts(first->take_received(), "HTTP/1.1 200 "));
        CHECK(second->received().empty());
        rig.backends[1]->accept();
        rig.run();
        rig.backends[1]->send(kOk);
        rig.run();
        CHECK(has(second->take_received(), "\r\n\r\nok"));
    }
}

TEST_CASE("a pipelined request is not sent on a connection that ended behind the answer before it") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, std::string(kGet) + std::string(kGet));
        rig.backend()->send(kOk);
        while (client->received().empty()) rig.loop.turn(Duration::zero());
        if (reset) {
            rig.backend()->reset();
        } else {
            rig.backend()->finish();
        }
        rig.run();
        REQUIRE_EQ(rig.backends.size(), 2);
        client->take_received();
        CHECK(has(rig.answer(client), "\r\n\r\nok"));
    }
}

TEST_CASE("a pipelined head that no slab holds is read on when its turn comes") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, std::string(kGet) + "GET /b HTTP/1.1\r\nHost: x\r\nX: " + std::string(30'000, 'x') + "\r\n\r\n");
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
}

TEST_CASE("a pipelined request whose client ends behind the answer before it is counted as aborted") {
    for (const char* second : {"GET /half HTTP/1.1\r\nHo", "GET /whole HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        CAPTURE(second);
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, std::string(kGet) + second);
        rig.backend()->send(kOk);
        while (client->received().empty()) rig.loop.turn(Duration::zero());
        client->finish();
        rig.run();
        CHECK_EQ(rig.engine->connections(), 0);
        uint64_t aborted = 0;
        rig.living.registry.each_route([&](const telemetry::RouteSeries& series) {
            series.each([&](const telemetry::RouteCells& cells) {
                aborted += cells.outcome(static_cast<unsigned>(proxy::Outcome::client_abort));
            });
        });
        CHECK_EQ(aborted, 1);
    }
}

TEST_CASE("an answer that comes before its request is none") {
    ProxyRig rig;
    rig.accept_dials = false;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->accept();
    CHECK(starts(rig.answer(client), "HTTP/1.1 502 "));
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

TEST_CASE("a response that breaks before a byte of it left is a 502, whatever the client speaks") {
    for (const char* request : {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, request);
        const std::string answer =
            rig.answer(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nXX\r\n");
        CHECK(starts(answer, "HTTP/1.1 502 "));
        CHECK(has(answer, "error=http_protocol_error"));
    }
}

TEST_CASE("only a reset tells an HTTP/1.0 client that a body was cut") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "GET / HTTP/1.0\r\n\r\n");
    CHECK(
        has(rig.answer(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), "\r\n\r\nhalf"));
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

TEST_CASE("a connection whose backend answered in place of the 100 that was asked for is not used again") {
    struct Row {
        const char* first;
        size_t dials;
    };
    for (const Row& row : {Row{"", 2}, Row{"HTTP/1.1 100 Continue\r\n\r\n", 1}}) {
        CAPTURE(std::string(row.first));
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nab");
        rig.answer(client, row.first + std::string("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
        const auto next = rig.connect();
        rig.ask(next, kGet);
        CHECK_EQ(rig.backends.size(), row.dials);
    }
}

TEST_CASE("a CONNECT that is refused ends its connection") {
    ProxyRig rig;
    const auto client = rig.connect();
    const std::string answer = rig.ask(client, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" + std::string(kGet));
    CHECK(starts(answer, "HTTP/1.1 405 "));
    CHECK(has(answer, "Connection: close\r\n"));
    CHECK(rig.backends.empty());
}
