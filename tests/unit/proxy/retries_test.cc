// Requests whose try failed: where they are sent again, and what each side sees of it.
#include <string>
#include <vector>

#include "tests/unit/proxy/retry_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

TEST_CASE("a request whose connect is refused goes to another endpoint, whatever its method") {
    for (const char* request : {static_cast<const char*>(kPost), kGet.data()}) {
        RetryRig rig(backends(3));
        rig.refused = 2;
        const auto client = rig.connect();
        rig.ask(client, request);
        REQUIRE_EQ(rig.ports.size(), 3);
        CHECK_NE(rig.ports[0], rig.ports[1]);
        CHECK_NE(rig.ports[1], rig.ports[2]);
        CHECK_NE(rig.ports[0], rig.ports[2]);
        CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
        CHECK(has(rig.metrics(), "weir_retries_total{pool=\"app\",reason=\"connect\"} 2"));
        CHECK_EQ(rig.ended(Outcome::ok), 1);
    }
}

TEST_CASE("when all refuse, or take too long, the client is told so once") {
    RetryRig rig(backends(3));
    rig.refused = 3;
    const auto client = rig.connect();
    CHECK(starts(rig.ask(client, kGet), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ports.size(), 3);
    CHECK_EQ(rig.ended(Outcome::connection_refused), 1);

    rig.accept_dials = false;
    rig.ask(client, kGet);
    for (int i = 0; i < 3; ++i) rig.advance(1s);
    CHECK(starts(client->take_received(), "HTTP/1.1 504 "));
    CHECK_EQ(rig.ports.size(), 6);
}

TEST_CASE("an endpoint alone that refuses is not asked again") {
    RetryRig rig(backends(1));
    rig.refused = 1;
    const auto client = rig.connect();
    CHECK(starts(rig.ask(client, kGet), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ports.size(), 1);
}

TEST_CASE("one that refused is passed over for a second, while others are there") {
    RetryRig rig(backends(2));
    rig.refused = 1;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client);
    const uint16_t refused = rig.ports[0];
    for (int i = 0; i < 4; ++i) {
        rig.ask(client, kGet);
        rig.answer(client);
    }
    CHECK_EQ(std::count(rig.ports.begin(), rig.ports.end(), refused), 1);
    rig.advance(1100ms);
    for (int i = 0; i < 2; ++i) {
        rig.ask(client, kGet);
        rig.answer(client);
    }
    CHECK_EQ(std::count(rig.ports.begin(), rig.ports.end(), refused), 2);
}

TEST_CASE("a GET whose backend dies goes to another one, a POST does not") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->reset();
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK_NE(rig.ports[0], rig.ports[1]);
    CHECK(starts(rig.backend()->received(), "GET /a "));
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    CHECK(has(rig.metrics(), "reason=\"reset\"} 1"));

    rig.ask(client, kPost);
    rig.backend()->reset();
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
}

TEST_CASE("a POST with Idempotency-Key is sent again, with its body") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: 7\r\nContent-Length: 4\r\n\r\nbody");
    rig.backend()->finish();
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK(has(rig.backend()->received(), "Content-Length: 4\r\n"));
    CHECK(has(rig.backend()->received(), "\r\n\r\nbody"));
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
}

TEST_CASE("attempts are all tries: after the last the client is told") {
    RetryRig rig(backends(3, "", "retry: { attempts: 2 }"));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    for (int i = 0; i < 2; ++i) {
        rig.backend()->finish();
        rig.run();
    }
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ports.size(), 2);
    CHECK_EQ(rig.ended(Outcome::connection_terminated), 1);
}

TEST_CASE("an endpoint alone is asked again, by a new connection") {
    RetryRig rig(backends(1));
    const auto first = rig.connect();
    const auto second = rig.connect();
    rig.ask(first, kGet);
    rig.ask(second, kGet);
    for (const auto& backend : rig.MemoryLoop::backends) backend->send(kOk);
    rig.run();  // two idle connections
    first->take_received();
    rig.ask(first, kGet);
    CHECK_EQ(rig.ports.size(), 2);
    for (const auto& backend : rig.MemoryLoop::backends) {
        if (!has(backend->received().substr(10), "GET")) continue;
        backend->reset();
        rig.run();
        break;
    }
    CHECK_EQ(rig.ports.size(), 3);
    CHECK(starts(rig.answer(first), "HTTP/1.1 200 "));
}

TEST_CASE("one that closed an idle connection is asked again when the other one refuses") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    for (int i = 0; i < 2; ++i) {
        rig.ask(client, kGet);
        rig.answer(client);
    }
    REQUIRE_EQ(rig.ports.size(), 2);
    const auto first = rig.MemoryLoop::backends[0];  // it is its turn
    rig.MemoryLoop::backends[1]->finish();           // and this one has gone
    rig.run();
    first->stop_acknowledging();
    rig.ask(client, kPost);
    rig.refused = 1;
    close_unseen(first);
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 4);
    CHECK_EQ(rig.ports[2], rig.ports[1]);
    CHECK_EQ(rig.ports[3], rig.ports[0]);
    CHECK(has(rig.backend()->received(), "POST /pay"));
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
}

TEST_CASE("an Idempotency-Key that does not reach the backend allows nothing, one of a policy does") {
    const std::string keyed = "POST / HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: 7\r\nContent-Length: 4\r\n\r\nbody";
    struct Row {
        const char* edit;
        std::string request;
        size_t dials;
    };
    for (const Row& row :
         {Row{"remove: [ idempotency-key ]", keyed, 1}, Row{"set: { idempotency-key: \"{request_id}\" }", kPost, 2}}) {
        CAPTURE(row.edit);
        RetryRig rig(backends(2, "", std::string("request_headers: { ") + row.edit + " }"));
        const auto client = rig.connect();
        rig.ask(client, row.request);
        rig.backend()->reset();
        rig.run();
        CHECK_EQ(rig.ports.size(), row.dials);
    }
}

TEST_CASE("a body that outgrew buffer is not sent again, one that did not is, as far as it has come") {
    const std::string head = "PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string chunk = "3e8\r\n" + std::string(1000, 'x') + "\r\n";
    for (const int chunks : {10, 11}) {
        RetryRig rig(backends(2, "", "buffer: 10000"));
        const auto client = rig.connect();
        rig.ask(client, head);
        for (int i = 0; i < chunks; ++i) rig.ask(client, chunk);
        rig.backend()->reset();
        rig.run();
        if (chunks == 11) {
            CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
            continue;
        }
        REQUIRE_EQ(rig.ports.size(), 2);
        rig.ask(client, "2\r\nyz\r\n0\r\nx-sum: 7\r\n\r\n");
        const std::string got = rig.backend()->received();
        CHECK_EQ(std::count(got.begin(), got.end(), 'x'),
                 10'000 + std::count(got.begin(), got.begin() + static_cast<ptrdiff_t>(got.find("\r\n\r\n")), 'x') + 1);
        CHECK(has(got, "yz\r\n0\r\nx-sum: 7\r\n\r\n"));
        CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    }
}

TEST_CASE("a whole body with its trailers is sent again whole") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client,
            "PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx-sum: 7\r\n\r\n");
    const std::string first = rig.backend()->received();
    rig.backend()->reset();
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK_EQ(rig.backend()->received(), first);
    CHECK(has(first, "x-sum: 7"));
}

TEST_CASE("behind an informational response that the client has seen nothing is sent again") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, "HTTP/1.1 103 Early Hints\r\n\r\n");
    rig.backend()->reset();
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ports.size(), 1);
}

TEST_CASE("a client that waits for 100 gets it from the second backend, and only then sends") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, "PUT / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    rig.backend()->reset();
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK(has(rig.backend()->received(), "100-continue"));
    CHECK(has(rig.answer(client, "HTTP/1.1 100 Continue\r\n\r\n"), "100"));
    rig.ask(client, "body");
    CHECK(has(rig.backend()->received(), "body"));
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
}

TEST_CASE("a response that was begun and broke off before any of it left is asked for again") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.backend()->send("HTTP/1.1 200 OK\r\nConte");
    rig.backend()->finish();
    rig.run();
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
}

TEST_CASE("a response whose head has come is not asked for again, though nothing of it has left") {
    for (const char* type : {"text/plain", "text/event-stream"}) {
        RetryRig rig(backends(2));
        const auto client = rig.connect();
        rig.ask(client, kGet);
        rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) +
                            "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        rig.backend()->finish();
        rig.run();
        CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
        CHECK_EQ(rig.ports.size(), 1);
    }
}

TEST_CASE("a response that breaks the protocol is not asked for again") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    CHECK(starts(rig.answer(client, "nonsense\r\n\r\n"), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ports.size(), 1);
}

TEST_CASE("a client that goes while its request is tried again ends it") {
    for (const char* on_abort : {"cancel", "finish"}) {
        RetryRig rig(backends(2, "", std::string("on_abort: ") + on_abort));
        const auto client = rig.connect();
        rig.ask(client, kGet);
        rig.accept_dials = false;
        rig.backend()->reset();
        rig.run();
        REQUIRE_EQ(rig.ports.size(), 2);
        client->reset();
        rig.run();
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK_EQ(rig.engine->exchanges(), 0);
    }
}

TEST_CASE("a client that goes while the proof is waited for ends it") {
    RetryRig rig(backends(1));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client);
    rig.backend()->stop_acknowledging();
    rig.ask(client, kPost);
    rig.backend()->finish();
    rig.run();
    client->reset();
    rig.run();
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("over the budget nothing is sent again but what reached nobody") {
    RetryRig rig(backends(2, "retry_budget: 0%"));
    const auto client = rig.connect();
    for (int i = 0; i < 30; ++i) {
        rig.ask(client, kGet);
        rig.backend()->reset();
        rig.run();
        REQUIRE(starts(rig.answer(client), "HTTP/1.1 200 "));
        rig.backend()->finish();
        rig.run();
    }
    rig.ask(client, kGet);
    rig.backend()->reset();
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
    CHECK(has(rig.metrics(), "weir_retry_budget_exhausted_total{pool=\"app\"} 1"));
    rig.refused = 1;
    rig.ask(client, kGet);
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
}

TEST_CASE("what is kept to be sent again goes when buffers are short, and its request fails then") {
    RetryRig rig(backends(2));
    Quota quota;
    quota.set_limit(8 * SlabStore::kSlabBytes);
    rig.loop.slabs().share(quota, 1);
    const auto client = rig.connect();
    rig.ask(client, "PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: 20000\r\n\r\n" + std::string(8'000, 'x'));
    std::vector<SlabRef> others;
    while (!rig.loop.slabs().is_short()) others.push_back(rig.loop.slabs().take());
    const auto second = rig.connect();
    second->send(kGet);
    rig.run();
    rig.advance(20ms);
    rig.backend()->reset();
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
}
