#include "net/acceptor.h"

#include <netinet/tcp.h>
#include <sys/resource.h>

#include <vector>

#include "base/log.h"
#include "net/listen_sockets.h"
#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::Acceptor;
using net::Address;
using net::ListenSockets;
using net::TestSocket;

namespace {

struct AcceptBench final : net::SocketLoop {
    ListenSockets sockets = std::move(ListenSockets::bind("127.0.0.1:0", 1, 200).value());
    Quota quota;
    std::vector<TestSocket> accepted;
    std::vector<Address> peers;
    std::vector<TestSocket> clients;
    int spared = 0;  // so many of the accepted may go for new ones
    Acceptor acceptor{poller(),
                      loop(),
                      sockets.fd(0),
                      quota,
                      [this](int fd, const Address& peer) { keep(fd, peer); },
                      [this] { return spare_one(); }};

    void connect_clients(int count) {
        for (int i = 0; i < count; ++i) {
            clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            REQUIRE_EQ(net::connect_to(clients.back().fd(), sockets.address()), 0);
        }
    }
    void keep(int fd, const Address& peer) {
        accepted.emplace_back(fd);
        peers.push_back(peer);
    }
    bool spare_one() {
        if (spared == 0) return false;
        --spared;
        accepted.erase(accepted.begin());
        quota.give_back(1);
        return true;
    }
};

// All descriptors that this process may have are open. Nothing is logged meanwhile, as below.
class FullTable final {
 public:
    FullTable() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{256, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        set_log_level(LogLevel::error);
        for (int fd = dup(STDERR_FILENO); fd >= 0; fd = dup(STDERR_FILENO)) copies_.emplace_back(fd);
    }
    ~FullTable() {
        setrlimit(RLIMIT_NOFILE, &before_);
        set_log_level(LogLevel::info);
    }

 private:
    rlimit before_;
    std::vector<TestSocket> copies_;
};

// Lets this process open no further descriptor. Nothing is logged meanwhile: looking into a formatter's vptr takes a
// sanitizer a pipe.
class NoDescriptors final {
 public:
    NoDescriptors() {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &none);
        set_log_level(LogLevel::error);
    }
    ~NoDescriptors() {
        setrlimit(RLIMIT_NOFILE, &before_);
        set_log_level(LogLevel::info);
    }

 private:
    rlimit before_;
};

}  // namespace

TEST_CASE("an acceptor hands over each connection with its peer's address, non-blocking and with its options") {
    AcceptBench bench;
    bench.connect_clients(2);
    REQUIRE(bench.until([&] { return bench.accepted.size() == 2; }));
    for (size_t i = 0; i < 2; ++i) {
        CHECK(bench.peers[i] == net::name_of(bench.clients[i].fd()));
        const int fd = bench.accepted[i].fd();
        CHECK_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
        CHECK_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
        int keep_alive = 0;
        socklen_t size = sizeof(keep_alive);
        getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keep_alive, &size);
        CHECK_EQ(keep_alive, 20);
        int unsent = 0;
        size = sizeof(unsent);
        getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &size);
        CHECK_EQ(unsent, 16 * 1024);
    }
}

TEST_CASE("an acceptor takes 32 connections a turn and goes on in the next") {
    AcceptBench bench;
    bench.connect_clients(70);
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 32);
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 64);
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 70);
}

TEST_CASE("out of descriptors an acceptor leaves the loop until one is freed") {
    AcceptBench bench;
    bench.connect_clients(1);
    {
        const NoDescriptors none;
        bench.turn();
        CHECK(bench.acceptor.starved());
        const TimePoint before = bench.loop().now();
        bench.loop().turn(50ms);  // a watch that was left on would end this at once
        CHECK_GE(bench.loop().now() - before, 50ms);
    }
    CHECK_EQ(bench.accepted.size(), 0);
    bench.acceptor.descriptor_freed();
    CHECK_FALSE(bench.acceptor.starved());
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 1);
}

TEST_CASE("out of descriptors an acceptor tries again by itself after a while") {
    AcceptBench bench;
    bench.connect_clients(1);
    {
        const NoDescriptors none;
        bench.turn();
        CHECK(bench.acceptor.starved());
    }
    const TimePoint starved = bench.loop().now();
    REQUIRE(bench.until([&] { return bench.accepted.size() == 1; }));
    CHECK_GE(bench.loop().now() - starved, Acceptor::kRetry);
}

TEST_CASE("an acceptor takes no more connections than all workers together may have") {
    AcceptBench bench;
    bench.quota.set_limit(3);
    REQUIRE(bench.quota.try_take(1));  // another worker's
    bench.connect_clients(4);
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 2);
    CHECK(bench.acceptor.starved());
    bench.quota.give_back(1);
    bench.acceptor.descriptor_freed();
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 3);
    bench.quota.give_back(1);  // on the other worker: nobody tells
    REQUIRE(bench.until([&] { return bench.accepted.size() == 4; }));
    CHECK_EQ(bench.quota.used(), 3);
}

TEST_CASE("an acceptor at the limit lets one go for each that comes, and waits when nobody can be spared") {
    AcceptBench bench;
    bench.quota.set_limit(2);
    bench.connect_clients(2);
    bench.turn();
    REQUIRE_EQ(bench.accepted.size(), 2);
    bench.spared = 2;
    bench.connect_clients(3);
    REQUIRE(bench.until([&] { return bench.peers.size() == 4; }));
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 2);
    CHECK_EQ(bench.quota.used(), 2);
    CHECK(bench.acceptor.starved());
}

TEST_CASE("out of descriptors an acceptor lets one go and takes the next") {
    AcceptBench bench;
    bench.connect_clients(1);
    bench.turn();
    REQUIRE_EQ(bench.accepted.size(), 1);
    bench.connect_clients(1);
    bench.spared = 1;
    {
        const FullTable full;
        bench.turn();
    }
    CHECK_EQ(bench.peers.size(), 2);
    CHECK_EQ(bench.accepted.size(), 1);
}

TEST_CASE("an acceptor takes nobody while all buffers are lent out") {
    AcceptBench bench;
    Quota buffers;
    buffers.set_limit(SlabStore::kQuotaStep);
    bench.loop().slabs().share(buffers, 1);
    bench.connect_clients(1);
    std::vector<SlabRef> slabs;
    while (!buffers.used_up()) slabs.push_back(bench.loop().slabs().take());
    bench.turn();
    CHECK(bench.accepted.empty());
    CHECK_EQ(bench.quota.used(), 0);
    slabs.clear();
    buffers.set_limit(0);
    REQUIRE(bench.until([&] { return bench.accepted.size() == 1; }));
}

TEST_CASE("an acceptor that finishes takes all that waits, whatever the limit of a turn, and then nobody gets in") {
    AcceptBench bench;
    bench.connect_clients(70);
    bench.acceptor.turn_away();
    const TestSocket waiting(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    CHECK_EQ(net::connect_to(waiting.fd(), bench.sockets.address()), -1);  // its SYN is dropped
    CHECK_EQ(errno, EINPROGRESS);
    bench.acceptor.finish();
    CHECK_EQ(bench.accepted.size(), 70);
    const TestSocket late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    CHECK_EQ(net::connect_to(late.fd(), bench.sockets.address()), -1);
    CHECK_EQ(errno, ECONNREFUSED);
    bench.turn();
    CHECK_EQ(bench.accepted.size(), 70);
}
