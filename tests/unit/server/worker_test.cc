// Workers on threads of their own, over loopback: what control asks of them, and what they tell it.
#include "server/worker.h"

#include <poll.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "config/load.h"
#include "net/listen_sockets.h"
#include "server/compile.h"
#include "server/publisher.h"
#include "tests/unit/net/socket_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::TestSocket;

namespace {

constexpr auto kPatience = 20s;  // under a sanitizer on a busy machine
constexpr unsigned kWorkers = 2;

// Two workers of one listener.
class Bench final {
 public:
    Bench() {
        const config::Loaded loaded = config::parse(
            "listeners: [ { name: in, address: \"127.0.0.1:8080\" } ]\n"
            "pools: { app: { endpoints: [ \"" +
                backend.address().text() +
                "\" ] } }\n"
                "routes: [ { match: { host: app }, pool: app } ]\n",
            "test.yaml");
        REQUIRE(loaded.config.has_value());
        auto compiled = server::compile(*loaded.config, living_, kWorkers);
        REQUIRE(compiled.has_value());
        const std::shared_ptr<const proxy::Snapshot> snapshot = std::move(*compiled);
        for (unsigned i = 0; i < kWorkers; ++i) {
            workers.push_back(std::make_unique<server::Worker>(server::Worker::Parts{
                i, kWorkers, living_, log_, false, "weir-test", [this, i] { accepted_all_[i].set_value(); },
                [this, i] { drained_[i].set_value(); }, [] {}}));
            workers[i]->adopt(snapshot);
            workers[i]->listen(sockets_.fd(i), *living_.listeners.at("in"));
        }
    }

    TestSocket connect() const {
        TestSocket client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE_EQ(net::connect_to(client.fd(), sockets_.address()), 0);
        return client;
    }
    bool accepted_all(unsigned worker) { return came(accepted_all_[worker]); }
    bool drained(unsigned worker) { return came(drained_[worker]); }
    upstream::Pool& pool() { return *living_.pools.at("app"); }

 private:
    static bool came(std::promise<void>& word) {
        return word.get_future().wait_for(kPatience) == std::future_status::ready;
    }

    server::Living living_{kWorkers};
    LogWriter log_;
    net::ListenSockets sockets_ = std::move(*net::ListenSockets::bind("127.0.0.1:0", kWorkers, 64));
    std::promise<void> accepted_all_[kWorkers];
    std::promise<void> drained_[kWorkers];

 public:
    net::ListenSockets backend = std::move(*net::ListenSockets::bind("127.0.0.1:0", 1, 64));
    std::vector<std::unique_ptr<server::Worker>> workers;
};

// What comes until the end of file, or nothing more within kPatience.
std::string read_all(int fd) {
    std::string all;
    char room[4096];
    for (pollfd waiting{fd, POLLIN, 0}; poll(&waiting, 1, static_cast<int>(kPatience / 1ms)) == 1;) {
        const ssize_t got = recv(fd, room, sizeof room, 0);
        if (got <= 0) return all + (got == 0 ? "[end]" : "[reset]");
        all.append(room, static_cast<size_t>(got));
    }
    return all + "[silence]";
}

void say(const TestSocket& to, std::string_view text) {
    REQUIRE_EQ(send(to.fd(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}
bool readable(int fd) {
    pollfd waiting{fd, POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(kPatience / 1ms)) == 1;
}

}  // namespace

TEST_CASE("two workers drain: each takes what waits, answers it, and says so") {
    Bench bench;
    std::vector<TestSocket> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(bench.connect());
        say(clients.back(), "GET / HTTP/1.1\r\n");
    }
    for (const auto& worker : bench.workers) worker->drain();
    for (unsigned i = 0; i < kWorkers; ++i) CHECK(bench.accepted_all(i));
    for (TestSocket& client : clients) {
        say(client, "Host: other\r\n\r\n");
        const std::string answer = read_all(client.fd());
        CHECK_EQ(answer.substr(0, 13), "HTTP/1.1 404 ");
        CHECK_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
        CHECK_EQ(answer.substr(answer.size() - 5), "[end]");
        client.close();
    }
    for (unsigned i = 0; i < kWorkers; ++i) CHECK(bench.drained(i));
}

TEST_CASE("workers that are cut reset what runs and say how much that was") {
    Bench bench;
    constexpr size_t kRunning = 8;
    std::vector<TestSocket> clients;
    std::vector<TestSocket> upstream;
    for (size_t i = 0; i < kRunning; ++i) {
        clients.push_back(bench.connect());
        say(clients.back(), "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
        REQUIRE(readable(bench.backend.fd(0)));
        upstream.emplace_back(accept4(bench.backend.fd(0), nullptr, nullptr, SOCK_CLOEXEC));
        REQUIRE(readable(upstream.back().fd()));
    }
    std::promise<size_t> cut[kWorkers];
    for (unsigned i = 0; i < kWorkers; ++i)
        bench.workers[i]->cut([&cut, i](size_t exchanges) { cut[i].set_value(exchanges); });
    size_t all = 0;
    for (auto& word : cut) {
        auto exchanges = word.get_future();
        REQUIRE(exchanges.wait_for(kPatience) == std::future_status::ready);
        all += exchanges.get();
    }
    CHECK_EQ(all, kRunning);
    for (const TestSocket& client : clients) CHECK_EQ(read_all(client.fd()), "[reset]");
}

TEST_CASE("workers go by what control publishes, and the set before is freed once none looks at it") {
    Bench bench;
    SystemClock clock;
    net::EventPoller poller;
    net::Loop control(poller, clock);
    server::Publisher publisher(control, bench.workers);
    bench.pool().set_state(*bench.pool().members()[0].endpoint, upstream::EndpointState::draining);
    publisher.publish(bench.pool());
    bench.pool().set_state(*bench.pool().members()[0].endpoint, upstream::EndpointState::down);
    publisher.publish(bench.pool());
    CHECK_EQ(publisher.retired(), 2);
    const TimePoint end = clock.now() + kPatience;
    while (publisher.retired() > 0 && clock.now() < end) control.turn(100ms);
    CHECK_EQ(publisher.retired(), 0);
    for (unsigned i = 0; i < 2 * kWorkers; ++i) {
        TestSocket client = bench.connect();
        say(client, "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
        CHECK_EQ(read_all(client.fd()).substr(0, 13), "HTTP/1.1 503 ");
    }
}
