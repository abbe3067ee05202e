// Requests that came to a backend that had closed, or perhaps had: which of them are sent again.
#include <functional>
#include <string>

#include "tests/unit/proxy/retry_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

// Comes when all of a turn's work is done and nothing was written yet.
class BeforeFlush final : public net::Job {
 public:
    explicit BeforeFlush(std::function<void()> what) : what_(std::move(what)) {}
    void run_job() override { what_(); }

 private:
    std::function<void()> what_;
};

}  // namespace

TEST_CASE("a POST is sent again when it is proven that its backend had closed") {
    RetryRig rig(backends(1));
    const auto client = rig.connect();
    rig.used(client)->stop_acknowledging();
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

TEST_CASE("a request that can not leave before its backend ends never leaves, and goes elsewhere") {
    RetryRig rig(backends(1));
    const auto client = rig.connect();
    const auto old = rig.used(client);
    const size_t received = old->received().size();
    old->set_window(0);
    rig.ask(client, kPost);
    old->finish();
    old->set_window(1000);
    rig.run();
    CHECK_EQ(old->received().size(), received);
    REQUIRE_EQ(rig.ports.size(), 2);
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    CHECK(has(rig.metrics(), "reason=\"undelivered\"} 1"));
}

TEST_CASE("what must not be sent twice is not sent to a backend that ends in the same turn") {
    for (const bool resets : {false, true}) {
        RetryRig rig(backends(1));
        const auto client = rig.connect();
        const auto old = rig.used(client);
        const size_t received = old->received().size();
        client->send(kPost);
        BeforeFlush ending([&] { resets ? old->reset() : old->finish(); });
        rig.loop.schedule(ending, net::Lane::flush);
        rig.run();
        CHECK_EQ(old->received().size(), received);
        REQUIRE_EQ(rig.ports.size(), 2);
        CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    }
}

TEST_CASE("an end and a reset behind a request of several writes count as a lone reset does") {
    for (const char* replay : {"proven", "likely"}) {
        RetryRig rig(backends(1, std::string("replay: ") + replay));
        const auto client = rig.connect();
        rig.used(client)->stop_acknowledging();
        rig.ask(client, "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nbo");
        rig.ask(client, "dy");
        close_unseen(rig.backend());
        rig.run();
        CHECK_EQ(rig.ports.size(), std::string_view(replay) == "likely" ? 2 : 1);
    }
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
            rig.used(client)->stop_acknowledging();
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
