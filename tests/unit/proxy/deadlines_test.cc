// What ends an exchange when somebody is silent for too long.
#include <string>

#include "proxy/exchange.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

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

    const auto idle = rig.idle_client();
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
    ProxyRig rig(one_backend("body_timeout: 30s, min_rate: 0"));
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    rig.advance(45s);
    CHECK(client->received().empty());
    CHECK(starts(rig.answer(client, "HTTP/1.1 100 Continue\r\n\r\n"), "HTTP/1.1 100 "));
    rig.advance(25s);  // of body_timeout, which begins here
    CHECK(client->received().empty());
    rig.advance(6s);
    CHECK(starts(client->take_received(), "HTTP/1.1 408 "));
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

namespace {
// A client that reads nothing of a large answer but its first `window` bytes.
ProxyRig::Peer stalled(ProxyRig& rig, size_t body, size_t window) {
    const auto client = rig.connect();
    client->set_window(0);
    rig.ask(client, kGet);
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n" +
                        std::string(body, 'b'));
    rig.run();
    client->set_window(window);
    rig.run();
    CHECK_EQ(client->received().size(), window);
    return client;
}
}  // namespace

TEST_CASE("a client that took a large step may be silent for as long as min_rate allows for it") {
    ProxyRig rig;
    const auto client = stalled(rig, 100'000, 6400);  // 50 s at 128 bytes a second
    rig.advance(31s);  // past body_timeout: what it took is looked at, and its 50 s begin
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(48s);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(3s);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("no step is so large that a client may be silent for ever") {
    ProxyRig rig(one_backend("min_rate: 1"));
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
    for (int i = 0; i < 10; ++i) rig.answer(client, std::string(50'000, 'b'));  // five days of it, without a pause
    client->set_window(0);
    rig.backend()->send(std::string(500'000, 'b'));
    rig.run();
    rig.advance(31s);
    rig.advance(23h);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(2h);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
}

TEST_CASE("who is not read from because the other side stands still is not blamed for its silence") {
    ProxyRig rig(one_backend("body_timeout: 30s, min_rate: 0", "read_timeout: 20s, response_timeout: 40s"));
    const auto reader = stalled(rig, 100'000, 30'000);  // between the marks
    CHECK_GT(rig.backend()->unread(), 0);
    rig.advance(21s);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(31s);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);

    const auto writer = rig.connect();
    rig.ask(writer, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    rig.backend()->set_window(30'000);
    writer->send(std::string(400'000, 'b'));
    rig.run();
    const size_t on_the_way = 400'000 - writer->unread() - rig.backend()->received().size();
    CHECK_GT(on_the_way, http::Stream::kLowWater);
    CHECK_LT(on_the_way, http::Stream::kHighWater);
    rig.advance(31s);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(10s);
    CHECK(starts(writer->take_received(), "HTTP/1.1 504 "));
}

namespace {
// A client that is to send a body of `size` bytes, and whose answer of two bytes has begun.
ProxyRig::Peer answered_early(ProxyRig& rig, size_t size) {
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    return client;
}
void upload(ProxyRig& rig, const ProxyRig::Peer& client, int seconds, size_t bytes_a_second) {
    for (int second = 0; second < seconds; ++second) {
        client->send(std::string(bytes_a_second, 'b'));
        rig.advance(1s);
    }
}
}  // namespace

TEST_CASE("an answer that goes on is not cut for an upload that stands still") {
    ProxyRig rig(one_backend("", "response_timeout: 1s"));  // min_rate 128, body_timeout 30s
    const auto silent = rig.connect();
    rig.ask(silent, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nb");
    rig.answer(silent, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const auto unread = rig.connect();
    rig.ask(unread, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    rig.backend()->set_window(0);
    unread->send(std::string(400'000, 'b'));
    rig.answer(unread, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int second = 0; second < 70; ++second) {
        for (const auto& backend : rig.backends) backend->send("1\r\nx\r\n");
        rig.advance(1s);
        CHECK_EQ(silent->take_received(), "1\r\nx\r\n");
        CHECK_EQ(unread->take_received(), "1\r\nx\r\n");
    }
    rig.advance(31s);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
    rig.advance(31s);  // read_timeout: there it is the backend that takes nothing and says nothing
    CHECK_EQ(rig.ended(proxy::Outcome::http_response_incomplete), 1);
}

TEST_CASE("a body slower than min_rate is given up behind an answer that has begun and stands still") {
    ProxyRig rig;
    const auto client = answered_early(rig, 1'000'000);
    upload(rig, client, 9, 1);
    CHECK_EQ(rig.engine->exchanges(), 1);
    upload(rig, client, 3, 1);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
}

TEST_CASE("an upload that goes on is not cut for the silence of an answer that has begun") {
    ProxyRig rig;  // read_timeout 60s
    const auto client = answered_early(rig, 90'000);
    upload(rig, client, 90, 1000);
    CHECK_EQ(rig.engine->exchanges(), 1);
    CHECK_EQ(rig.answer(client, "ok"), "ok");
    CHECK_EQ(rig.ended(proxy::Outcome::ok), 1);
}

TEST_CASE("a client that was never told to continue is not blamed for an answer that stops") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
    rig.advance(59s);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(2s);
    CHECK_EQ(rig.ended(proxy::Outcome::http_response_incomplete), 1);
}

TEST_CASE("an answer without a length that is given up ends in a reset, not as if it were whole") {
    ProxyRig rig(one_backend("body_timeout: 5s, min_rate: 0"));
    const auto client = rig.connect();
    client->set_window(1000);
    rig.ask(client, "GET / HTTP/1.0\r\n\r\n");
    rig.backend()->send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(30'000, 'b'));
    rig.backend()->finish();
    rig.run();
    rig.advance(6s);  // what it took is looked at
    rig.advance(6s);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
    rig.advance(3s);
    CHECK(client->closed());
    CHECK(client->saw_reset());
}

TEST_CASE("a client has all of its time for an answer that comes late") {
    ProxyRig rig;  // body_timeout 30s, read_timeout 60s
    const auto late = rig.connect();
    late->set_window(0);
    rig.ask(late, kGet);
    rig.advance(45s);
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    rig.run();
    rig.advance(25s);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(6s);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
}

// A body that comes in so many whole slabs, the head in the first of them: all of it is taken in when the pause begins.
TEST_CASE("who was paused for long has all of its time again when it may go on") {
    for (const size_t slabs : {4, 5}) {
        CAPTURE(slabs);
        ProxyRig rig;  // body_timeout 30s, read_timeout 60s
        const auto reader = rig.connect();
        reader->set_window(0);
        rig.ask(reader, kGet);
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
        rig.backend()->send(head + std::string(slabs * SlabStore::kCapacity - head.size(), 'b'));
        rig.run();
        for (int i = 0; i < 4; ++i) {
            reader->set_window(1000);
            rig.advance(20s);
        }
        reader->set_window(SIZE_MAX);
        rig.run();
        rig.advance(55s);
        CHECK_EQ(rig.engine->exchanges(), 1);
        rig.answer(reader, std::string(200'000 - slabs * SlabStore::kCapacity + head.size(), 'b'));
        CHECK_EQ(rig.ended(proxy::Outcome::ok), 1);

        const auto writer = rig.connect();
        const std::string start = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n";
        rig.backend()->set_window(0);
        rig.ask(writer, start + std::string(slabs * SlabStore::kCapacity - start.size(), 'b'));
        rig.advance(45s);
        rig.backend()->set_window(SIZE_MAX);
        rig.run();
        rig.advance(25s);
        CHECK_EQ(rig.engine->exchanges(), 1);
        CHECK(writer->received().empty());
    }
}
