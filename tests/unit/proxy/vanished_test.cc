// Clients that vanish: no FIN, no reset, and no answer to what is sent to them. And those that only seem to.
#include <string>

#include "tests/support/memory_codec.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

// Nothing else ends a client that does not read.
std::string endless(std::string_view route = "") {
    return one_backend("body_timeout: 0s", "", "stream_idle: 0s, " + std::string(route));
}

constexpr std::string_view kSized = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
constexpr std::string_view kLive =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

// Its answer of `head` and 200,000 bytes has begun, and it takes 1000 of them.
ProxyRig::Peer stuck(ProxyRig& rig, std::string_view head = kSized, std::string_view request = kGet) {
    const auto client = rig.connect();
    client->set_window(1000);
    rig.ask(client, request);
    rig.answer(client, std::string(head) + (has(std::string(head), "chunked") ? "30D40\r\n" : ""));
    rig.answer(client, std::string(200'000, 'b'));
    return client;
}

// As its silence of `seconds` is seen from here.
void be_silent(ProxyRig& rig, const ProxyRig::Peer& client, int seconds) {
    for (int second = 1; second <= seconds; ++second) {
        client->set_unanswered(std::chrono::seconds(second));
        rig.advance(1s);
    }
}

}  // namespace

TEST_CASE("a client that vanishes within its answer is noticed within a minute, as if it had left") {
    for (const std::string_view head :
         {kSized, std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
          std::string_view("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), kLive}) {
        CAPTURE(head);
        ProxyRig rig(endless());
        const auto client = stuck(rig, head);
        be_silent(rig, client, 49);
        CHECK_EQ(rig.engine->exchanges(), 1);
        be_silent(rig, client, 60);
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK(client->closed());
        CHECK(client->saw_reset());
        CHECK(rig.backend()->closed());
        CHECK_EQ(rig.engine->connections(), 0);
        CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
        CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
    }
}

TEST_CASE("a client that vanishes when the backend has said all is noticed too") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    client->set_window(10);
    rig.ask(client, kGet);
    rig.answer(client);
    be_silent(rig, client, 61);
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK(client->closed());
}

TEST_CASE("a client that vanishes before an answer of our own is noticed too") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    client->set_window(10);
    rig.ask(client, "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n");
    be_silent(rig, client, 61);
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK(client->closed());
}

TEST_CASE("a client that vanishes while less waits for it than pauses the backend is noticed too") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    client->set_window(1000);
    rig.ask(client, kGet);
    rig.answer(client, kLive);
    for (int second = 1; second <= 61; ++second) {
        client->set_unanswered(std::chrono::seconds(second));
        if (!rig.backend()->closed()) rig.backend()->send("64\r\n" + std::string(100, 'e') + "\r\n");
        rig.advance(1s);
    }
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK(rig.backend()->closed());
}

TEST_CASE("a listener that vanishes is noticed by the one event that it did not acknowledge") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, kLive);
    rig.advance(1h);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.answer(client, "1\r\ne\r\n");
    be_silent(rig, client, 49);
    CHECK_EQ(rig.engine->exchanges(), 1);
    be_silent(rig, client, 61);
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK(rig.backend()->closed());
}

TEST_CASE("a live stream's client is asked after once behind an event, and not while it is silent") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, kLive);
    for (size_t event = 1; event <= 5; ++event) {
        rig.advance(1h);
        CHECK_EQ(client->questions(), event);
        rig.answer(client, "1\r\ne\r\n");
    }
}

TEST_CASE("a client that answers and does not read is kept") {
    for (const std::string_view head : {kSized, kLive}) {
        for (const std::optional<Duration> silence : {std::optional<Duration>(), std::optional<Duration>(0s)}) {
            ProxyRig rig(endless());
            const auto client = stuck(rig, head);
            client->set_unanswered(silence);
            for (int minute = 0; minute < 600; ++minute) rig.advance(1min);
            CHECK_EQ(rig.engine->exchanges(), 1);
            CHECK_FALSE(client->closed());
        }
    }
}

TEST_CASE("a client that is silent for a while has all of its time again when it answers") {
    ProxyRig rig(endless());
    const auto client = stuck(rig);
    for (int time = 0; time < 5; ++time) {
        be_silent(rig, client, 49);
        client->set_unanswered(0s);
        rig.advance(11s);
    }
    CHECK_EQ(rig.engine->exchanges(), 1);
    client->set_window(SIZE_MAX);
    rig.run();
    CHECK_GT(client->received().size(), 199'000);
}

TEST_CASE("a client that vanishes has its request ended by the backend where on_abort: finish wants that") {
    ProxyRig rig(endless("on_abort: finish"));
    const auto client = stuck(rig);
    be_silent(rig, client, 61);
    CHECK_EQ(rig.engine->exchanges(), 1);
    CHECK_FALSE(rig.backend()->closed());
    CHECK_EQ(rig.backend()->unread(), 0);
    rig.backend()->send(std::string(800'000, 'b'));
    rig.run();
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK_FALSE(rig.backend()->closed());
    CHECK(client->closed());
    CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
}

TEST_CASE("nobody is asked after a client for which nothing waits") {
    ProxyRig rig(endless());
    const auto client = rig.connect();
    for (int time = 0; time < 5; ++time) {
        rig.ask(client, kGet);
        rig.advance(40s);
        CHECK(has(rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"), "\r\n\r\no"));
        rig.advance(40s);
        CHECK_EQ(rig.answer(client, "k"), "k");
        rig.advance(40s);
    }
    CHECK_EQ(client->questions(), 0);
}

TEST_CASE("however much happens, a client is asked after every ten seconds while something waits for it") {
    ProxyRig rig(endless());
    const auto client = stuck(rig, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    for (int second = 0; second < 100; ++second) {
        client->set_window(1000);
        rig.advance(1s);
    }
    CHECK_GE(client->questions(), 9);
    CHECK_LE(client->questions(), 10);
}

TEST_CASE("of many streams on a connection that vanished each ends once something of it waits") {
    ProxyRig rig(endless());
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream* streams[2];
    for (MemoryStream*& stream : streams) {
        stream = &connection.open();
        stream->ask("GET", "/");
        connection.begin(*stream);
        rig.run();
        rig.backend()->send(kSized);
        rig.run();
        stream->take();
        rig.run();
    }
    rig.backends[0]->send(std::string(1000, 'b'));
    rig.run();
    connection.set_unanswered(60s);
    rig.advance(11s);
    CHECK(streams[0]->cut() == http::ResetReason::cancel);
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK_EQ(connection.running(), 1);
    streams[1]->cancel();
}
