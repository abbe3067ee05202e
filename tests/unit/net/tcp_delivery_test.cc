#include "net/tcp_delivery.h"

#include <fcntl.h>

#include <cstdlib>
#include <thread>

#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::IoResult;
using net::TcpDelivery;
using net::TestSocket;

TEST_CASE("undelivered is what was never acknowledged, in one segment, by who ended and reset") {
    struct Row {
        const char* what;
        TcpDelivery seen;
        uint64_t mark;
        uint64_t written;
        bool proven;
        bool likely;
        Duration wait;
    };
    const Row rows[] = {
        {"all before it is acknowledged and the reset has come", {true, 101, 1448, 10us}, 100, 300, true, true, 0s},
        {"nothing at all is acknowledged", {true, 1, 1448, 10us}, 100, 300, true, true, 0s},
        {"one byte of it is", {true, 102, 1448, 10us}, 100, 300, false, false, 0s},
        {"all of it is", {true, 301, 1448, 10us}, 100, 300, false, false, 0s},
        {"it fills a segment", {true, 101, 200, 10us}, 100, 300, true, true, 0s},
        {"it needs two", {true, 101, 199, 10us}, 100, 300, false, true, 0s},
        {"the reset has not come", {false, 101, 1448, 10us}, 100, 300, false, false, 5ms},
        {"nor from far away", {false, 101, 1448, 40ms}, 100, 300, false, false, 160ms},
        {"nor would it prove anything", {false, 102, 1448, 40ms}, 100, 300, false, false, 0s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const net::Undelivered said = row.seen.undelivered(row.mark, row.written, true);
        CHECK_EQ(said.proven, row.proven);
        CHECK_EQ(said.likely, row.likely);
        CHECK_FALSE(row.seen.undelivered(row.mark, row.written, false).proven);  // of several writes
        CHECK_EQ(said.wait.count(), row.wait.count());
    }
}

namespace {

const std::string kRequest = "POST /pay HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n{}";

// weir's side of a connection that it dialled, and the backend's descriptor.
struct Dialled {
    explicit Dialled(net::SocketLoop& bench) : loop(bench) {
        TestSocket listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE_EQ(listen(listening.fd(), 1), 0);
        net::SocketDialer dialer(bench.poller(), bench.loop());
        transport = dialer.dial(net::Address::of(Ip::v4({127, 0, 0, 1}), net::name_of(listening.fd()).port()));
        transport->set_owner(owner, net::Lane::upstream);
        REQUIRE(bench.until([&] { return !transport->connecting(); }));
        backend = TestSocket(accept4(listening.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    // A request and its answer, as often as a pooled connection has seen them.
    void use(int times) {
        for (int i = 0; i < times; ++i) {
            REQUIRE_EQ(net::write_text(*transport, kRequest).bytes, kRequest.size());
            REQUIRE_EQ(record(), kRequest.size());
            REQUIRE_EQ(::send(backend.fd(), "ok", 2, 0), 2);
            REQUIRE(loop.until([&] { return transport->readable(); }));
            REQUIRE_EQ(net::read_text(*transport), "ok");
        }
        mark = transport->bytes_written();
    }
    void ask() { REQUIRE_EQ(net::write_text(*transport, kRequest).bytes, kRequest.size()); }
    size_t record() {
        char room[4096];
        const ssize_t got = recv(backend.fd(), room, sizeof(room), 0);
        return got > 0 ? static_cast<size_t>(got) : 0;
    }
    void half_close() { shutdown(backend.fd(), SHUT_WR); }
    void reset() {
        const linger at_once{1, 0};
        setsockopt(backend.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        backend.close();
    }
    // What the end of it says once all that is under way has come.
    net::Undelivered ended() {
        REQUIRE(loop.until([&] { return transport->readable(); }));
        last = net::read_kind(*transport);
        loop.turn();
        return transport->undelivered(mark);
    }

    net::SocketLoop& loop;
    net::CountingOwner owner;
    std::unique_ptr<net::Transport> transport;
    TestSocket backend;
    uint64_t mark = 0;
    IoResult::Kind last = IoResult::Kind::blocked;
};

}  // namespace

TEST_CASE("the kernel tells a request that a closed backend never got from one that it read") {
    net::SocketLoop bench;
    for (const int times : {1, 5, 50}) {
        CAPTURE(times);
        Dialled closed(bench);
        closed.use(times);
        closed.backend.close();
        closed.ask();
        CHECK(closed.ended().proven);
        CHECK_EQ(closed.last, IoResult::Kind::end);

        Dialled read_and_reset(bench);
        read_and_reset.use(times);
        read_and_reset.ask();
        CHECK_GT(read_and_reset.record(), 0);
        read_and_reset.reset();
        CHECK_FALSE(read_and_reset.ended().proven);
        CHECK_EQ(read_and_reset.last, IoResult::Kind::failed);  // a lone reset, though nothing was acknowledged

        Dialled unread(bench);
        unread.use(times);
        unread.ask();
        unread.backend.close();
        CHECK_FALSE(unread.ended().proven);
        CHECK_EQ(unread.last, IoResult::Kind::failed);

        Dialled half_closed(bench);
        half_closed.use(times);
        half_closed.ask();
        half_closed.half_close();
        CHECK_GT(half_closed.record(), 0);
        half_closed.reset();
        CHECK_FALSE(half_closed.ended().proven);
        CHECK_EQ(half_closed.last, IoResult::Kind::end);
        CHECK_EQ(half_closed.transport->undelivered(half_closed.mark).wait.count(), 0);
    }
}

TEST_CASE("an end alone waits for the reset, of which the owner is told, and proves nothing") {
    net::SocketLoop bench;
    Dialled both(bench);
    both.use(1);
    both.half_close();
    both.ask();
    const net::Undelivered said = both.ended();
    CHECK_FALSE(said.proven);
    CHECK_GE(said.wait, 5ms);
    const int told = both.owner.told;
    both.backend.close();  // with the request unread: the kernel resets
    REQUIRE(bench.until([&] { return both.owner.told > told; }));
    CHECK(both.transport->undelivered(both.mark).proven);
}

TEST_CASE("of two writes nothing is proven, for the first may have been acted on") {
    net::SocketLoop bench;
    Dialled both(bench);
    both.use(1);
    both.backend.close();
    both.ask();
    net::write_text(*both.transport, "more");  // perhaps behind the reset
    CHECK_FALSE(both.ended().proven);
}

TEST_CASE("there is news before the loop has told of any: bytes, an end, a reset") {
    net::SocketLoop bench;
    for (const int what : {0, 1, 2}) {
        CAPTURE(what);
        Dialled both(bench);
        both.use(1);
        CHECK_FALSE(both.transport->has_news());
        if (what == 0) CHECK_EQ(::send(both.backend.fd(), "x", 1, 0), 1);
        if (what == 1) both.half_close();
        if (what == 2) both.reset();
        CHECK(both.transport->has_news());
        CHECK_FALSE(both.transport->readable());
    }
}

TEST_CASE("of a unix socket nothing is proven") {
    net::UnixBench bench;
    auto both = bench.pair();
    const uint64_t mark = both.transport->bytes_written();
    REQUIRE_EQ(net::write_text(*both.transport, "unread").bytes, 6);
    CHECK_EQ(both.transport->bytes_written(), mark + 6);
    both.far.reset();
    REQUIRE(bench.until([&] { return both.transport->readable(); }));
    net::read_kind(*both.transport);
    CHECK_FALSE(both.transport->undelivered(mark).proven);
    CHECK_EQ(both.transport->undelivered(mark).wait.count(), 0);
}
