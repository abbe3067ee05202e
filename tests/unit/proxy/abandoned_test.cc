// Clients that leave before their answer is whole, and what becomes of the backend's work.
#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

constexpr std::string_view kPay = "POST /pay HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\n100$";

std::string finishing(std::string_view pool = "", const std::string& more = "") {
    return one_backend("", pool, "on_abort: finish" + more);
}

}  // namespace

TEST_CASE("by default a client that leaves cancels its request at the backend") {
    for (const bool reset : {false, true}) {
        ProxyRig rig;
        const auto client = rig.connect();
        rig.ask(client, kPay);
        reset ? client->reset() : client->finish();
        rig.run();
        CHECK(rig.backend()->closed());
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    }
}

TEST_CASE("with on_abort: finish the backend ends in peace, and its connection is used again") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        ProxyRig rig(finishing());
        const auto client = rig.connect();
        rig.ask(client, kPay);
        reset ? client->reset() : client->finish();
        rig.advance(20s);
        CHECK_FALSE(rig.backend()->closed());
        CHECK_EQ(rig.ended(Outcome::client_abort), 0);
        rig.backend()->send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n");
        rig.run();
        rig.backend()->send(std::string(300'000, 'p'));
        rig.run();
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK(client->closed());
        CHECK_EQ(rig.engine->connections(), 0);
        const auto next = rig.connect();
        rig.ask(next, kGet);
        CHECK(has(rig.answer(next), "\r\n\r\nok"));
        CHECK_EQ(rig.backends.size(), 1);
    }
}

TEST_CASE("with on_abort: finish an answer that had begun is read to its end") {
    ProxyRig rig(finishing());
    const auto client = rig.connect();
    client->set_window(1000);
    rig.ask(client, kPay);
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + std::string(500'000, 'p'));
    rig.run();
    CHECK(rig.backend()->paused());
    client->reset();
    rig.run();
    CHECK_EQ(rig.backend()->unread(), 0);
    rig.backend()->send(std::string(400'000, 'p'));
    rig.run();
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK_FALSE(rig.backend()->closed());
    CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
    CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
}

TEST_CASE("a request that the backend does not have in full is cancelled even with on_abort: finish") {
    ProxyRig rig(finishing());
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    client->reset();
    rig.run();
    CHECK(rig.backend()->closed());
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);

    rig.accept_dials = false;
    const auto early = rig.connect();
    rig.ask(early, kPay);
    early->reset();
    rig.run();
    CHECK_EQ(rig.ended(Outcome::client_abort), 2);
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("who works for nobody is still held to the time of its pool and route") {
    struct Row {
        const char* what;
        std::string config;
        std::string_view sends;
    };
    const Row rows[] = {
        {"no head", finishing("response_timeout: 3s"), ""},
        {"no body", finishing("read_timeout: 3s"), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"},
        {"in all", finishing("", ", timeout: 3s"), ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        ProxyRig rig(row.config);
        const auto client = rig.connect();
        rig.ask(client, kPay);
        client->reset();
        rig.run();
        rig.backend()->send(row.sends);
        rig.run();
        rig.advance(2s);
        CHECK_EQ(rig.engine->exchanges(), 1);
        rig.advance(2s);
        CHECK_EQ(rig.engine->exchanges(), 0);
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK(rig.backend()->closed());
    }
}

TEST_CASE("a backend that breaks while it works for nobody ends the exchange") {
    for (const std::string_view bytes : {"", "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}) {
        CAPTURE(bytes);
        ProxyRig rig(finishing());
        const auto client = rig.connect();
        rig.ask(client, kPay);
        client->finish();
        rig.run();
        rig.backend()->send(bytes);
        rig.backend()->finish();
        rig.run();
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK(rig.backend()->closed());
        CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
    }
}

namespace {
// A client that has ended behind 800,000 bytes of a body, most of which nobody reads.
ProxyRig::Peer ended_upload(ProxyRig& rig, const std::string& framing) {
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n");
    if (has(framing, "chunked")) client->send("f4240\r\n");
    rig.backend()->set_window(0);
    rig.ask(client, std::string(800'000, 'b'));
    CHECK(client->paused());
    client->finish();
    rig.run();
    return client;
}
}  // namespace

TEST_CASE("a client that left an upload unfinished is noticed though nothing of it is read any more") {
    for (const char* framing : {"Content-Length: 9000000", "Transfer-Encoding: chunked"}) {
        CAPTURE(framing);
        ProxyRig rig;
        ended_upload(rig, framing);
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK(rig.backend()->saw_reset());
    }
}

TEST_CASE("a client that has gone behind an upload that nobody reads ends it at once") {
    ProxyRig rig;
    ended_upload(rig, "Content-Length: 800000");  // all of it is in the kernel
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK(rig.backend()->saw_reset());
}

TEST_CASE("with on_abort: finish an upload that is whole in the kernel is read, and its backend may end") {
    ProxyRig rig(one_backend("", "", "on_abort: finish"));
    ended_upload(rig, "Content-Length: 800000");
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.backend()->set_window(SIZE_MAX);
    rig.run();
    CHECK_EQ(rig.backend()->received().substr(rig.backend()->received().size() - 3), "bbb");
    CHECK_FALSE(rig.backend()->closed());
    rig.backend()->send(kOk);
    rig.run();
    CHECK_EQ(rig.ended(Outcome::client_abort), 1);
    CHECK_EQ(rig.engine->exchanges(), 0);
}
