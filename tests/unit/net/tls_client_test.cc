#include "net/tls_client.h"

#include <cerrno>

#include "net/tls_transport.h"
#include "tests/support/memory_loop.h"
#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_kind;
using net::read_text;
using net::write_text;
using support::identity_for;
using support::TlsFar;

namespace {

// Dials over memory a backend that shows `identity`; `ca` is trusted.
class ClientBench final : public support::MemoryLoop {
 public:
    explicit ClientBench(const net::TlsIdentity& identity, net::TlsClientPlan plan, std::string host = {})
        : identity_(identity), client_(std::move(*net::TlsClient::make(std::move(plan)))) {
        dialer_ = net::dialer_over_tls(dialer, client_.get(), std::move(host));
    }
    ~ClientBench() { transport.reset(); }

    // A new connection; its backend is far().
    void dial(int version = 0) {
        transport.reset();
        transport = dialer_->dial(*net::Address::parse("10.0.0.1:3000"));
        transport->set_owner(owner, Lane::upstream_read);
        TlsFar::Settings settings;
        settings.serve = true;
        settings.show = &identity_;
        settings.version = version;
        settings.name = nullptr;
        settings.like = far_.get();
        far_ = std::make_unique<TlsFar>(backend(), settings);
    }
    void shake() {
        for (int i = 0; i < 6; ++i) {
            run();
            far_->pump();
        }
        run();
    }
    TlsFar& far() { return *far_; }

    CountingOwner owner;
    std::unique_ptr<net::Transport> transport;

 private:
    const net::TlsIdentity& identity_;
    std::unique_ptr<net::TlsClient> client_;
    std::unique_ptr<net::TlsDialer> dialer_;
    std::unique_ptr<TlsFar> far_;
};

net::TlsClientPlan trusting(const net::TlsIdentity& identity, std::string server_name = {}) {
    net::TlsClientPlan plan;
    plan.ca = support::authority_of(identity);
    plan.server_name = std::move(server_name);
    return plan;
}

}  // namespace

TEST_CASE("a backend is dialled over TLS, and its owner is told when it is connected") {
    const net::TlsIdentity identity = identity_for({"10.0.0.1"});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ClientBench bench(identity, trusting(identity));
        bench.dial(version);
        CHECK(bench.transport->connecting());
        bench.shake();
        CHECK_FALSE(bench.transport->connecting());
        CHECK_EQ(bench.transport->connect_error(), 0);
        CHECK_EQ(bench.owner.told, version == TLS1_2_VERSION ? 1 : 2);  // then tickets came
        CHECK_EQ(write_text(*bench.transport, "question").bytes, 8);
        CHECK_EQ(bench.far().receive(), "question");
        bench.far().send("answer");
        bench.run();
        CHECK_EQ(read_text(*bench.transport), "answer");
    }
}

TEST_CASE("a certificate must be of who was dialled, and lead to an authority that is trusted") {
    const net::TlsIdentity address = identity_for({"10.0.0.1"});
    const net::TlsIdentity other_address = identity_for({"10.0.0.2"});
    const net::TlsIdentity name = identity_for({"api.internal"});
    const net::TlsIdentity wild = identity_for({"*.internal.example"});
    struct Row {
        const net::TlsIdentity& shown;
        const net::TlsIdentity& trusted;
        const char* server_name;
        const char* host;
        int error;
    };
    const Row rows[] = {
        {address, address, "", "", 0},
        {other_address, other_address, "", "", EKEYREJECTED},
        {address, other_address, "", "", EKEYREJECTED},
        {name, name, "", "", EKEYREJECTED},
        {name, name, "api.internal", "", 0},
        {name, name, "", "api.internal", 0},
        {name, name, "", "api.internal.", 0},  // an absolute name
        {name, name, "other.internal", "api.internal", EKEYREJECTED},
        {wild, wild, "a.internal.example", "", 0},
        {wild, wild, "b.a.internal.example", "", EKEYREJECTED},
        {address, address, "10.0.0.1", "api.internal", 0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.server_name);
        CAPTURE(row.host);
        ClientBench bench(row.shown, trusting(row.trusted, row.server_name), row.host);
        bench.dial();
        bench.shake();
        CHECK_FALSE(bench.transport->connecting());
        CHECK_EQ(bench.transport->connect_error(), row.error);
        CHECK_EQ(bench.transport->tls()->failure.empty(), row.error == 0);
        if (row.error != 0) CHECK(bench.far().failed());  // an alert says so
    }
}

TEST_CASE("nothing is verified where the config says so") {
    const net::TlsIdentity identity = identity_for({"somebody.else"});
    net::TlsClientPlan plan;
    plan.verify = false;
    ClientBench bench(identity, std::move(plan));
    bench.dial();
    bench.shake();
    CHECK_EQ(bench.transport->connect_error(), 0);
}

TEST_CASE("a session is resumed with the next connection") {
    const net::TlsIdentity identity = identity_for({"10.0.0.1"});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ClientBench bench(identity, trusting(identity));
        bench.dial(version);
        bench.shake();
        CHECK_FALSE(bench.transport->tls()->resumed);
        bench.far().send("hello");
        bench.run();
        CHECK_EQ(read_text(*bench.transport), "hello");  // with it the ticket
        bench.dial(version);
        bench.shake();
        CHECK_EQ(bench.transport->connect_error(), 0);
        CHECK(bench.transport->tls()->resumed);
    }
}

TEST_CASE("a dial that fails below fails as it would without TLS") {
    const net::TlsIdentity identity = identity_for({"10.0.0.1"});
    ClientBench bench(identity, trusting(identity));
    bench.accept_dials = false;
    bench.dial();
    bench.run();
    CHECK(bench.transport->connecting());
    bench.backend()->refuse(ECONNREFUSED);
    bench.run();
    CHECK_EQ(bench.transport->connect_error(), ECONNREFUSED);
    CHECK_EQ(bench.owner.told, 1);
}

TEST_CASE("a backend that speaks no TLS, or leaves, is an error of the protocol") {
    const net::TlsIdentity identity = identity_for({"10.0.0.1"});
    ClientBench bench(identity, trusting(identity));
    bench.dial();
    bench.run();
    bench.backend()->send("HTTP/1.1 400 Bad Request\r\n\r\n");
    bench.run();
    CHECK_EQ(bench.transport->connect_error(), EPROTO);
    bench.dial();
    bench.run();
    bench.backend()->finish();
    bench.run();
    CHECK_EQ(bench.transport->connect_error(), EPROTO);
    bench.dial();
    bench.run();
    bench.backend()->reset();
    bench.run();
    CHECK_EQ(bench.transport->connect_error(), ECONNRESET);
}

TEST_CASE("an end without close_notify is one that may have come too early") {
    const net::TlsIdentity identity = identity_for({"10.0.0.1"});
    for (const bool goodbye : {false, true}) {
        ClientBench bench(identity, trusting(identity));
        bench.dial();
        bench.shake();
        bench.far().send("half");
        if (goodbye) bench.far().say_goodbye();
        bench.backend()->finish();
        bench.run();
        CHECK_EQ(read_text(*bench.transport), "half");
        CHECK_EQ(read_kind(*bench.transport), IoResult::Kind::end);
        CHECK_EQ(bench.transport->cut(), !goodbye);
        CHECK_EQ(bench.transport->failed(), 0);
    }
}
