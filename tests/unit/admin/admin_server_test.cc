#include "admin/admin_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/daemon.h"
#include "net/listen_sockets.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::admin;

namespace {

class FakeDaemon final : public Daemon {
 public:
    bool ready() override { return is_ready; }
    std::string metrics() override {
        ++scrapes;
        return text;
    }
    std::atomic<bool> is_ready{true};
    std::atomic<int> scrapes{0};
    std::string text = "# TYPE up gauge\nup 1\n";
};

// One connection to the server; reads block, and end with it.
class Client {
 public:
    explicit Client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    }
    ~Client() { close(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    void send(const std::string& text) {
        REQUIRE_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    // One response with a Content-Length; without its body when `head_only`.
    std::string response(bool head_only = false) {
        std::string all;
        size_t end = std::string::npos;
        while ((end = all.find("\r\n\r\n")) == std::string::npos) {
            if (!more(all)) return all;
        }
        const size_t field = all.find("Content-Length: ");
        REQUIRE(field < end);
        const size_t length = head_only ? 0 : std::stoul(all.substr(field + 16));
        while (all.size() < end + 4 + length) {
            if (!more(all)) break;
        }
        return all;
    }
    // Everything until the server closes.
    std::string rest() {
        std::string all;
        while (more(all)) {
        }
        return all;
    }
    bool anything_there() {
        char byte;
        return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
    }
    std::string ask(const std::string& head) {
        send(head + "\r\n\r\n");
        return response();
    }

 private:
    bool more(std::string& all) {
        char bytes[4096];
        const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got > 0) all.append(bytes, static_cast<size_t>(got));
        return got > 0;
    }
    int fd_;
};

struct Running {
    Running() {
        auto bound = net::ListenSockets::bind("127.0.0.1:0", 1, 64);
        REQUIRE(bound.has_value());
        socket = std::move(*bound);
        server = std::make_unique<AdminServer>(socket->fd(0), daemon);
    }
    uint16_t port() const { return socket->address().port(); }
    std::string ask(const std::string& head) { return Client(port()).ask(head); }

    std::optional<net::ListenSockets> socket;
    FakeDaemon daemon;
    std::unique_ptr<AdminServer> server;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::string kHost = "\r\nHost: 127.0.0.1";

}  // namespace

TEST_CASE("the admin answers a scrape with the daemon's metrics") {
    Running admin;
    const std::string response = admin.ask("GET /metrics HTTP/1.1" + kHost);
    CHECK_EQ(response.substr(0, 17), "HTTP/1.1 200 OK\r\n");
    CHECK(has(response, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    CHECK(has(response, "\r\n\r\n" + admin.daemon.text));
    CHECK_EQ(admin.daemon.scrapes, 1);
}

TEST_CASE("the admin serves large metrics whole, one scrape after the other on a connection") {
    Running admin;
    admin.daemon.text = std::string(3'000'000, 'm') + "\n";
    Client client(admin.port());
    for (int i = 0; i < 3; ++i) {
        const std::string response = client.ask("GET /metrics HTTP/1.1" + kHost);
        CHECK(has(response, "Content-Length: 3000001\r\n"));
        CHECK_EQ(response.size() - response.find("\r\n\r\n") - 4, 3'000'001);
    }
}

TEST_CASE("the admin says whether the daemon is alive and ready") {
    Running admin;
    CHECK(has(admin.ask("GET /healthz HTTP/1.1" + kHost), "HTTP/1.1 200 OK\r\n"));
    CHECK(has(admin.ask("GET /healthz HTTP/1.1" + kHost), "\r\n\r\nok\n"));
    CHECK(has(admin.ask("GET /readyz?verbose HTTP/1.1" + kHost), "HTTP/1.1 200 OK\r\n"));
    admin.daemon.is_ready = false;
    CHECK(has(admin.ask("GET /readyz HTTP/1.1" + kHost), "HTTP/1.1 503 Service Unavailable\r\n"));
    CHECK(has(admin.ask("GET /healthz HTTP/1.1" + kHost), "HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("HEAD is GET without the body") {
    Running admin;
    Client client(admin.port());
    client.send("HEAD /metrics HTTP/1.1" + kHost + "\r\nConnection: close\r\n\r\n");
    const std::string response = client.rest();
    CHECK(has(response, "HTTP/1.1 200 OK\r\n"));
    CHECK(has(response, "Content-Length: " + std::to_string(admin.daemon.text.size()) + "\r\n"));
    CHECK_EQ(response.substr(response.size() - 4), "\r\n\r\n");
}

TEST_CASE("the admin reads only") {
    Running admin;
    for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
        INFO(method);
        const std::string response = admin.ask(method + " /metrics HTTP/1.1" + kHost + "\r\nContent-Length: 0");
        CHECK(has(response, "HTTP/1.1 405 Method Not Allowed\r\n"));
        CHECK(has(response, "Allow: GET, HEAD\r\n"));
    }
    CHECK_EQ(admin.daemon.scrapes, 0);
    Client client(admin.port());
    client.send("BREW /metrics HTTP/1.1" + kHost + "\r\nConnection: close\r\n\r\n");
    CHECK_FALSE(has(client.rest(), " 200 "));
    CHECK_EQ(admin.daemon.scrapes, 0);
}

TEST_CASE("what the admin does not know is 404") {
    Running admin;
    for (const std::string target : {"/", "/metrics/", "/Metrics", "/healthzz", "/../metrics", "/metrics%2f"}) {
        INFO(target);
        CHECK(has(admin.ask("GET " + target + " HTTP/1.1" + kHost), "HTTP/1.1 404 Not Found\r\n"));
    }
}

TEST_CASE("a Host that is a name is refused, so that no browser can be led here by DNS") {
    Running admin;
    const std::string get = "GET /metrics HTTP/1.1\r\nHost: ";
    for (const std::string host : {"evil.example", "evil.example:9180", "localhost.evil.example", ""}) {
        INFO(host);
        CHECK(has(admin.ask(get + host), "HTTP/1.1 421 Misdirected Request\r\n"));
    }
    CHECK(has(admin.ask("GET http://evil.example/metrics HTTP/1.1" + kHost), " 421 "));
    CHECK(has(admin.ask(get + "127.0.0.1\r\nHost: evil.example"), " 421 "));
    CHECK(has(admin.ask(get + "127.0.0.1\r\nHost: 127.0.0.1"), " 400 "));
    CHECK(has(admin.ask("GET /metrics HTTP/1.1\r\nAccept: */*"), " 400 "));
    CHECK_EQ(admin.daemon.scrapes, 0);
    for (const std::string host : {"localhost", "LOCALHOST:9180", "[::1]:9180", "10.0.0.1"}) {
        INFO(host);
        CHECK(has(admin.ask(get + host), "HTTP/1.1 200 OK\r\n"));
    }
    CHECK(has(admin.ask("GET http://127.0.0.1/metrics HTTP/1.1" + kHost), " 200 "));
    CHECK(has(admin.ask("GET /metrics HTTP/1.0\r\nConnection: keep-alive"), " 200 "));
}

TEST_CASE("heads and bodies past their limits end the connection without an answer from the daemon") {
    Running admin;
    Client head(admin.port());
    head.send("GET /metrics HTTP/1.1" + kHost + "\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
    CHECK_FALSE(has(head.rest(), " 200 "));
    Client body(admin.port());
    body.send("GET /metrics HTTP/1.1" + kHost + "\r\nContent-Length: 100000\r\n\r\n");
    CHECK_FALSE(has(body.rest(), " 200 "));
    CHECK_EQ(admin.daemon.scrapes, 0);
}

TEST_CASE("past its bound the admin accepts nothing until a connection has gone") {
    Running admin;
    const std::string get = "GET /healthz HTTP/1.1" + kHost;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < AdminServer::kMaxConnections; ++i) {
        clients.push_back(std::make_unique<Client>(admin.port()));
        CHECK(has(clients.back()->ask(get), " 200 "));
    }
    Client waits(admin.port());
    waits.send(get + "\r\n\r\n");
    // Each answer is a turn of the server's loop, so it has seen the one more by now.
    for (int i = 0; i < 10; ++i) CHECK(has(clients[0]->ask(get), " 200 "));
    CHECK_FALSE(waits.anything_there());
    clients.clear();
    CHECK(has(waits.response(), " 200 "));
}

TEST_CASE("the admin stops while connections are open, and its port is free again") {
    Running admin;
    const uint16_t port = admin.port();
    Client idle(port);
    CHECK(has(idle.ask("GET /healthz HTTP/1.1" + kHost), " 200 "));
    Client half(port);
    half.send("GET /met");
    admin.server.reset();
    CHECK_EQ(idle.rest(), "");
    admin.socket.reset();
    CHECK(net::ListenSockets::bind("127.0.0.1:" + std::to_string(port), 1, 64).has_value());
}
