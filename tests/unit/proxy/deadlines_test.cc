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
