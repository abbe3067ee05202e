// What a worker keeps when many clients have come and gone, and who hears of it.
#include <vector>

#include "proxy/downstream_connection.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {

std::vector<ProxyRig::Peer> crowd(ProxyRig& rig, size_t size, std::string_view each_sends) {
    std::vector<ProxyRig::Peer> clients;
    for (size_t i = 0; i < size; ++i) {
        clients.push_back(rig.connect());
        clients.back()->send(each_sends);
    }
    rig.run();
    return clients;
}

void leave(ProxyRig& rig, const std::vector<ProxyRig::Peer>& clients) {
    for (const auto& client : clients) client->reset();
    rig.run();
    REQUIRE_EQ(rig.engine->connections(), 0);
}

}  // namespace

TEST_CASE("the slabs of a crowd are freed within two seconds of its end, and then nobody wakes any more") {
    ProxyRig rig;
    const auto clients = crowd(rig, 100, "GET /a HTTP/1.1\r\n");
    rig.advance(3s);
    leave(rig, clients);
    CHECK(rig.loop.slabs().may_trim());
    for (int i = 0; i < 3; ++i) rig.advance(500ms);
    CHECK_FALSE(rig.loop.slabs().may_trim());
    CHECK_FALSE(rig.loop.wheel().next_wake().has_value());
}

TEST_CASE("a crowd that stays keeps its slabs, however often it comes to rest") {
    ProxyRig rig;
    auto clients = crowd(rig, 60, kGet);
    for (const auto& backend : rig.backends) backend->send(kOk);
    rig.run();
    for (int round = 0; round < 20; ++round) {
        rig.advance(200ms);
        for (const auto& client : clients) client->send("GET /a HTTP/1.1\r\n");
        rig.run();
        CHECK_GE(rig.loop.slabs().bytes_in_use(), 60 * SlabStore::kCapacity);
        for (const auto& client : clients) client->send("Host: shop\r\n\r\n");
        rig.run();
        for (const auto& backend : rig.backends) backend->send(kOk);
        rig.run();
    }
    CHECK(rig.loop.slabs().may_trim());  // most of 60 are spare, and needed every time
    CHECK_EQ(rig.owner.crowds_gone, 0);
}

TEST_CASE("when a crowd of silent clients goes, that is told once") {
    ProxyRig rig;
    const auto clients = crowd(rig, 2000, "");
    rig.advance(1s);
    CHECK_EQ(rig.owner.crowds_gone, 0);
    leave(rig, clients);
    rig.advance(500ms);
    CHECK_EQ(rig.owner.crowds_gone, 1);
    rig.advance(10s);
    CHECK_EQ(rig.owner.crowds_gone, 1);
    CHECK_FALSE(rig.loop.wheel().next_wake().has_value());
}

TEST_CASE("the ends of a thousand clients in one turn take no buffer each") {
    ProxyRig rig;
    const auto clients = crowd(rig, 1000, "");
    for (const auto& client : clients) client->finish();
    rig.run();
    CHECK_EQ(rig.engine->connections(), 0);
    CHECK_FALSE(rig.loop.slabs().may_trim());
}

TEST_CASE("when clients that needed a megabyte of buffers go, that is told too") {
    ProxyRig rig;
    const auto clients = crowd(rig, 100, "GET /a HTTP/1.1\r\n");
    leave(rig, clients);
    for (int i = 0; i < 3; ++i) rig.advance(500ms);
    CHECK_EQ(rig.owner.crowds_gone, 1);
}

TEST_CASE("a crowd that goes bit by bit is told of once, when the last of it went") {
    ProxyRig rig;
    const auto clients = crowd(rig, 4000, "");
    rig.advance(1s);
    for (size_t i = 0; i < clients.size(); ++i) {
        clients[i]->reset();
        if (i % 500 == 0) rig.advance(250ms);
    }
    CHECK_EQ(rig.owner.crowds_gone, 0);
    rig.run();
    rig.advance(500ms);
    rig.advance(500ms);
    CHECK_EQ(rig.owner.crowds_gone, 1);
}

TEST_CASE("a little that is trimmed again and again is no crowd") {
    ProxyRig rig;
    for (int round = 0; round < 60; ++round) {
        leave(rig, crowd(rig, 12, kGet));
        rig.advance(500ms);
        rig.advance(500ms);
        rig.advance(500ms);
    }
    CHECK_EQ(rig.owner.crowds_gone, 0);
}

TEST_CASE("a few clients that come and go are no crowd") {
    ProxyRig rig;
    for (int round = 0; round < 30; ++round) {
        leave(rig, crowd(rig, 50, kGet));
        rig.advance(300ms);
    }
    CHECK_EQ(rig.owner.crowds_gone, 0);
}
