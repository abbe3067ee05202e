// What becomes of connections and requests while the daemon ends.
#include <string>

#include "proxy/downstream_connection.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

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
    CHECK(has(rig.answer(busy), "Connection: close\r\n"));
    CHECK(busy->saw_fin());
    busy->finish();
    idle->finish();
    rig.run();
    CHECK_EQ(rig.engine->connections(), 0);
}

TEST_CASE("a request that crosses the drain is answered, on a fresh connection and on an idle one") {
    ProxyRig rig;
    const auto fresh = rig.connect();
    const auto idle = rig.idle_client();
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

TEST_CASE("a head that began before the drain keeps what is left of its header_timeout") {
    ProxyRig rig;
    const auto client = rig.connect();
    const auto slow = rig.connect();
    rig.ask(client, "GET /a HTTP/1.1\r\n");
    rig.ask(slow, "GET /a HTTP/1.1\r\n");
    rig.advance(4s);
    rig.engine->drain();
    rig.advance(5s);
    CHECK_FALSE(client->saw_fin());
    rig.ask(client, "Host: shop\r\n\r\n");
    CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    CHECK(slow->received().empty());
    rig.advance(1100ms);  // ten seconds after it was accepted, not after the drain
    CHECK(starts(slow->take_received(), "HTTP/1.1 408 "));
}

TEST_CASE("a head that begins in the drain's last chance gets a header_timeout of its own") {
    ProxyRig rig;
    const auto fresh = rig.connect();
    const auto idle = rig.idle_client();
    rig.engine->drain();
    rig.advance(900ms);
    for (const auto& client : {fresh, idle}) rig.ask(client, "GET /a HTTP/1.1\r\n");
    rig.advance(9s);
    for (const auto& client : {fresh, idle}) {
        CHECK(client->received().empty());
        CHECK_FALSE(client->saw_fin());
    }
    rig.advance(1100ms);
    for (const auto& client : {fresh, idle}) CHECK(starts(client->take_received(), "HTTP/1.1 408 "));
}
