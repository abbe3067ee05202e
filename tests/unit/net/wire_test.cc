#include "net/wire.h"

#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/memory_transport.h"
#include "tests/unit/net/socket_bench.h"
#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Address;
using net::Lane;

namespace {

// A codec that keeps what came and sends what it is told.
struct PlainCodec final : ByteCodec {
    explicit PlainCodec(net::Loop& loop) : slabs(loop.slabs()) {}
    bool wants_input() const override { return wanted > input.size(); }
    InputRoom input_room() override {
        if (pipe) return {{}, pipe.get(), most};
        return {memory_room()};
    }
    std::span<char> memory_room() override { return room; }
    void received(size_t count) override { input.append(room.data(), count); }
    void received_in_pipe(size_t count) override { piped += count; }
    void received_nothing() override {}
    void received_end() override { ended = true; }
    void broken() override { was_broken = true; }
    PieceQueue& output() override { return queue; }
    bool output_ends() const override { return ends; }
    void sent(size_t count) override {
        written += count;
        if (on_sent) on_sent();
    }

    // A piece of its own, adjacent to no other.
    void queue_text(std::string_view text) {
        SlabRef slab = slabs.take();
        std::copy(text.begin(), text.end(), slab->data());
        const char* at = slab->data();
        queue.push(Piece{std::move(slab), at, text.size()});
    }

    SlabStore& slabs;
    std::vector<char> room = std::vector<char>(16 * 1024);
    std::string input;
    SlabRef pipe;
    size_t most = SIZE_MAX;  // into it
    size_t piped = 0;
    size_t wanted = SIZE_MAX;
    PieceRings rings;
    PieceQueue queue{rings};
    size_t written = 0;
    bool ended = false;
    bool was_broken = false;
    bool ends = false;
    std::function<void()> on_sent;
};

struct Bench final : net::Wire::Owner {
    void on_connected(int error) override { connects.push_back(error); }
    void on_wire() override { ++turns; }

    void accept() {
        net::MemoryPair pair = net::make_memory_pair(loop, poller, address, address);
        peer = pair.peer;
        wire.emplace(loop, std::move(pair.transport), codec, *this, Lane::downstream);
    }
    void turn() { loop.turn(1s); }

    ManualClock clock;
    net::ManualPoller poller;
    net::Loop loop{poller, clock};
    Address address = *Address::parse("127.0.0.1:80");
    PlainCodec codec{loop};
    std::shared_ptr<net::MemoryPeer> peer;
    std::optional<net::Wire> wire;
    std::vector<int> connects;
    int turns = 0;
};

}  // namespace

TEST_CASE("a wire tells of a dial once, whether it was decided at once or later") {
    for (const bool at_once : {true, false}) {
        for (const int error : {0, ECONNREFUSED}) {
            CAPTURE(at_once);
            CAPTURE(error);
            Bench bench;
            net::MemoryDialer dialer(bench.loop, bench.poller);
            const auto answer = [error](net::MemoryPeer& peer) { error == 0 ? peer.accept() : peer.refuse(error); };
            dialer.on_dial([&](const Address&, const std::shared_ptr<net::MemoryPeer>& peer) {
                bench.peer = peer;
                if (at_once) answer(*peer);
            });
            bench.wire.emplace(bench.loop, dialer.dial(bench.address), bench.codec, bench, Lane::upstream);
            if (!at_once) {
                bench.turn();
                CHECK(bench.connects.empty());
                answer(*bench.peer);
            }
            bench.turn();
            bench.turn();
            CHECK_EQ(bench.connects, std::vector<int>{error});
        }
    }
}

TEST_CASE("what is queued before the connection stands leaves once it does") {
    Bench bench;
    net::MemoryDialer dialer(bench.loop, bench.poller);
    dialer.on_dial([&](const Address&, const std::shared_ptr<net::MemoryPeer>& peer) { bench.peer = peer; });
    bench.wire.emplace(bench.loop, dialer.dial(bench.address), bench.codec, bench, Lane::upstream);
    bench.codec.queue_text("GET / HTTP/1.1\r\n\r\n");
    bench.wire->output_pending();
    bench.turn();
    CHECK_EQ(bench.peer->received(), "");
    bench.peer->accept();
    bench.turn();
    CHECK_EQ(bench.peer->received(), "GET / HTTP/1.1\r\n\r\n");
}

TEST_CASE("all that one turn queues leaves in one write at its end") {
    Bench bench;
    bench.accept();
    for (const char* text : {"head ", "body ", "end"}) {
        bench.codec.queue_text(text);
        bench.wire->output_pending();
    }
    CHECK_EQ(bench.peer->writes(), 0);
    bench.turn();
    CHECK_EQ(bench.peer->received(), "head body end");
    CHECK_EQ(bench.peer->writes(), 1);
    CHECK_EQ(bench.codec.written, 13);
}

TEST_CASE("a message that fits costs one read, and a write that the peer blocks goes on later") {
    Bench bench;
    bench.accept();
    bench.peer->send("hello");
    bench.turn();
    CHECK_EQ(bench.codec.input, "hello");
    CHECK_EQ(bench.peer->reads(), 1);
    bench.peer->set_window(3);
    bench.codec.queue_text("answer");
    bench.wire->output_pending();
    bench.turn();
    bench.turn();
    CHECK_EQ(bench.peer->take_received(), "ans");
    CHECK_EQ(bench.peer->writes(), 1);
    bench.peer->set_window(100);
    bench.turn();
    CHECK_EQ(bench.peer->take_received(), "wer");
}

TEST_CASE("a wire reads its budget in a turn and the rest in the next ones") {
    Bench bench;
    bench.accept();
    bench.peer->send(std::string(600 * 1024, 'x'));
    bench.turn();
    CHECK_EQ(bench.codec.input.size(), net::Wire::kReadBudget);
    CHECK_FALSE(bench.loop.quiet());
    bench.turn();
    bench.turn();
    CHECK_EQ(bench.codec.input.size(), 600 * 1024);
}

TEST_CASE("a codec that wants nothing is not read for, goes on when it does, and learns of a reset meanwhile") {
    Bench bench;
    bench.accept();
    bench.codec.wanted = 4;
    bench.peer->send("1234");
    bench.turn();
    CHECK(bench.peer->paused());
    bench.peer->send("5678");
    bench.turn();
    CHECK_EQ(bench.codec.input, "1234");
    bench.codec.wanted = 8;
    bench.wire->input_wanted();
    bench.turn();
    CHECK_EQ(bench.codec.input, "12345678");
    CHECK(bench.peer->paused());
    bench.peer->reset();
    bench.turn();
    CHECK(bench.codec.was_broken);
}

TEST_CASE("a wire that shuts down sends its FIN behind the output") {
    Bench bench;
    bench.accept();
    bench.peer->set_window(2);
    bench.codec.queue_text("bye");
    bench.wire->shutdown_when_flushed();
    bench.turn();
    CHECK_FALSE(bench.peer->saw_fin());
    bench.peer->set_window(2);
    bench.turn();
    CHECK_EQ(bench.peer->received(), "bye");
    CHECK(bench.peer->saw_fin());
    bench.peer->finish();
    bench.turn();
    CHECK(bench.codec.ended);
    CHECK(bench.wire->peer_ended());
}

TEST_CASE("a wire that is told to shut down while it writes does so in the same turn") {
    Bench bench;
    bench.accept();
    bench.codec.queue_text("bye");
    bench.codec.on_sent = [&] { bench.wire->shutdown_when_flushed(); };
    bench.wire->output_pending();
    bench.turn();
    CHECK(bench.peer->saw_fin());
    CHECK(bench.loop.quiet());
}

TEST_CASE("a closed wire calls nobody") {
    Bench bench;
    bench.accept();
    bench.peer->send("x");
    bench.codec.queue_text("y");
    bench.wire->output_pending();
    bench.wire->close(true);
    bench.turn();
    CHECK_EQ(bench.turns, 0);
    CHECK(bench.codec.input.empty());
    CHECK(bench.peer->saw_reset());
    CHECK_EQ(bench.peer->received(), "");
}

TEST_CASE("what a turn brings is read from all connections before any of it is worked on") {
    struct Telling final : net::Wire::Owner {
        explicit Telling(std::string& into) : order(into) {}
        void on_connected(int) override {}
        void on_wire() override { order += "work "; }
        std::string& order;
    };
    struct Reading final : ByteCodec {
        explicit Reading(std::string& into) : order(into) {}
        bool wants_input() const override { return true; }
        InputRoom input_room() override {
            order += "read ";
            return {memory_room()};
        }
        std::span<char> memory_room() override { return room; }
        void received_in_pipe(size_t) override {}
        void received(size_t) override { order += "received "; }
        void received_nothing() override {}
        void received_end() override {}
        void broken() override {}
        PieceQueue& output() override { return queue; }
        void sent(size_t) override {}
        std::string& order;
        std::array<char, 4096> room;
        PieceRings rings;
        PieceQueue queue{rings};
    };
    Bench bench;
    std::string order;
    Telling owner(order);
    Reading first(order), second(order);
    auto one = net::make_memory_pair(bench.loop, bench.poller, bench.address, bench.address);
    auto two = net::make_memory_pair(bench.loop, bench.poller, bench.address, bench.address);
    net::Wire a(bench.loop, std::move(one.transport), first, owner, Lane::downstream);
    net::Wire b(bench.loop, std::move(two.transport), second, owner, Lane::downstream);
    one.peer->send("a");
    two.peer->send("b");
    bench.turn();
    CHECK_EQ(order, "read read received work received work ");
    a.close(false);
    b.close(false);
}

TEST_CASE("an end that the codec knows of is announced with the last of its output") {
    for (const size_t pieces : {size_t{2}, size_t{PieceQueue::kMaxSegments} + 1}) {
        for (const bool ends : {true, false}) {
            CAPTURE(pieces);
            CAPTURE(ends);
            Bench bench;
            net::TlsBench tls;
            auto both = tls.pair();
            PlainCodec codec(tls.loop());
            codec.ends = ends;
            net::Wire wire(tls.loop(), std::move(both.transport), codec, bench, Lane::downstream);
            for (size_t i = 0; i < pieces; ++i) codec.queue_text("piece");
            wire.output_pending();
            tls.turn();
            CHECK_EQ(both.far.receive().size(), 5 * pieces);
            CHECK_EQ(both.far.saw_goodbye(), ends);
        }
    }
}

TEST_CASE("what was announced as the last leaves at once, though nobody shuts down behind it") {
    Bench bench;
    net::TcpBench tcp;
    auto both = tcp.pair();
    PlainCodec codec(tcp.loop());
    codec.ends = true;
    net::Wire wire(tcp.loop(), std::move(both.transport), codec, bench, Lane::downstream);
    codec.queue_text("the last");
    wire.output_pending();
    tcp.turn();
    CHECK_EQ(both.far.receive(), "the last");
    CHECK_FALSE(both.far.saw_fin());
}
