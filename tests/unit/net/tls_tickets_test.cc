#include "net/tls_tickets.h"

#include <openssl/ssl.h>

#include <chrono>

#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_text;
using net::TlsBench;
using net::TlsHandle;
using net::write_text;

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

// Shakes hands with a client whose request comes together with the last it has to say for that; a part of a record
// where it is empty.
TlsBench::Pair hasty(TlsBench& bench, std::string_view request = "question") {
    auto both = bench.strangers({TLS1_3_VERSION});
    static CountingOwner nobody;
    both.transport->set_owner(nobody, Lane::upstream);
    both.far.pump();
    bench.turn();
    std::string said;
    both.far.pump(&said);
    both.far.peer().send(said + (request.empty() ? "\x17" : both.far.sealed(request)));
    bench.turn();
    REQUIRE_FALSE(both.transport->connecting());
    return both;
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
        write_text(*both.transport, "answer");
        REQUIRE_EQ(both.far.receive(), "answer");
        CHECK_EQ(both.far.resumed(), i > 0);
        REQUIRE_NE(both.far.session(), nullptr);
        CHECK_NE(both.far.session(), last.get());
        SSL_SESSION_up_ref(both.far.session());
        last.reset(both.far.session());
    }
}

TEST_CASE("a client whose session is of another hash than the cipher gets a new ticket") {
    TlsBench bench;
    TlsBench::Far::Settings settings;
    settings.version = TLS1_3_VERSION;
    settings.ciphers = "TLS_AES_256_GCM_SHA384";
    auto first = bench.pair(settings);
    settings.ciphers = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
    settings.session = first.far.session();
    auto second = bench.pair(settings);
    CHECK_FALSE(second.far.resumed());
    REQUIRE_NE(second.far.session(), nullptr);
    CHECK_NE(second.far.session(), first.far.session());
    settings.session = second.far.session();
    CHECK(bench.pair(settings).far.resumed());
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

TEST_CASE("a session ticket comes with the end of the handshake, one") {
    TlsBench bench;
    auto both = bench.strangers();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    bench.shake(both);
    CHECK_NE(both.far.session(), nullptr);
    write_text(*both.transport, "answer");
    CHECK_EQ(both.far.receive(), "answer");
}

TEST_CASE("the ticket leaves with the answer when the request came with the end of the handshake") {
    TlsBench bench;
    auto both = hasty(bench);
    CHECK(both.far.peer().received().empty());
    CHECK_EQ(read_text(*both.transport), "question");
    CHECK(both.transport->writable());
    write_text(*both.transport, "answer");
    CHECK_EQ(both.far.receive(), "answer");
    CHECK_NE(both.far.session(), nullptr);
    CHECK_EQ(bench.loop().slabs().bytes_in_use(), 0);
}

TEST_CASE("a ticket that waited leaves first, also where the kernel takes little") {
    TlsBench bench;
    auto both = hasty(bench);
    both.far.peer().set_window(10);
    CHECK_EQ(write_text(*both.transport, "answer").bytes, 5);  // one byte is owed
    CHECK_FALSE(both.transport->writable());
    both.far.peer().set_window(10'000);
    bench.turn();
    CHECK_EQ(write_text(*both.transport, "r").bytes, 1);
    CHECK_EQ(both.far.receive(), "answer");
    CHECK_NE(both.far.session(), nullptr);
}

TEST_CASE("a ticket does not wait for long, and holds no slab meanwhile") {
    for (const char* request : {"question", ""}) {
        CAPTURE(request);
        TlsBench bench;
        auto both = hasty(bench, request);
        CHECK_EQ(read_text(*both.transport), request);
        CHECK_EQ(bench.loop().slabs().bytes_in_use(), 0);
        both.far.pump();
        CHECK_EQ(both.far.session(), nullptr);
        bench.clock().advance(net::TlsTransport::kTicketWait + net::Wheel::kSlot);
        bench.turn();
        both.far.pump();
        CHECK_NE(both.far.session(), nullptr);
        write_text(*both.transport, "answer");
        CHECK_EQ(both.far.receive(), "answer");
    }
}

TEST_CASE("a ticket that the kernel does not take when its time is over leaves before the answer") {
    TlsBench bench;
    auto both = hasty(bench);
    both.far.peer().set_window(10);
    bench.clock().advance(net::TlsTransport::kTicketWait + net::Wheel::kSlot);
    bench.turn();
    CHECK_FALSE(both.transport->writable());
    CHECK_EQ(write_text(*both.transport, "answer").kind, IoResult::Kind::blocked);
    both.far.peer().set_window(10'000);
    bench.turn();
    write_text(*both.transport, "answer");
    CHECK_EQ(both.far.receive(), "answer");
    CHECK_NE(both.far.session(), nullptr);
}

TEST_CASE("what ends a handshake of TLS 1.2 does not wait, whatever stands behind the client's part of it") {
    TlsBench bench;
    auto both = bench.strangers({TLS1_2_VERSION});
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.pump();
    bench.turn();
    std::string said;
    both.far.pump(&said);
    both.far.peer().send(said + "\x17");
    bench.turn();
    both.far.pump();
    CHECK(both.far.connected());
    CHECK_NE(both.far.session(), nullptr);
}

TEST_CASE("a ticket that waits leaves before the goodbye of who has nothing to answer") {
    for (const bool destroyed : {false, true}) {
        CAPTURE(destroyed);
        TlsBench bench;
        auto both = hasty(bench);
        destroyed ? both.transport.reset() : both.transport->shutdown_write();
        CHECK(both.far.saw_goodbye());
        CHECK_FALSE(both.far.failed());
        CHECK_NE(both.far.session(), nullptr);
    }
}
