// training: real requests over loopback sockets through the whole proxy, with clients and backend in the same thread.
// The compiler's counters watch it, and the release is laid out by what they saw (cmake/profile.cmake). So it does what
// a busy daemon does most of the time, in about the same shares. Exit 0, or 3 when an answer was wrong.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/load.h"
#include "net/acceptor.h"
#include "net/event_poller.h"
#include "net/listen_sockets.h"
#include "net/socket_transport.h"
#include "proxy/engine.h"
#include "server/compile.h"
#include "server/living.h"
#include "tests/bench/micro/heads.h"

namespace {

using namespace weir;

constexpr size_t kClients = 64;
constexpr size_t kAtOnce = 4;  // requests that come in one turn of a busy worker

void demand(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "training: %s\n", what);
    std::exit(3);
}

// One kind of exchange, and how often it is had.
struct Sample {
    std::string request;
    std::string request_end;  // the last bytes of it that a backend gets; empty: none gets it
    std::string answer;
    std::string answer_end;  // the last bytes of it that the client gets
    int times;
};

std::string answer(std::string_view start, std::string_view fields, std::string_view body) {
    return std::string(start) + "\r\n" + std::string(fields) + "Content-Length: " + std::to_string(body.size()) +
           "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n" +
           std::string(body);
}

std::vector<Sample> samples() {
    const std::string json =
        "X-Powered-By: Express\r\nContent-Type: application/json; charset=utf-8\r\n"
        "ETag: W/\"400-Yx0c1kT6v2mJ\"\r\nVary: Accept-Encoding\r\n";
    const std::string small = answer("HTTP/1.1 200 OK", json, std::string(1023, 'x') + "$");
    const std::string page = answer("HTTP/1.1 200 OK", "Content-Type: text/html\r\n", std::string(40'000, 'x') + "$");
    const std::string chunked =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" +
        std::string(1024, 'x') + "\r\n0\r\n\r\n";
    const std::string end = "\r\n\r\n";
    std::vector<Sample> all;
    for (const std::string_view head : bench::kHeads)
        if (head.substr(0, 4) == "GET ") all.push_back({std::string(head), end, small, "$", 12});
    const std::string get(bench::kChromeFetch);
    all.push_back({get, end, page, "$", 4});
    all.push_back({get, end, chunked, "0\r\n\r\n", 8});
    all.push_back({get, end, "HTTP/1.1 304 Not Modified\r\nETag: W/\"1a4\"\r\n\r\n", end, 4});
    all.push_back(
        {"POST /api/orders HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: axios/1.7.7\r\n"
         "Content-Type: application/json\r\nContent-Length: 300\r\n\r\n" +
             std::string(299, 'x') + "!",
         "!", answer("HTTP/1.1 201 Created", json, "{}$"), "$", 12});
    all.push_back({"POST /api/upload HTTP/1.1\r\nHost: shop.example.com\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" +
                       std::string(256, 'x') + "\r\n0\r\n\r\n",
                   "0\r\n\r\n", small, "$", 4});
    all.push_back({"GET /nothing HTTP/1.1\r\nHost: other\r\n\r\n", "", "", "}\n", 2});
    return all;
}

// A socket of ours, and what came on it since it last sent.
class Peer final {
 public:
    explicit Peer(int fd) : fd_(fd) {}
    ~Peer() { close(fd_); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    void send(std::string_view bytes) {
        received_.clear();
        while (!bytes.empty()) {
            const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            demand(put > 0, "a peer could not send");
            bytes.remove_prefix(static_cast<size_t>(put));
        }
    }
    // Takes what is there; true when all came up to `end`.
    bool has(std::string_view end) {
        char buffer[64 * 1024];
        for (ssize_t got; (got = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
            received_.append(buffer, static_cast<size_t>(got));
        return received_.size() >= end.size() &&
               std::string_view(received_).substr(received_.size() - end.size()) == end;
    }

 private:
    const int fd_;
    std::string received_;
};

class Ground final {
 public:
    Ground() {
        const std::string yaml =
            "listeners: [ { name: in, address: \"127.0.0.1:8080\" } ]\n"
            "pools: { app: { endpoints: [ \"" +
            backend_.address().text() +
            "\" ] } }\n"
            "routes:\n"
            "  - match: { host: [ shop.example.com, www.example.org, m.example.net, \"*.example.com\" ] }\n"
            "    pool: app\n"
            "  - match: { path: /health }\n"
            "    pool: app\n";
        const config::Loaded loaded = config::parse(yaml, "training.yaml");
        demand(loaded.config.has_value(), "its config is wrong");
        auto snapshot = server::compile(*loaded.config, living_, 1);
        demand(snapshot.has_value(), "its config does not compile");
        engine_ = std::make_unique<proxy::Engine>(
            proxy::Engine::Parts{loop_, dialer_, access_log_, living_.registry.worker(0), "weir-training", 0, nullptr});
        for (const upstream::PoolPlan& pool : (*snapshot)->pools) engine_->adopt(*pool.pool, pool.pool->set());
        engine_->adopt(std::move(*snapshot));
        proxy::ListenerPlan& plan = *living_.listeners.at("in");
        acceptor_ = std::make_unique<net::Acceptor>(
            poller_, loop_, front_.fd(0), living_.connections,
            [&](int fd, const net::Address& peer) {
                engine_->accept(net::adopt_socket(poller_, loop_, fd, peer), plan);
            },
            [] { return false; });
        for (size_t i = 0; i < kClients; ++i) clients_.push_back(std::make_unique<Peer>(connect()));
    }
    ~Ground() {
        clients_.clear();
        backends_.clear();
        engine_.reset();
        loop_.run_disposals();
    }

    // Had by `kAtOnce` clients together, each time by the next ones.
    void have(const Sample& sample) {
        std::vector<Peer*> asking;
        for (size_t i = 0; i < kAtOnce; ++i) asking.push_back(clients_[next_++ % kClients].get());
        for (Peer* client : asking) client->send(sample.request);
        size_t answered = 0;
        for (int turn = 0; answered < kAtOnce; ++turn) {
            demand(turn < 10'000, "an answer did not come");
            loop_.turn(std::chrono::milliseconds(1));
            if (!sample.request_end.empty()) serve(sample);
            answered = 0;
            for (Peer* client : asking) answered += client->has(sample.answer_end) ? 1 : 0;
        }
    }

 private:
    static net::ListenSockets listen() {
        auto sockets = net::ListenSockets::bind("127.0.0.1:0", 1, 128);
        demand(sockets.has_value(), "no port to listen at");
        return std::move(*sockets);
    }
    int connect() {
        sockaddr_storage raw;
        const socklen_t size = front_.address().fill(raw);
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        demand(fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&raw), size) == 0,
               "a client could not connect");
        return fd;
    }
    // The backend: accepts, and answers whoever has sent all of a request.
    void serve(const Sample& sample) {
        pollfd waiting{backend_.fd(0), POLLIN, 0};
        while (poll(&waiting, 1, 0) == 1) {
            const int fd = accept4(backend_.fd(0), nullptr, nullptr, SOCK_CLOEXEC);
            demand(fd >= 0, "the backend could not accept");
            backends_.push_back(std::make_unique<Peer>(fd));
        }
        for (const auto& backend : backends_)
            if (backend->has(sample.request_end)) backend->send(sample.answer);
    }

    SystemClock clock_;
    net::EventPoller poller_;
    net::Loop loop_{poller_, clock_};
    net::SocketDialer dialer_{poller_, loop_};
    net::ListenSockets front_ = listen();
    net::ListenSockets backend_ = listen();
    server::Living living_{1};
    telemetry::AccessLog access_log_{nullptr};
    std::unique_ptr<proxy::Engine> engine_;
    std::unique_ptr<net::Acceptor> acceptor_;
    std::vector<std::unique_ptr<Peer>> clients_;
    std::vector<std::unique_ptr<Peer>> backends_;
    size_t next_ = 0;
};

}  // namespace

int main() {
    Ground ground;
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round)
        for (const Sample& sample : samples())
            for (int i = 0; i < sample.times; ++i) ground.have(sample);
    return 0;
}
