#include <vector>

#include "net/transport.h"
#include "tests/unit/net/socket_bench.h"
#include "tests/unit/net/tls_bench.h"
#include "tests/unit/net/transport_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_kind;
using net::read_text;
using net::write_text;

// What a reset looks like, over every kind of transport that knows one.

TEST_CASE_TEMPLATE("a reset is told to a reader", B, net::MemoryBench, net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(read_kind(*transport), IoResult::Kind::failed);
    CHECK_EQ(transport->failed(), ECONNRESET);
    CHECK_EQ(write_text(*transport, "x").kind, IoResult::Kind::failed);
}

TEST_CASE_TEMPLATE("a reset is noticed while reading is paused, and what came before it can still be read", B,
                   net::MemoryBench, net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    transport->pause_reading(true);
    far.send("an upload");
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(owner.told, 0);
    CHECK_EQ(transport->failed(), 0);
    far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(transport->failed(), ECONNRESET);
    CHECK_EQ(write_text(*transport, "x").kind, IoResult::Kind::failed);
    transport->pause_reading(false);
    CHECK_EQ(read_text(*transport), "an upload");
    CHECK_EQ(read_kind(*transport), IoResult::Kind::failed);
}

TEST_CASE_TEMPLATE("a reset that comes together with data is noticed behind it", B, net::MemoryBench, net::TcpBench,
                   net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    far.send("half a respon");
    far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(read_text(*transport), "half a respon");
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(read_kind(*transport), IoResult::Kind::failed);
    CHECK_EQ(transport->failed(), ECONNRESET);
}

TEST_CASE_TEMPLATE("a reset that comes together with data is noticed though reading is paused before its end", B,
                   net::MemoryBench, net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    CountingOwner owner;
    transport->set_owner(owner, Lane::downstream);
    both.far.send("a piece of an upload");
    both.far.reset();
    REQUIRE(bench.until([&] { return transport->readable(); }));
    char piece[5];
    CHECK_EQ(transport->read(piece, sizeof piece).bytes, 5);
    transport->pause_reading(true);
    REQUIRE(bench.until([&] { return transport->failed() != 0; }));
    CHECK_EQ(transport->failed(), ECONNRESET);
}

TEST_CASE_TEMPLATE("a reset behind a FIN that was read is told", B, net::MemoryBench, net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    far.finish();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(read_kind(*transport), IoResult::Kind::end);
    CHECK_EQ(transport->failed(), 0);
    far.reset();
    REQUIRE(bench.until([&] { return owner.told > 1; }));
    CHECK_NE(transport->failed(), 0);
}

TEST_CASE_TEMPLATE("an end and the reset behind it are read as an end though they came together", B, net::MemoryBench,
                   net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    const uint64_t mark = both.transport->bytes_written();
    both.far.finish();
    both.far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_FALSE(both.transport->undelivered(mark).proven);  // no end was read
    CHECK_EQ(read_kind(*both.transport), IoResult::Kind::end);
    CHECK_EQ(both.transport->bytes_written(), mark);
}

TEST_CASE_TEMPLATE("a write into a connection that was reset fails", B, net::MemoryBench, net::TcpBench,
                   net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    far.reset();
    REQUIRE(bench.until([&] { return write_text(*transport, "x").kind == IoResult::Kind::failed; }));
    CHECK_NE(transport->failed(), 0);
    CHECK_EQ(read_kind(*transport), IoResult::Kind::failed);
}

TEST_CASE_TEMPLATE("a write that meets a reset leaves it to a read, with what came before it", B, net::MemoryBench,
                   net::TcpBench, net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CHECK_EQ(read_kind(*transport), IoResult::Kind::blocked);
    far.send("an answer");
    far.reset();
    REQUIRE(bench.until([&] { return write_text(*transport, "x").kind == IoResult::Kind::failed; }));
    CHECK(transport->readable());
    CHECK_EQ(read_text(*transport), "an answer");
    CHECK(transport->readable());
    CHECK_EQ(read_kind(*transport), IoResult::Kind::failed);
}

TEST_CASE_TEMPLATE("a transport that was told to reset closes with a RST", B, net::MemoryBench, net::TcpBench,
                   net::TlsBench) {
    B bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    transport->reset();
    CHECK_FALSE(far.saw_reset());
    transport.reset();
    CHECK(far.saw_reset());
}
