// process.buffers: what all connections together may hold in memory.
#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

TEST_CASE("readers that stand still hold no more than all buffers, and when they go the others move again") {
    constexpr size_t kBuffers = 1024 * 1024;
    ProxyRig rig;
    rig.living.buffers.set_limit(kBuffers);
    rig.loop.slabs().share(rig.living.buffers, 1);
    rig.loop.slabs().allow_pipes(0);
    std::vector<ProxyRig::Peer> stalled;
    for (int i = 0; i < 64; ++i) {
        stalled.push_back(rig.connect());
        stalled.back()->set_window(1);
        rig.ask(stalled.back(), kGet);
        if (rig.backends.size() < stalled.size()) break;  // its request is not read any more
        rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + std::string(900'000, 'x'));
        rig.run();
    }
    CHECK_LE(rig.loop.slabs().bytes_in_use(), kBuffers + SlabStore::kQuotaStep);
    CHECK_GT(stalled.size(), 8);
    CHECK_LT(stalled.size(), 64);

    const auto client = rig.connect();
    CHECK_EQ(rig.ask(client, kGet), "");
    CHECK_EQ(client->unread(), kGet.size());
    rig.advance(1s);
    CHECK_EQ(client->unread(), kGet.size());
    for (const auto& peer : stalled) peer->reset();  // told even while nothing is read
    rig.run();
    rig.advance(20ms);
    CHECK_EQ(client->unread(), 0);
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK_EQ(rig.engine->exchanges(), 0);
}

namespace {

// A rig whose buffers are few, and then all taken by somebody else.
struct ShortRig final : ProxyRig {
    static constexpr size_t kBuffers = 2 * SlabStore::kQuotaStep;

    ShortRig() {
        living.buffers.set_limit(kBuffers);
        loop.slabs().share(living.buffers, 1);
        loop.slabs().allow_pipes(0);
    }
    // But for up to `but` bytes.
    void take_all(size_t but = 0) {
        while (living.buffers.used() + but < kBuffers) taken.push_back(loop.slabs().take());
    }
    // Many looks for what can go on.
    void pass_time() {
        for (int i = 0; i < 50; ++i) advance(20ms);
    }
    std::vector<SlabRef> taken;
};

}  // namespace

TEST_CASE("a request that waits for a buffer goes on by itself when there is one") {
    ShortRig rig;
    const auto client = rig.connect();
    rig.take_all();
    rig.ask(client, kGet);
    rig.advance(1s);
    CHECK_EQ(client->unread(), kGet.size());
    CHECK(rig.backends.empty());
    rig.taken.clear();
    rig.advance(20ms);
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
}

// Each of them holds a buffer, and gives it back when it ends: without this they would wait for each other.
TEST_CASE("exchanges that have begun come to their end without free buffers, uploads and answers of any length") {
    ShortRig rig;
    const std::string body(300'000, 'b');
    const auto client = rig.connect();
    rig.ask(client, "POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 300000\r\n\r\n");
    rig.take_all();
    client->send(body);
    rig.pass_time();
    CHECK_EQ(client->unread(), 0);
    CHECK(has(rig.backend()->take_received(), "\r\n\r\n" + body));
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body);
    rig.pass_time();
    CHECK(has(client->take_received(), "\r\n\r\n" + body));
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("clients that leave within a head give their buffers back though there are none to read with") {
    ShortRig rig;
    const auto idle = rig.idle_client();
    std::vector<ProxyRig::Peer> clients;
    for (int i = 0; i < 64 && !rig.loop.slabs().is_short(); ++i) {
        clients.push_back(rig.connect());
        rig.ask(clients.back(), "GET /a HT");
    }
    REQUIRE(rig.loop.slabs().is_short());
    const auto waiting = rig.connect();
    rig.ask(waiting, kGet);
    CHECK_EQ(waiting->unread(), kGet.size());
    for (const auto& client : clients) client->finish();
    idle->finish();
    rig.pass_time();
    CHECK_EQ(rig.engine->connections(), 1);
    CHECK_EQ(waiting->unread(), 0);
    CHECK(has(rig.answer(waiting), "\r\n\r\nok"));
}

TEST_CASE("without free buffers an answer is not read ahead of a client that stands still") {
    ShortRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    client->set_window(1);
    rig.take_all();
    const size_t before = rig.loop.slabs().bytes_in_use();
    const std::string body(300'000, 'b');
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body);
    rig.pass_time();
    CHECK_LE(rig.loop.slabs().bytes_in_use(), before + 2 * SlabStore::kSlabBytes);
    client->set_window(1'000'000);
    rig.pass_time();
    CHECK(has(client->take_received(), "\r\n\r\n" + body));
}

TEST_CASE("a connection whose end nobody could read for want of buffers is not lent to who waits") {
    ShortRig rig;
    const auto first = rig.connect();
    rig.ask(first, kGet);
    rig.accept_dials = false;
    const auto second = rig.connect();
    rig.ask(second, kGet);
    REQUIRE_EQ(rig.backends.size(), 2);
    rig.backends[0]->take_received();

    rig.take_all(SlabStore::kSlabBytes);  // the slab that the answer is read into is the last one
    rig.backends[0]->send(kOk);
    rig.backends[0]->finish();
    rig.run();
    CHECK(has(first->take_received(), "\r\n\r\nok"));
    CHECK_EQ(rig.backends[0]->take_received(), "");
    rig.taken.clear();
    rig.advance(20ms);
    CHECK(rig.backends[0]->closed());
    rig.backends[1]->accept();
    rig.run();
    CHECK(has(rig.answer(second), "\r\n\r\nok"));
}

TEST_CASE("clients that hold a buffer for less than a head have no longer than others, though buffers are short") {
    ShortRig rig;
    std::vector<ProxyRig::Peer> clients;
    for (int i = 0; i < 64 && !rig.loop.slabs().is_short(); ++i) {
        clients.push_back(rig.connect());
        rig.ask(clients.back(), "\r\n");
    }
    REQUIRE(rig.loop.slabs().is_short());
    const auto waiting = rig.connect();
    rig.ask(waiting, kGet);
    for (int i = 0; i < 12; ++i) rig.advance(1s);
    for (const auto& client : clients) CHECK(client->closed());
    CHECK_EQ(waiting->unread(), 0);
    CHECK(has(rig.answer(waiting), "\r\n\r\nok"));
}

TEST_CASE("a head that nobody read for want of buffers is not a client that says nothing") {
    ShortRig rig;
    rig.take_all();
    const auto client = rig.connect();
    client->send(kGet);
    rig.run();
    for (int i = 0; i < 30; ++i) rig.advance(1s);
    CHECK_FALSE(client->closed());
    rig.taken.clear();
    rig.advance(20ms);
    CHECK(has(rig.answer(client), "HTTP/1.1 200 OK"));
}

TEST_CASE("what a backend says before it is asked is no answer, read or not read for want of buffers") {
    for (const bool is_short : {false, true}) {
        CAPTURE(is_short);
        ShortRig rig;
        rig.accept_dials = false;
        const auto client = rig.connect();
        rig.ask(client, kGet);
        if (is_short) rig.take_all();
        rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale");
        rig.backend()->accept();
        rig.run();
        rig.taken.clear();
        rig.advance(20ms);
        const std::string answer = client->take_received();
        CHECK_FALSE(has(answer, "stale"));
        CHECK(has(answer, "HTTP/1.1 502"));
    }
}

TEST_CASE("what an idle backend says, or its end, is read without buffers, and it is not asked again") {
    for (const bool says : {true, false}) {
        CAPTURE(says);
        ShortRig rig;
        const auto client = rig.idle_client();
        rig.take_all();
        says ? rig.backend()->send(kOk) : rig.backend()->finish();
        rig.run();
        CHECK(rig.backends[0]->closed());
    }
}
