#include <string>
#include <vector>

#include "net/tls_server.h"
#include "net/tls_workshop.h"
#include "tests/support/proxy_rig.h"
#include "tests/support/tls_far.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using support::has;
using support::kGet;
using support::kOk;
using support::one_backend;
using support::ProxyRig;
using support::starts;
using support::TlsFar;

namespace {

// A rig whose listener speaks TLS.
class TlsRig final : public ProxyRig {
 public:
    explicit TlsRig(std::string_view yaml = support::kOneBackend) : ProxyRig(yaml) {
        tls_ = std::move(*net::TlsServer::make(support::server_plan({"shop", "*.apps.example"})));
    }
    ~TlsRig() {
        engine.reset();  // connections go before what they were made with
        loop.turn(Duration::zero());
    }
    TlsFar connect_tls(const TlsFar::Settings& settings = {}) {
        net::MemoryPair pair = net::make_memory_pair(loop, poller, *net::Address::parse("192.0.2.1:40000"),
                                                     *net::Address::parse("127.0.0.1:8443"));
        engine->accept(tls_->accept(workshop_, std::move(pair.transport)), *plan);
        return TlsFar(pair.peer, settings);
    }
    void shake(TlsFar& client) {
        for (int i = 0; i < 4; ++i) {
            client.pump();
            run();
        }
    }
    std::string ask_tls(TlsFar& client, std::string_view request) {
        client.send(request);
        run();
        return client.receive();
    }
    uint64_t done() {
        return sum([](const auto& one) { return one.done.value(); });
    }
    uint64_t failed() {
        return sum([](const auto& one) { return one.failed.value(); });
    }

 private:
    template <typename Get>
    uint64_t sum(Get get) {
        uint64_t all = 0;
        plan->series->each([&](const telemetry::ListenerCells& cells) {
            for (const auto& one : cells.tls) all += get(one);
        });
        return all;
    }
    net::TlsWorkshop workshop_{loop};
    std::unique_ptr<net::TlsServer> tls_;
};

}  // namespace

TEST_CASE("a request over TLS is forwarded as one that came by https") {
    TlsRig rig;
    TlsFar client = rig.connect_tls();
    rig.shake(client);
    REQUIRE(client.connected());
    rig.ask_tls(client, kGet);
    CHECK(has(rig.backend()->received(), "X-Forwarded-Proto: https\r\n"));
    CHECK(has(rig.backend()->received(), ";proto=https\r\n"));
    rig.backend()->send(kOk);
    rig.run();
    CHECK(starts(client.receive(), "HTTP/1.1 200 OK\r\n"));
    CHECK_EQ(rig.done(), 1);
    CHECK_EQ(rig.failed(), 0);
}

TEST_CASE("a handshake that is not over within header_timeout is cut off without a word") {
    TlsRig rig(one_backend("header_timeout: 5s"));
    TlsFar silent = rig.connect_tls();
    TlsFar begun = rig.connect_tls();
    std::string hello;
    begun.pump(&hello);
    begun.peer().send(hello.substr(0, 50));
    TlsFar shaken = rig.connect_tls();
    rig.shake(shaken);
    rig.advance(4900ms);
    CHECK_FALSE(silent.peer().closed());
    CHECK_FALSE(begun.peer().closed());
    rig.advance(200ms);
    for (TlsFar* client : {&silent, &begun, &shaken}) CHECK(client->peer().closed());
    CHECK_EQ(silent.peer().received(), "");
    CHECK_EQ(begun.peer().received(), "");
    CHECK(shaken.saw_goodbye());
    CHECK_EQ(rig.owner.closed, 3);
    CHECK_EQ(rig.failed(), 2);
    CHECK_EQ(rig.done(), 1);
}

TEST_CASE("a handshake that fails is counted, and its connection is closed") {
    TlsRig rig;
    TlsFar client = rig.connect_tls();
    client.peer().send("no TLS at all, but in lower case");
    rig.run();
    CHECK(client.peer().closed());
    CHECK_EQ(rig.failed(), 1);
    TlsFar gone = rig.connect_tls();
    gone.peer().finish();
    rig.run();
    CHECK(gone.peer().closed());
    CHECK_EQ(rig.failed(), 2);
    CHECK_EQ(rig.done(), 0);
    CHECK_EQ(rig.engine->connections(), 0);
}

TEST_CASE("a head that is too slow behind a handshake is told 408") {
    TlsRig rig(one_backend("header_timeout: 5s"));
    TlsFar client = rig.connect_tls();
    rig.shake(client);
    client.send("GET / HT");
    rig.run();
    rig.advance(5100ms);
    CHECK(starts(client.receive(), "HTTP/1.1 408 "));
    CHECK(client.saw_goodbye());
}

TEST_CASE("a connection that shakes hands and does not go on makes room for another one") {
    TlsRig rig;
    TlsFar client = rig.connect_tls();
    rig.run();
    rig.advance(2100ms);
    CHECK(rig.engine->make_room());
    CHECK(client.peer().closed());
}

TEST_CASE("a host that the certificate does not stand for is misdirected where client_auth is on") {
    TlsRig rig;
    rig.plan->client_auth = true;
    TlsFar client = rig.connect_tls();
    rig.shake(client);
    CHECK(starts(rig.ask_tls(client, "GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n"), "HTTP/1.1 421 "));
    CHECK(starts(rig.ask_tls(client, "GET / HTTP/1.1\r\nHost: b.a.apps.example\r\n\r\n"), "HTTP/1.1 421 "));
    rig.ask_tls(client, kGet);
    CHECK_EQ(rig.backends.size(), 1);
    rig.plan->client_auth = false;
    TlsFar open = rig.connect_tls();
    rig.shake(open);
    rig.ask_tls(open, "GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
    CHECK_EQ(rig.backends.size(), 2);
}

TEST_CASE("redirect_to_https answers with the same place over https") {
    ProxyRig rig;
    const auto location = [&rig](uint16_t port, std::string_view request) {
        rig.plan->https_port = port;
        const auto client = rig.connect();
        const std::string answer = rig.ask(client, request);
        const size_t at = answer.find("Location: ");
        if (at == std::string::npos) return answer.substr(0, answer.find("\r\n"));
        CHECK(starts(answer, "HTTP/1.1 308 Permanent Redirect\r\n"));
        return answer.substr(at + 10, answer.find("\r\n", at) - at - 10);
    };
    CHECK_EQ(location(443, kGet), "https://shop/a");
    CHECK_EQ(location(8443, "GET /a%20b/../c?d=%2F HTTP/1.1\r\nHost: Shop:8080\r\n\r\n"), "https://shop:8443/c?d=%2F");
    CHECK_EQ(location(443, "GET http://other/x HTTP/1.1\r\nHost: other\r\n\r\n"), "https://other/x");
    CHECK_EQ(location(443, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), "https://[::1]/");
    CHECK_EQ(location(444, "OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n"), "https://shop:444/");
    CHECK_EQ(location(443, "GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    CHECK(rig.backends.empty());
}

TEST_CASE("a sticky cookie that came over TLS goes over TLS alone") {
    TlsRig rig(one_backend("header_timeout: 5s", "sticky: { cookie: at }"));
    TlsFar client = rig.connect_tls();
    rig.shake(client);
    rig.ask_tls(client, kGet);
    rig.backend()->send(kOk);
    rig.run();
    const std::string answer = client.receive();
    const size_t at = answer.find("Set-Cookie: at=");
    REQUIRE_NE(at, std::string::npos);
    CHECK(has(answer.substr(at, answer.find("\r\n", at) - at), "; Secure"));
}

TEST_CASE("a client that leaves without close_notify leaves all the same") {
    TlsRig rig;
    TlsFar client = rig.connect_tls();
    rig.shake(client);
    rig.ask_tls(client, kGet);
    client.peer().finish();
    rig.run();
    CHECK_EQ(rig.ended(proxy::Outcome::client_abort), 1);
}

// What came behind a handshake is held in a buffer; if it were not read for want of buffers, these would be the want.
TEST_CASE("requests that come with the end of their handshakes are answered, though together they fill all buffers") {
    TlsRig rig;
    rig.living.buffers.set_limit(16 * SlabStore::kSlabBytes);
    rig.loop.slabs().share(rig.living.buffers, 1);
    rig.loop.slabs().allow_pipes(0);
    std::vector<TlsFar> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(rig.connect_tls({TLS1_3_VERSION}));
        clients.back().pump();
    }
    rig.run();
    for (TlsFar& client : clients) {
        std::string said;
        client.pump(&said);
        client.peer().send(said + client.sealed(kGet));
    }
    rig.run();
    CHECK(rig.loop.slabs().is_short());
    for (int i = 0; i < 50; ++i) {
        for (const auto& backend : rig.backends)
            if (!backend->take_received().empty()) backend->send(kOk);
        rig.advance(20ms);
    }
    for (TlsFar& client : clients) CHECK(has(client.receive(), "\r\n\r\nok"));
}
