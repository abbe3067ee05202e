// Requests whose try failed: where they are sent again, and what each side sees of it.
#include <string>
#include <vector>

#include "telemetry/exposition.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

const char* const kPost = "POST /pay HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbody";

std::string backends(unsigned count, std::string_view pool = "", std::string_view route = "") {
    std::string endpoints;
    for (unsigned i = 0; i < count; ++i)
        endpoints += (i > 0 ? ", " : "") + std::string("\"127.0.0.1:") + std::to_string(3000 + i) + "\"";
    return "listeners: [ { address: \"127.0.0.1:8080\" } ]\npools: { app: { endpoints: [ " + endpoints + " ], " +
           std::string(pool) + " } }\nroutes: [ { name: all, pool: app, " + std::string(route) + " } ]\n";
}

// Remembers where it dials to, and refuses what is said to.
struct RetryRig : ProxyRig {
    explicit RetryRig(std::string_view yaml) : ProxyRig(yaml) {
        dialer.on_dial([this](const net::Address& to, const Peer& peer) {
            ports.push_back(to.port());
            MemoryLoop::backends.push_back(peer);
            if (refused > 0) {
                --refused;
                peer->refuse(ECONNREFUSED);
            } else if (accept_dials) {
                peer->accept();
            }
        });
    }
    std::string metrics() const { return telemetry::render(living.registry); }
    std::vector<uint16_t> ports;
    unsigned refused = 0;
};

// A backend that had closed before the request came: its end, a reset, and nothing acknowledged.
void close_unseen(const RetryRig::Peer& backend) {
    backend->finish();
    backend->reset();
}

}  // namespace

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

TEST_CASE("a POST is sent again when it is proven that its backend had closed") {
    RetryRig rig(backends(1));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client);
    rig.backend()->stop_acknowledging();
    rig.ask(client, kPost);
    CHECK_EQ(rig.ports.size(), 1);
    SUBCASE("by its end and a reset that came together") {
        close_unseen(rig.backend());
        rig.run();
    }
    SUBCASE("by its end and a reset a little later") {
        rig.backend()->finish();
        rig.run();
        CHECK_EQ(rig.ports.size(), 1);
        rig.advance(2ms);
        rig.backend()->reset();
        rig.run();
    }
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK(has(rig.backend()->received(), "\r\n\r\nbody"));
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    CHECK(has(rig.metrics(), "reason=\"undelivered\"} 1"));
}

TEST_CASE("a POST is not sent again when nothing is proven") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    for (int i = 0; i < 2; ++i) {
        rig.ask(client, kGet);
        rig.answer(client);
    }
    REQUIRE_EQ(rig.ports.size(), 2);
    const auto backend = rig.MemoryLoop::backends[0];  // round robin: it is its turn
    SUBCASE("an end alone") {
        backend->stop_acknowledging();
        rig.ask(client, kPost);
        backend->finish();
        rig.run();
        CHECK_EQ(client->received(), "");
        rig.advance(10ms);
    }
    SUBCASE("a reset alone") {
        backend->stop_acknowledging();
        rig.ask(client, kPost);
        backend->reset();
    }
    SUBCASE("it was acknowledged") {
        rig.ask(client, kPost);
        close_unseen(backend);
    }
    SUBCASE("the reset comes a little too late") {
        backend->stop_acknowledging();
        rig.ask(client, kPost);
        backend->finish();
        rig.run();
        rig.clock.advance(5500us);
        backend->reset();
    }
    SUBCASE("the reset comes too late") {
        backend->stop_acknowledging();
        rig.ask(client, kPost);
        backend->finish();
        rig.run();
        rig.advance(10ms);
        if (!backend->closed()) backend->reset();
    }
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
    CHECK_EQ(rig.ended(Outcome::connection_terminated), 1);
    CHECK_EQ(rig.ports.size(), 2);
}

TEST_CASE("on a connection that carried nothing before nothing is proven") {
    RetryRig rig(backends(2));
    const auto client = rig.connect();
    rig.dialer.on_dial([&](const net::Address&, const RetryRig::Peer& peer) {
        rig.MemoryLoop::backends.push_back(peer);
        peer->stop_acknowledging();
        peer->accept();
    });
    rig.ask(client, kPost);
    close_unseen(rig.backend());
    rig.run();
    CHECK(starts(client->take_received(), "HTTP/1.1 502 "));
}

TEST_CASE("replay says more or less of it") {
    struct Row {
        const char* replay;
        bool proven;
        bool lone_reset;
    };
    for (const Row& row : {Row{"never", false, false}, Row{"proven", true, false}, Row{"likely", true, true}}) {
        CAPTURE(row.replay);
        for (const bool proof : {true, false}) {
            RetryRig rig(backends(1, std::string("replay: ") + row.replay));
            const auto client = rig.connect();
            rig.ask(client, kGet);
            rig.answer(client);
            rig.backend()->stop_acknowledging();
            rig.ask(client, kPost);
            if (proof)
                close_unseen(rig.backend());
            else
                rig.backend()->reset();
            rig.run();
            CHECK_EQ(rig.ports.size(), (proof ? row.proven : row.lone_reset) ? 2 : 1);
        }
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
