#include "net/tls_server.h"

#include <openssl/x509v3.h>

#include <string>

#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using net::CountingOwner;
using net::TlsBench;
using support::identity_for;
using support::server_plan;

namespace {

// The names of the certificate that is shown to who asks for `name`.
std::string shown_for(TlsBench& bench, const char* name) {
    TlsBench::Far::Settings settings;
    settings.name = name;
    auto both = bench.pair(settings);
    const net::TlsHandle<X509> certificate(SSL_get1_peer_certificate(both.far.ssl()));
    if (certificate == nullptr) return "none";
    for (const char* one : {"a.example", "any.b.example", "x.b.example", "192.0.2.1"})
        if (X509_check_host(certificate.get(), one, 0, 0, nullptr) == 1 ||
            X509_check_ip_asc(certificate.get(), one, 0) == 1)
            return one;
    return "another";
}

// A plan that takes certificates of `ca`, with these ticket keys.
net::TlsServerPlan asking(net::TlsClientAuth auth, const net::TlsIdentity& ca, const net::TicketKeys& keys) {
    net::TlsServerPlan plan = server_plan();
    plan.client_auth = auth;
    if (auth != net::TlsClientAuth::off) plan.client_ca = support::authority_of(ca);
    plan.ticket_keys = keys;
    return plan;
}

// Whether a session of `before`, where `show` was shown, resumes on `after`.
bool resumes(net::TlsServerPlan before, net::TlsServerPlan after, int version, const net::TlsIdentity* show = nullptr) {
    TlsBench first(std::move(before));
    TlsBench::Far::Settings settings;
    settings.version = version;
    settings.show = show;
    auto both = first.pair(settings);
    net::write_text(*both.transport, "answer");
    REQUIRE_EQ(both.far.receive(), "answer");
    REQUIRE_NE(both.far.session(), nullptr);
    TlsBench second(std::move(after));
    settings.session = both.far.session();
    auto again = second.pair(settings);
    const bool resumed = again.far.resumed();
    if (again.transport->connect_error() == 0) CHECK_EQ(again.transport->tls()->resumed, resumed);
    return resumed;
}

}  // namespace

TEST_CASE("the certificate is chosen by the name that is asked for, the first where none fits") {
    net::TlsServerPlan plan = server_plan({"a.example"});
    plan.identities.push_back(identity_for({"x.b.example"}));
    plan.identities.push_back(identity_for({"*.b.example"}));
    plan.identities.push_back(identity_for({"192.0.2.1"}));
    TlsBench bench(std::move(plan));
    CHECK_EQ(shown_for(bench, "a.example"), "a.example");
    CHECK_EQ(shown_for(bench, "A.Example"), "a.example");
    CHECK_EQ(shown_for(bench, "x.b.example"), "x.b.example");
    CHECK_EQ(shown_for(bench, "y.b.example"), "any.b.example");
    CHECK_EQ(shown_for(bench, "z.y.b.example"), "a.example");
    CHECK_EQ(shown_for(bench, "b.example"), "a.example");
    CHECK_EQ(shown_for(bench, "c.example"), "a.example");
    CHECK_EQ(shown_for(bench, nullptr), "a.example");
}

TEST_CASE("a connection tells which hosts its certificate stands for") {
    net::TlsServerPlan plan = server_plan({"a.example", "127.0.0.1"});
    plan.identities.push_back(identity_for({"*.b.example"}));
    TlsBench bench(std::move(plan));
    TlsBench::Far::Settings settings;
    settings.name = "x.b.example";
    auto b = bench.pair(settings);
    REQUIRE_NE(b.transport->tls()->names, nullptr);
    CHECK(b.transport->tls()->names->cover("y.b.example"));
    CHECK_FALSE(b.transport->tls()->names->cover("a.example"));
    CHECK_FALSE(b.transport->tls()->names->cover("b.example"));
    auto a = bench.pair();
    CHECK(a.transport->tls()->names->cover("a.example"));
    CHECK(a.transport->tls()->names->cover("127.0.0.1"));
    CHECK_FALSE(a.transport->tls()->names->cover("y.b.example"));
}

TEST_CASE("a connection outlives the server that accepted it") {
    TlsBench bench;
    auto old = bench.pair();
    auto shaking = bench.strangers();
    CountingOwner owner;
    shaking.transport->set_owner(owner, net::Lane::upstream);
    shaking.far.pump();
    bench.serve(server_plan({"shop.example"}));
    bench.shake(shaking);
    CHECK(shaking.far.connected());
    CHECK(old.transport->tls()->names->cover("shop.example"));
    old.far.send("still there?");
    bench.turn();
    CHECK_EQ(net::read_text(*old.transport), "still there?");
}

TEST_CASE("the modern profile speaks TLS 1.3 alone, the intermediate one 1.2 too, and neither what is older") {
    net::TlsServerPlan modern = server_plan();
    modern.profile = net::TlsProfile::modern;
    TlsBench strict(std::move(modern));
    TlsBench bench;
    CHECK_EQ(strict.pair().transport->tls()->version, "TLSv1.3");
    CHECK_EQ(strict.pair({TLS1_2_VERSION}).transport->connect_error(), EPROTO);
    CHECK_EQ(bench.pair({TLS1_2_VERSION}).transport->tls()->version, "TLSv1.2");
    CHECK_EQ(bench.pair({TLS1_1_VERSION}).transport->connect_error(), EPROTO);
}

TEST_CASE("the server chooses the cipher, but for clients that would rather have ChaCha20") {
    struct Row {
        int version;
        const char* offered;
        const char* chosen;
    };
    const Row rows[] = {
        {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
         "TLS_AES_128_GCM_SHA256"},
        {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
        {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
         "ECDHE-ECDSA-AES128-GCM-SHA256"},
        {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256",
         "ECDHE-ECDSA-CHACHA20-POLY1305"},
        {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305",
         "ECDHE-ECDSA-AES256-GCM-SHA384"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.offered);
        TlsBench bench;
        TlsBench::Far::Settings settings;
        settings.version = row.version;
        settings.ciphers = row.offered;
        auto both = bench.pair(settings);
        REQUIRE_EQ(both.transport->connect_error(), 0);
        CHECK_EQ(std::string(SSL_get_cipher_name(both.far.ssl())), row.chosen);
    }
}

TEST_CASE("a client whose certificate is asked for is let in with a good one only") {
    const net::TlsIdentity good = identity_for({"client"});
    const net::TlsIdentity bad = identity_for({"somebody"});
    const net::TicketKeys keys{net::TicketKey::random()};
    struct Row {
        net::TlsClientAuth auth;
        const net::TlsIdentity* show;
        int error;
    };
    const Row rows[] = {{net::TlsClientAuth::required, &good, 0},
                        {net::TlsClientAuth::required, &bad, EKEYREJECTED},
                        {net::TlsClientAuth::required, nullptr, EPROTO},
                        {net::TlsClientAuth::optional, &good, 0},
                        {net::TlsClientAuth::optional, &bad, EKEYREJECTED},
                        {net::TlsClientAuth::optional, nullptr, 0},
                        {net::TlsClientAuth::off, &bad, 0}};
    for (const Row& row : rows) {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            CAPTURE(static_cast<int>(row.auth));
            CAPTURE(version);
            TlsBench bench(asking(row.auth, good, keys));
            TlsBench::Far::Settings settings;
            settings.version = version;
            settings.show = row.show;
            const auto both = bench.pair(settings);
            CHECK_EQ(both.transport->connect_error(), row.error);
            CHECK_EQ(both.transport->tls()->failure.empty(), row.error == 0);
        }
    }
}

TEST_CASE("a session is resumed with the same ticket keys, newer ones before them or not") {
    const net::TicketKey old = net::TicketKey::random(), fresh = net::TicketKey::random();
    const net::TlsIdentity ca = identity_for({"ca"});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto plan = [&](net::TicketKeys keys) { return asking(net::TlsClientAuth::off, ca, keys); };
        CHECK(resumes(plan({old}), plan({old}), version));
        CHECK(resumes(plan({old}), plan({fresh, old}), version));
        CHECK(resumes(plan({old, fresh}), plan({old}), version));
        CHECK_FALSE(resumes(plan({fresh, old}), plan({old}), version));
        CHECK_FALSE(resumes(plan({old}), plan({fresh}), version));
    }
}

TEST_CASE(
    "a session is never resumed where clients are asked for other certificates, though the ticket keys are the same") {
    using Auth = net::TlsClientAuth;
    const net::TicketKeys keys{net::TicketKey::random()};
    const net::TlsIdentity client = identity_for({"client"});
    const net::TlsIdentity other = identity_for({"other"});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        CHECK_FALSE(resumes(asking(Auth::off, client, keys), asking(Auth::required, client, keys), version));
        CHECK_FALSE(resumes(asking(Auth::off, client, keys), asking(Auth::optional, client, keys), version));
        CHECK_FALSE(resumes(asking(Auth::optional, client, keys), asking(Auth::required, client, keys), version));
        CHECK_FALSE(resumes(asking(Auth::required, client, keys), asking(Auth::off, client, keys), version, &client));
        CHECK_FALSE(
            resumes(asking(Auth::required, client, keys), asking(Auth::required, other, keys), version, &client));
        CHECK(resumes(asking(Auth::required, client, keys), asking(Auth::required, client, keys), version, &client));
    }
}

TEST_CASE("a ticket key has 80 bytes") {
    CHECK(net::TicketKey::parse(std::string(80, 'k')).has_value());
    CHECK_FALSE(net::TicketKey::parse(std::string(79, 'k')).has_value());
    CHECK_FALSE(net::TicketKey::parse("").has_value());
}
