#include "net/memory_transport.h"

#include <cerrno>
#include <string>

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Address;
using net::IoResult;
using net::Lane;

namespace {

struct Owner final : net::Job {
    void run_job() override { ++told; }
    int told = 0;
};

struct Bench {
    ManualClock clock;
    net::ManualPoller poller;
    net::Loop loop{poller, clock};
    net::MemoryDialer dialer{loop, poller};
    Owner owner;
    Address to = *Address::parse("10.0.0.1:3000");
    void turn() { loop.turn(1s); }
};

IoResult write(net::Transport& transport, std::string text) {
    const struct iovec segment { text.data(), text.size() };
    return transport.write(&segment, 1);
}

}  // namespace

TEST_CASE("a memory peer sees how weir left: by FIN, by RST, or by RST because bytes were unread") {
    Bench bench;
    auto fin = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    auto rst = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    auto unread = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    rst.transport->reset();
    unread.peer->send("x");
    CHECK_FALSE(fin.peer->closed());
    for (auto* pair : {&fin, &rst, &unread}) pair->transport.reset();
    CHECK(fin.peer->closed());
    CHECK(fin.peer->saw_fin());
    CHECK_FALSE(fin.peer->saw_reset());
    CHECK(rst.peer->saw_reset());
    CHECK(unread.peer->saw_reset());
    fin.peer->finish();  // into the void
    bench.turn();
}

TEST_CASE("a memory peer's window blocks writes and counts them") {
    Bench bench;
    auto [transport, peer] = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    transport->set_owner(bench.owner, Lane::upstream);
    peer->set_window(5);
    CHECK_EQ(write(*transport, "1234567").bytes, 5);
    CHECK_FALSE(transport->writable());
    CHECK_EQ(write(*transport, "67").kind, IoResult::Kind::blocked);
    bench.turn();
    CHECK_EQ(bench.owner.told, 0);
    peer->set_window(100);
    bench.turn();
    CHECK_EQ(bench.owner.told, 1);
    CHECK_EQ(write(*transport, "67").bytes, 2);
    CHECK_EQ(peer->writes(), 3);
    CHECK_EQ(peer->take_received(), "1234567");
    CHECK_EQ(peer->received(), "");
}

TEST_CASE("a memory peer is as silent as its test says, and counts who asks") {
    Bench bench;
    auto [transport, peer] = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    CHECK(transport->unanswered() == std::nullopt);
    peer->set_unanswered(3s);
    CHECK(transport->unanswered() == Duration(3s));
    CHECK_EQ(peer->questions(), 2);
}

TEST_CASE("a manual poller is quiet once everything was reported") {
    Bench bench;
    auto [transport, peer] = net::make_memory_pair(bench.loop, bench.poller, bench.to, bench.to);
    CHECK(bench.poller.quiet());
    peer->send("x");
    CHECK_FALSE(bench.poller.quiet());
    bench.turn();
    CHECK(bench.poller.quiet());
}

TEST_CASE("a memory dial is accepted at once, later, or refused at once or later, and its owner is told") {
    Bench bench;
    enum class When { at_once, later };
    for (const When when : {When::at_once, When::later}) {
        for (const int error : {0, ECONNREFUSED}) {
            std::shared_ptr<net::MemoryPeer> peer;
            const auto answer = [error](net::MemoryPeer& end) { error == 0 ? end.accept() : end.refuse(error); };
            bench.dialer.on_dial([&](const Address& to, const std::shared_ptr<net::MemoryPeer>& end) {
                CHECK(to == bench.to);
                peer = end;
                if (when == When::at_once) answer(*end);
            });
            Owner owner;
            auto transport = bench.dialer.dial(bench.to);
            transport->set_owner(owner, Lane::upstream);
            if (when == When::later) {
                bench.turn();
                CHECK(transport->connecting());
                CHECK_EQ(owner.told, 0);
                CHECK_EQ(write(*transport, "x").kind, IoResult::Kind::blocked);
                answer(*peer);
            }
            bench.turn();
            CHECK_EQ(owner.told, 1);
            CHECK_FALSE(transport->connecting());
            CHECK_EQ(transport->connect_error(), error);
            CHECK_EQ(write(*transport, "x").kind, error == 0 ? IoResult::Kind::moved : IoResult::Kind::failed);
            CHECK(transport->peer() == bench.to);
        }
    }
}

TEST_CASE("a memory dialer without a hook accepts") {
    Bench bench;
    auto transport = bench.dialer.dial(bench.to);
    transport->set_owner(bench.owner, Lane::upstream);
    bench.turn();
    CHECK_EQ(bench.owner.told, 1);
    CHECK_FALSE(transport->connecting());
    CHECK_EQ(transport->connect_error(), 0);
}
