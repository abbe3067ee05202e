// Reading into pipes and writing from them, over every kind of transport.
#include <unistd.h>

#include <string>

#include "base/slab.h"
#include "tests/unit/net/socket_bench.h"
#include "tests/unit/net/transport_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_text;

namespace {

struct PipeStore {
    SlabRef take() {
        slabs.allow_pipes(1);
        return slabs.take_pipe();
    }
    SlabStore slabs;
    SlabRef slab = take();
    Pipe& pipe = slab->pipe();
};

std::string drained(Pipe& pipe) {
    std::string text(pipe.bytes(), '\0');
    REQUIRE_EQ(::read(pipe.out(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    pipe.drained(text.size());
    return text;
}

std::string numbered(size_t size) {
    std::string text;
    for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
    text.resize(size);
    return text;
}

}  // namespace

TEST_CASE_TEMPLATE("what is read into a pipe is no more than was asked for, and then the end is seen", B,
                   net::MemoryBench, net::TcpBench, net::UnixBench) {
    B bench;
    PipeStore store;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    REQUIRE(both.transport->uses_pipes());
    both.far.send("hello, world");
    both.far.finish();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    IoResult result = both.transport->read_into(store.pipe, 7);
    CHECK_EQ(result.kind, IoResult::Kind::piped);
    CHECK_EQ(result.bytes, 7);
    CHECK(both.transport->readable());
    CHECK_EQ(drained(store.pipe), "hello, ");
    result = both.transport->read_into(store.pipe, 100);
    CHECK_EQ(result.bytes, 5);
    CHECK_EQ(drained(store.pipe), "world");
    CHECK_EQ(both.transport->read_into(store.pipe, 100).kind, IoResult::Kind::end);
    CHECK_FALSE(both.transport->readable());
}

TEST_CASE_TEMPLATE("an empty pipe that nothing goes into means that there is nothing, and news are told again", B,
                   net::MemoryBench, net::TcpBench, net::UnixBench) {
    B bench;
    PipeStore store;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.send("a");
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(both.transport->read_into(store.pipe, 100).bytes, 1);
    drained(store.pipe);
    CHECK_EQ(both.transport->read_into(store.pipe, 100).kind, IoResult::Kind::blocked);
    CHECK_FALSE(both.transport->readable());
    both.far.send("b");
    REQUIRE(bench.until([&] { return owner.told > 1; }));
    CHECK_EQ(both.transport->read_into(store.pipe, 100).bytes, 1);
    CHECK_EQ(drained(store.pipe), "b");
}

TEST_CASE_TEMPLATE("a full pipe is not taken for a transport that has nothing", B, net::MemoryBench, net::TcpBench,
                   net::UnixBench) {
    B bench;
    PipeStore store;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.send("more");
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    const std::string full(Pipe::kBytes, 'f');
    REQUIRE_EQ(::write(store.pipe.in(), full.data(), full.size()), static_cast<ssize_t>(full.size()));
    store.pipe.filled(full.size());
    CHECK_EQ(both.transport->read_into(store.pipe, 100).kind, IoResult::Kind::blocked);
    CHECK(both.transport->readable());
    CHECK_EQ(read_text(*both.transport), "more");
    drained(store.pipe);
}

TEST_CASE_TEMPLATE("what a pipe holds is written in order, as far as the peer takes it", B, net::MemoryBench,
                   net::TcpBench, net::UnixBench) {
    B bench;
    PipeStore store;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::downstream);
    std::string sent;
    std::string received;
    while (both.transport->writable()) {
        const std::string part = numbered(100'000);
        REQUIRE_EQ(::write(store.pipe.in(), part.data(), part.size()), static_cast<ssize_t>(part.size()));
        store.pipe.filled(part.size());
        sent += part;
        while (!store.pipe.empty() && both.transport->writable())
            both.transport->write_from(store.pipe, store.pipe.bytes());
    }
    CHECK_FALSE(store.pipe.empty());
    REQUIRE(bench.until([&] {
        received += both.far.receive();
        while (!store.pipe.empty() && both.transport->writable())
            both.transport->write_from(store.pipe, store.pipe.bytes());
        return received.size() == sent.size();
    }));
    CHECK((received == sent));
}

TEST_CASE_TEMPLATE("a reset fails reads into a pipe and writes from it", B, net::MemoryBench, net::TcpBench) {
    B bench;
    PipeStore store;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(both.transport->read_into(store.pipe, 100).kind, IoResult::Kind::failed);
    REQUIRE_EQ(::write(store.pipe.in(), "x", 1), 1);
    store.pipe.filled(1);
    CHECK_EQ(both.transport->write_from(store.pipe, 1).kind, IoResult::Kind::failed);
}
