#include "net/plain_socket.h"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <cstring>
#include <vector>

#include "net/socket_options.h"
#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Address;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::TestSocket;

namespace {

TestSocket listening(int family, const Address& at) {
    TestSocket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage raw;
    const socklen_t size = at.fill(raw);
    REQUIRE_EQ(bind(socket.fd(), reinterpret_cast<const sockaddr*>(&raw), size), 0);
    REQUIRE_EQ(listen(socket.fd(), 8), 0);
    return socket;
}

int option(int fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    getsockopt(fd, level, name, &value, &size);
    return value;
}

void check_tcp_options(int fd) {
    CHECK_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    CHECK_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 20);
    CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
    CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
}

const Address kLoopback = Address::of(Ip::v4({127, 0, 0, 1}), 0);

}  // namespace

TEST_CASE("a dial connects, tells its owner once and moves bytes both ways") {
    net::SocketLoop bench;
    const TestSocket server = listening(AF_INET, kLoopback);
    net::SocketDialer dialer(bench.poller(), bench.loop());
    CountingOwner owner;
    auto transport = dialer.dial(net::name_of(server.fd()));
    transport->set_owner(owner, Lane::upstream);
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_FALSE(transport->connecting());
    CHECK_EQ(transport->connect_error(), 0);
    CHECK(transport->peer() == net::name_of(server.fd()));
    bench.turn();
    CHECK_EQ(owner.told, 1);

    const int fd = accept4(server.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    net::SocketFar far{TestSocket(fd)};
    CHECK_EQ(net::write_text(*transport, "ping").bytes, 4);
    CHECK_EQ(far.receive(), "ping");
    far.send("pong");
    REQUIRE(bench.until([&] { return transport->readable(); }));
    CHECK_EQ(net::read_text(*transport), "pong");
    sockaddr_storage raw;
    socklen_t size = sizeof(raw);
    REQUIRE_EQ(getpeername(fd, reinterpret_cast<sockaddr*>(&raw), &size), 0);
    CHECK(transport->local() == Address::from(reinterpret_cast<const sockaddr*>(&raw), size));
}

TEST_CASE("what is written last leaves with its end, or when it is pushed") {
    net::TcpBench bench;
    for (const bool pushed : {true, false}) {
        CAPTURE(pushed);
        auto both = bench.pair();
        // The kernel sends by itself what has waited for 200 ms, be it that this process was set aside for so long.
        bool waited = false;
        for (int i = 0; i < 5 && !waited; ++i) {
            both = bench.pair();
            both.transport->announce_end();
            CHECK_EQ(net::write_text(*both.transport, "last").bytes, 4);
            waited = both.far.receive().empty();
        }
        REQUIRE(waited);
        pushed ? both.transport->push() : both.transport->shutdown_write();
        CHECK_EQ(both.far.receive(), "last");
        CHECK_NE(both.far.saw_fin(), pushed);
    }
    auto closed = bench.pair();
    closed.transport->announce_end();
    net::write_text(*closed.transport, "last");
    closed.transport.reset();
    CHECK_EQ(closed.far.receive(), "last");
    CHECK(closed.far.saw_fin());
}

TEST_CASE("a refused dial tells its owner why") {
    net::SocketLoop bench;
    TestSocket server = listening(AF_INET, kLoopback);
    const Address nobody = net::name_of(server.fd());
    server.close();
    net::SocketDialer dialer(bench.poller(), bench.loop());
    CountingOwner owner;
    auto transport = dialer.dial(nobody);
    transport->set_owner(owner, Lane::upstream);
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_FALSE(transport->connecting());
    CHECK_EQ(transport->connect_error(), ECONNREFUSED);
    CHECK_EQ(net::write_text(*transport, "x").kind, IoResult::Kind::failed);
    CHECK_EQ(net::read_kind(*transport), IoResult::Kind::failed);
    bench.turn();
    CHECK_EQ(owner.told, 1);
}

TEST_CASE("a dial to a unix path connects, or says that nobody is there") {
    net::SocketLoop bench;
    char directory[] = "/tmp/weir-test-XXXXXX";
    REQUIRE_NE(mkdtemp(directory), nullptr);
    const std::string path = std::string(directory) + "/app.sock";
    const Address address = *Address::parse("unix:" + path);
    net::SocketDialer dialer(bench.poller(), bench.loop());
    CountingOwner owner;
    auto nobody = dialer.dial(address);
    nobody->set_owner(owner, Lane::upstream);
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(nobody->connect_error(), ENOENT);
    const TestSocket server = listening(AF_UNIX, address);
    auto somebody = dialer.dial(address);
    somebody->set_owner(owner, Lane::upstream);
    REQUIRE(bench.until([&] { return owner.told > 1; }));
    CHECK_EQ(somebody->connect_error(), 0);
    CHECK_EQ(somebody->peer().text(), "unix:" + path);
    CHECK_EQ(net::write_text(*somebody, "x").bytes, 1);
    unlink(path.c_str());
    rmdir(directory);
}

TEST_CASE("a dial without a free descriptor fails and tells its owner") {
    net::SocketLoop bench;
    net::SocketDialer dialer(bench.poller(), bench.loop());
    rlimit before;
    REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{0, before.rlim_max};
    REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    auto transport = dialer.dial(Address::of(Ip::v4({127, 0, 0, 1}), 9));
    REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    bench.turn();
    CHECK_EQ(owner.told, 1);
    CHECK_EQ(transport->connect_error(), EMFILE);
}

TEST_CASE("a dialed socket has the options of every socket, and an accepted one inherits them") {
    net::SocketLoop bench;
    const TestSocket server = listening(AF_INET, kLoopback);
    net::set_tcp_options(server.fd());
    const net::PlainSocket dialed(bench.poller(), bench.loop(), net::name_of(server.fd()));
    const TestSocket accepted(accept4(server.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    check_tcp_options(dialed.fd());
    check_tcp_options(accepted.fd());
}

TEST_CASE("a unix peer that leaves bytes unread is a reset, noticed while reading is paused") {
    net::UnixBench bench;
    auto both = bench.pair();
    auto& transport = both.transport;
    auto& far = both.far;
    CountingOwner owner;
    transport->set_owner(owner, Lane::upstream);
    transport->pause_reading(true);
    net::write_text(*transport, "never read");
    far.reset();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_EQ(transport->failed(), ECONNRESET);
}

TEST_CASE("both sides finishing is no reset, whoever begins and though nobody reads") {
    net::TcpBench bench;
    for (const bool we_begin : {true, false}) {
        auto both = bench.pair();
        auto& transport = both.transport;
        auto& far = both.far;
        CountingOwner owner;
        transport->set_owner(owner, Lane::upstream);
        transport->pause_reading(true);
        if (we_begin) transport->shutdown_write();
        bench.turn();
        far.finish();
        bench.turn();
        if (!we_begin) transport->shutdown_write();
        REQUIRE(bench.until([&] { return transport->readable(); }));
        bench.turn();
        CHECK_EQ(owner.told, 1);  // of the end
        CHECK_EQ(transport->failed(), 0);
        CHECK_EQ(net::read_kind(*transport), IoResult::Kind::end);
    }
}

TEST_CASE("sockets that went quiet are asked for a hidden reset without being told of anything else") {
    net::TcpBench bench;
    std::vector<net::TcpBench::Pair> pairs;
    std::vector<CountingOwner> owners(300);  // more than are asked at once
    for (CountingOwner& owner : owners) {
        pairs.push_back(bench.pair());
        pairs.back().transport->set_owner(owner, Lane::upstream);
        pairs.back().far.send("x");
    }
    pairs.back().far.reset();
    REQUIRE(bench.until([&] { return owners.back().told > 0 && owners.front().told > 0; }));
    for (auto& pair : pairs) {
        REQUIRE(pair.transport->readable());
        REQUIRE_EQ(net::read_text(*pair.transport), "x");
    }
    pairs[7].transport.reset();  // a doubtful one may go
    REQUIRE(bench.until([&] { return owners.back().told > 1; }));
    CHECK_EQ(net::read_kind(*pairs.back().transport), IoResult::Kind::failed);
    for (size_t i = 0; i + 1 < owners.size(); ++i) REQUIRE_EQ(owners[i].told, 1);
}

// A client's abort is to reach the backend within 200 ms. Again where it took too long, for then perhaps the machine
// was busy.
TEST_CASE("a reset that came together with data is told within 150 ms") {
    net::TcpBench bench;
    std::chrono::steady_clock::duration took;
    int tries = 0;
    do {
        auto both = bench.pair();
        CountingOwner owner;
        both.transport->set_owner(owner, Lane::downstream);
        both.far.send("x");
        both.far.reset();
        REQUIRE(bench.until([&] { return owner.told > 0; }));
        REQUIRE_EQ(net::read_text(*both.transport), "x");
        const auto begun = std::chrono::steady_clock::now();
        REQUIRE(bench.until([&] { return owner.told > 1; }));
        took = std::chrono::steady_clock::now() - begun;
    } while (took >= std::chrono::milliseconds(150) && ++tries < 3);
    CHECK_LT(took.count(), std::chrono::nanoseconds(std::chrono::milliseconds(150)).count());
}

TEST_CASE("an idle connection's transport stays small") {
    // The budget of an idle connection is 700 bytes with everything.
    CHECK_LE(sizeof(net::PlainSocket), 232);
}

TEST_CASE("a socket that nobody reads from does not keep a receive buffer of many megabytes") {
    net::TcpBench bench;
    auto both = bench.pair();
    auto& socket = dynamic_cast<net::PlainSocket&>(*both.transport);
    const auto size = [&socket] {
        int bytes = 0;
        socklen_t length = sizeof(bytes);
        getsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
        return bytes;
    };
    const int before = size();
    socket.pause_reading(true);
    CHECK_EQ(size(), before);  // such as it is at first it may stay
    socket.pause_reading(false);
    const int wide = 8 * 1024 * 1024;
    if (setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &wide, sizeof(wide)) != 0) {
        MESSAGE("only root may make it wide");
        return;
    }
    REQUIRE_GT(size(), 4 * 1024 * 1024);
    socket.pause_reading(true);
    CHECK_LE(size(), 4 * 1024 * 1024);
}
