// Whom the engine lets go when a connection waits to be accepted and there are as many as may be.
#include "proxy/downstream_connection.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

TEST_CASE("the connection that is idle for longest makes room, one at a time and with a FIN") {
    ProxyRig rig;
    const auto first = rig.idle_client();
    const auto silent = rig.connect();
    rig.advance(1s);
    const auto second = rig.idle_client();
    rig.advance(1s);
    rig.ask(first, kGet);  // now it is the one that rests least
    rig.answer(first);
    rig.advance(2s);
    for (const auto& goes : {silent, second, first}) {
        CHECK_FALSE(goes->saw_fin());
        CHECK(rig.engine->make_room());
        rig.run();
        CHECK(goes->saw_fin());
        CHECK_FALSE(goes->saw_reset());
    }
    CHECK_FALSE(rig.engine->make_room());
    CHECK_EQ(rig.engine->connections(), 0);
}

TEST_CASE("who was at work two seconds ago is not cut off, nor who came then") {
    ProxyRig rig;
    const auto kept = rig.idle_client();
    const auto silent = rig.connect();
    rig.advance(1900ms);
    CHECK_FALSE(rig.engine->make_room());
    rig.advance(200ms);
    CHECK(rig.engine->make_room());
    CHECK(rig.engine->make_room());
}

TEST_CASE("who is at work makes no room") {
    for (const std::string_view sent : {
             "GET /a HTTP/1.1\r\n",                                              // half a head
             "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n",                            // waits for an answer
             "POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\nabc",   // sends a body
             "GET /a HTTP/1.1\r\nHost: shop\r\n\r\nGET /b HTTP/1.1\r\nHost: s",  // and half of the next
             "GET /a HTTP/1.0\r\nHost: shop\r\nUnknown line\r\n\r\n",            // refused: lingers
         }) {
        CAPTURE(sent);
        ProxyRig rig;
        const auto client = rig.connect();
        const auto next = rig.idle_client();
        rig.ask(client, sent);
        rig.ask(next, sent);
        rig.advance(1500ms);
        CHECK_FALSE(rig.engine->make_room());
        CHECK_EQ(rig.engine->connections(), 2);
    }
}

TEST_CASE("an idle connection is found behind many that are at work, though not at once") {
    ProxyRig rig;
    std::vector<ProxyRig::Peer> busy;
    for (int i = 0; i < 600; ++i) {
        busy.push_back(rig.connect());
        busy.back()->send(kGet);
    }
    rig.run();
    const auto idle = rig.connect();
    rig.advance(3s);
    CHECK_FALSE(rig.engine->make_room());
    CHECK_FALSE(rig.engine->make_room());
    CHECK(rig.engine->make_room());
    rig.run();
    CHECK(idle->saw_fin());
    CHECK_EQ(rig.engine->connections(), 600);
}

TEST_CASE("a request that was read in this turn is not cut off before it is understood") {
    struct Room final : net::Job {
        explicit Room(proxy::Engine& e) : engine(e) {}
        void run_job() override { made = engine.make_room(); }
        proxy::Engine& engine;
        bool made = false;
    };
    ProxyRig rig;
    const auto idle = rig.idle_client();
    rig.advance(3s);
    Room room(*rig.engine);
    rig.loop.schedule(room, net::Lane::downstream);  // where an acceptor stands
    idle->send(kGet);
    rig.run();
    CHECK_FALSE(room.made);
    CHECK(starts(rig.answer(idle), "HTTP/1.1 200"));
}
