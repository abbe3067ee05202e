#include "net/tls_tickets.h"

#include <openssl/ssl.h>

#include <chrono>

#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::TlsBench;
using net::TlsHandle;

namespace {

using Seconds = std::chrono::seconds;

// What the tickets of `context` say of their birth, instead of now.
int born_so_long_ago(SSL* ssl, void* age) {
    const int64_t then = time(nullptr) - static_cast<const Seconds*>(age)->count();
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), &then, sizeof(then));
}

// A server that asks for certificates of `client`, at the time `then`.
TlsHandle<SSL_CTX> server(const net::TicketKeys& keys, const net::TlsIdentity& client, WallTime then) {
    static const net::TlsIdentity shown = support::identity_for({"shop.example"});
    TlsHandle<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), shown.certificate());
    SSL_CTX_use_PrivateKey(context.get(), shown.key());
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), client.certificate());
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context.get()), std::chrono::system_clock::to_time_t(then));
    net::use_ticket_keys(context.get(), keys);
    return context;
}

struct Talk {
    bool resumed;
    TlsHandle<SSL_SESSION> session;  // the one to go on with
};

// A client that shows `identity` talks to `server`.
Talk talk(SSL_CTX* server, const net::TlsIdentity& identity, int version, SSL_SESSION* session = nullptr) {
    const TlsHandle<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_use_certificate(context.get(), identity.certificate());
    SSL_CTX_use_PrivateKey(context.get(), identity.key());
    const TlsHandle<SSL> near(SSL_new(server)), far(SSL_new(context.get()));
    BIO *near_bio = nullptr, *far_bio = nullptr;
    REQUIRE_EQ(BIO_new_bio_pair(&near_bio, 65536, &far_bio, 65536), 1);
    SSL_set_bio(near.get(), near_bio, near_bio);
    SSL_set_bio(far.get(), far_bio, far_bio);
    if (session != nullptr) SSL_set_session(far.get(), session);
    SSL_set_accept_state(near.get());
    SSL_set_connect_state(far.get());
    for (int i = 0; i < 4; ++i) {
        SSL_do_handshake(far.get());
        SSL_do_handshake(near.get());
    }
    REQUIRE(SSL_is_init_finished(near.get()));
    char byte = 0;
    SSL_read(far.get(), &byte, 1);  // the ticket
    Talk talked{SSL_session_reused(far.get()) == 1, TlsHandle<SSL_SESSION>(SSL_get1_session(far.get()))};
    for (SSL* side : {near.get(), far.get()}) SSL_set_shutdown(side, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    return talked;
}

}  // namespace

TEST_CASE("with TLS 1.3 each connection brings a new ticket, a resumed one too") {
    TlsBench bench;
    TlsBench::Far::Settings settings;
    settings.version = TLS1_3_VERSION;
    TlsHandle<SSL_SESSION> last;
    for (int i = 0; i < 4; ++i) {
        CAPTURE(i);
        settings.session = last.get();
        auto both = bench.pair(settings);
        net::write_text(*both.transport, "answer");
        REQUIRE_EQ(both.far.receive(), "answer");
        CHECK_EQ(both.far.resumed(), i > 0);
        REQUIRE_NE(both.far.session(), nullptr);
        CHECK_NE(both.far.session(), last.get());
        SSL_SESSION_up_ref(both.far.session());
        last.reset(both.far.session());
    }
}

TEST_CASE("a session is not resumed for ever, however often its ticket was renewed") {
    const net::TicketKeys keys{net::TicketKey::random()};
    const net::TlsIdentity client = support::identity_for({"client"});
    const WallTime now = SystemClock().wall();
    struct Row {
        Seconds age;
        bool resumed;
    };
    const Row rows[] = {{0s, true},
                        {net::kLongestSession - 1min, true},
                        {net::kLongestSession + 1min, false},
                        {-1min, true},  // the clock of another weir goes before ours
                        {-net::kLongestSession - 1min, false}};
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const Row& row : rows) {
            CAPTURE(version);
            CAPTURE(row.age.count());
            const auto first = server(keys, client, now), second = server(keys, client, now);
            SSL_CTX_set_session_ticket_cb(first.get(), born_so_long_ago, nullptr, const_cast<Seconds*>(&row.age));
            const Talk before = talk(first.get(), client, version);
            const Talk behind = talk(second.get(), client, version, before.session.get());
            CHECK_EQ(behind.resumed, row.resumed);
            const Talk later = talk(second.get(), client, version, behind.session.get());
            CHECK(later.resumed);  // whether the old one or the one that was made anew
        }
    }
}

TEST_CASE("a session ends with the certificate that the client has shown") {
    const net::TicketKeys keys{net::TicketKey::random()};
    const WallTime now = SystemClock().wall(), long_ago = now - 20000h;
    net::TlsNames names;
    names.add("client");
    const net::TlsIdentity good = std::move(*net::TlsIdentity::self_signed(names, now));
    const net::TlsIdentity expired = std::move(*net::TlsIdentity::self_signed(names, long_ago));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (const net::TlsIdentity* shown : {&good, &expired}) {
            CAPTURE(version);
            const auto then = server(keys, *shown, shown == &good ? now : long_ago);
            const Talk before = talk(then.get(), *shown, version);
            const Talk behind = talk(then.get(), *shown, version, before.session.get());
            CHECK_EQ(behind.resumed, shown == &good);
        }
    }
}
