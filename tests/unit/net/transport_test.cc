#include "net/transport.h"

#include <vector>

#include "tests/unit/net/socket_bench.h"
#include "tests/unit/net/tls_bench.h"
#include "tests/unit/net/transport_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_kind;
using net::read_text;
using net::write_text;

// Every promise of transport.h, over every kind of transport.

TEST_CASE_TEMPLATE("a transport tells its owner of data and is readable until a read comes back short", B,
                   net::MemoryBench, net::TcpBench, net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    CHECK_FALSE(transport->readable());
    CHECK(transport->writable());
    CHECK_FALSE(transport->connecting());
    far.send("hello, world");
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK(transport->readable());
    CHECK_EQ(read_text(*transport, 7), "hello, ");
    CHECK(transport->readable());
    CHECK_EQ(read_text(*transport), "world");
    CHECK_FALSE(transport->readable());
    CHECK_EQ(read_kind(*transport), IoResult::Kind::blocked);
    far.send("again");
    REQUIRE(bench.until([&] { return owner.told > 1; }));
    CHECK_EQ(read_text(*transport), "again");
}

TEST_CASE_TEMPLATE("a FIN that comes together with data is seen", B, net::MemoryBench, net::TcpBench, net::UnixBench,
                   net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::downstream);
    far.send("last words");
    far.finish();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(read_text(*transport), "last words");
    // Short, and yet there is more to learn: nobody will tell of it again.
    CHECK(transport->readable());
    CHECK_EQ(read_kind(*transport), IoResult::Kind::end);
    CHECK_FALSE(transport->readable());
    CHECK_EQ(transport->failed(), 0);
}

TEST_CASE_TEMPLATE("a FIN behind data that was read already is told", B, net::MemoryBench, net::TcpBench,
                   net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    far.send("x");
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(read_text(*transport), "x");
    far.finish();
    REQUIRE(bench.until([&] { return owner.told > 1; }));
    CHECK_EQ(read_kind(*transport), IoResult::Kind::end);
}

TEST_CASE_TEMPLATE("a paused reader is told of no data, and of an end with how much comes before it", B,
                   net::MemoryBench, net::TcpBench, net::UnixBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    transport->pause_reading(true);
    CHECK(transport->reading_paused());
    far.send("wait for it");
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(owner.told, 0);
    CHECK_FALSE(transport->unread_before_end().has_value());
    far.finish();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(transport->unread_before_end(), 11);
    transport->pause_reading(false);
    bench.turn();
    CHECK_EQ(owner.told, 2);
    CHECK_EQ(read_text(*transport, 5), "wait ");
    CHECK_EQ(transport->unread_before_end(), 6);
    CHECK_EQ(read_text(*transport), "for it");
    CHECK_EQ(read_kind(*transport), IoResult::Kind::end);
    CHECK_FALSE(transport->unread_before_end().has_value());
}

TEST_CASE_TEMPLATE("un-pausing a reader for whom nothing came tells it nothing", B, net::MemoryBench, net::TcpBench,
                   net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    transport->pause_reading(true);
    bench.turn();
    transport->pause_reading(false);
    bench.turn();
    CHECK_EQ(owner.told, 0);
}

TEST_CASE_TEMPLATE("a write that is cut short goes on when the peer has read", B, net::MemoryBench, net::TcpBench,
                   net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    const std::string chunk(64 * 1024, 'x');
    size_t written = 0;
    while (transport->writable()) {
        const IoResult result = write_text(*transport, chunk);
        if (result.kind == IoResult::Kind::blocked) break;
        REQUIRE_EQ(result.kind, IoResult::Kind::moved);
        written += result.bytes;
        if (result.bytes < chunk.size()) CHECK_FALSE(transport->writable());
    }
    CHECK_FALSE(transport->writable());
    CHECK_EQ(write_text(*transport, "y").kind, IoResult::Kind::blocked);
    bench.turn();
    CHECK_EQ(owner.told, 0);
    size_t received = 0;
    REQUIRE(bench.until([&] {
        received += far.receive().size();
        return owner.told > 0;
    }));
    CHECK(transport->writable());
    const std::string last = "the end";
    CHECK_EQ(write_text(*transport, last).bytes, last.size());
    REQUIRE(bench.until([&] {
        received += far.receive().size();
        return received == written + last.size();
    }));
}

TEST_CASE_TEMPLATE("a write gathers its segments in order", B, net::MemoryBench, net::TcpBench, net::UnixBench,
                   net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    std::string head = "HTTP/1.1 200 OK\r\n\r\n", body = "hello", empty;
    const struct iovec segments[] = {{head.data(), head.size()}, {empty.data(), 0}, {body.data(), body.size()}};
    const IoResult result = transport->write(segments, 3);
    CHECK_EQ(result.kind, IoResult::Kind::moved);
    CHECK_EQ(result.bytes, head.size() + body.size());
    std::string received;
    CHECK(bench.until([&] { return (received += far.receive()) == head + body; }));
}

TEST_CASE_TEMPLATE("shutdown_write sends a FIN behind the data and leaves reading open", B, net::MemoryBench,
                   net::TcpBench, net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    write_text(*transport, "bye");
    transport->shutdown_write();
    CHECK_EQ(far.receive(), "bye");
    CHECK(far.saw_fin());
    far.send("and to you");
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(read_text(*transport), "and to you");
    far.finish();
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(read_kind(*transport), IoResult::Kind::end);
    CHECK_EQ(transport->failed(), 0);
}

TEST_CASE_TEMPLATE("a transport that is destroyed closes with a FIN, and with nothing marked behind it", B,
                   net::MemoryBench, net::TcpBench, net::UnixBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    write_text(*transport, "bye");
    transport.reset();
    CHECK_EQ(far.receive(), "bye");
    CHECK(far.saw_fin());
    CHECK_FALSE(far.saw_reset());
    bench.turn();
    CHECK_EQ(owner.told, 0);
}

namespace {
// Reads at most a budget in one turn and then waits for the next one, as connections do.
struct BudgetedReader final : net::Job {
    BudgetedReader(net::Loop& l, net::Transport& t, std::vector<int>& o, int n)
        : loop(l), transport(t), order(o), name(n) {
        transport.set_owner(*this, Lane::upstream);
    }
    void run_job() override {
        char room[16 * 1024];
        order.push_back(name);
        size_t moved = 0;
        while (transport.readable() && moved < budget) {
            const IoResult result = transport.read(room, sizeof(room));
            if (result.kind != IoResult::Kind::moved) return;
            moved += result.bytes;
        }
        read += moved;
        most = std::max(most, moved);
        if (transport.readable()) loop.schedule(*this, Lane::upstream);
    }
    net::Loop& loop;
    net::Transport& transport;
    std::vector<int>& order;
    int name;
    size_t budget = 32 * 1024;
    size_t read = 0;
    size_t most = 0;
};
}  // namespace

TEST_CASE_TEMPLATE("one fast peer does not starve the others", B, net::MemoryBench, net::TcpBench, net::UnixBench,
                   net::TlsBench) {
    B bench;
    auto fast = bench.pair();
    auto slow = bench.pair();
    std::vector<int> order;
    BudgetedReader fast_reader(bench.loop(), *fast.transport, order, 0);
    BudgetedReader slow_reader(bench.loop(), *slow.transport, order, 1);
    constexpr size_t kFast = 200'000;  // at least six turns of its own
    fast.far.send(std::string(kFast, 'f'));
    REQUIRE(bench.until([&] { return fast_reader.read > 0; }));
    REQUIRE_LT(fast_reader.read, kFast);
    slow.far.send("me too");
    REQUIRE(bench.until([&] { return slow_reader.read == 6; }));
    CHECK_LT(fast_reader.read, kFast);  // came between
    CHECK_LE(fast_reader.most, fast_reader.budget);
    CHECK(bench.until([&] { return fast_reader.read == kFast; }));
}
