#include "net/tls_transport.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "tests/unit/net/tls_bench.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using net::CountingOwner;
using net::IoResult;
using net::Lane;
using net::read_kind;
using net::read_text;
using net::TlsBench;
using net::write_text;

// The promises that TLS keeps as any transport does are in transport_test.cc.

namespace {

const TlsBench::Far::Settings kTls12{TLS1_2_VERSION};

}  // namespace

TEST_CASE("a handshake is done also when its bytes come one by one") {
    for (const auto& settings : {TlsBench::Far::Settings{}, kTls12}) {
        CAPTURE(settings.version);
        TlsBench bench;
        auto both = bench.strangers(settings);
        CountingOwner owner;
        both.transport->set_owner(owner, Lane::downstream_read);
        for (int flight = 0; flight < 5 && both.transport->connecting(); ++flight) {
            std::string said;
            both.far.pump(&said);
            for (const char c : said) {
                CHECK(both.transport->connecting());
                both.far.peer().send({&c, 1});
                bench.turn();
            }
        }
        CHECK_FALSE(both.transport->connecting());
        CHECK_EQ(both.transport->connect_error(), 0);
        CHECK_EQ(owner.told, 1);
        both.far.pump();
        CHECK(both.far.connected());
        CHECK_EQ(both.transport->tls()->version, settings.version == 0 ? "TLSv1.3" : "TLSv1.2");
        both.far.send("hello");
        bench.turn();
        CHECK_EQ(read_text(*both.transport), "hello");
    }
}

TEST_CASE("a handshake is done also when its bytes are taken few by few") {
    for (const auto& settings : {TlsBench::Far::Settings{}, kTls12}) {
        CAPTURE(settings.version);
        TlsBench bench;
        auto both = bench.strangers(settings);
        CountingOwner owner;
        both.transport->set_owner(owner, Lane::downstream_read);
        both.far.peer().set_window(100);
        for (int turns = 0; turns < 200 && both.transport->connecting(); ++turns) {
            both.far.pump();
            bench.turn();
            both.far.peer().set_window(100);
        }
        CHECK_FALSE(both.transport->connecting());
        CHECK_EQ(both.transport->connect_error(), 0);
    }
}

TEST_CASE("a handshake that is cut anywhere has failed, and its owner is told once") {
    TlsBench whole_bench;
    auto whole = whole_bench.strangers();
    std::string hello;
    whole.far.pump(&hello);
    for (size_t cut = 0; cut < hello.size(); cut += 7) {
        for (const bool reset : {false, true}) {
            TlsBench bench;
            auto both = bench.strangers();
            CountingOwner owner;
            both.transport->set_owner(owner, Lane::upstream);
            both.far.peer().send(std::string_view(hello).substr(0, cut));
            bench.turn();
            REQUIRE(both.transport->connecting());
            reset ? both.far.peer().reset() : both.far.peer().finish();
            bench.turn();
            CHECK_FALSE(both.transport->connecting());
            CHECK_NE(both.transport->connect_error(), 0);
            CHECK_FALSE(both.transport->tls()->failure.empty());
            CHECK_FALSE(both.transport->readable());
            CHECK_EQ(read_kind(*both.transport), IoResult::Kind::failed);
            CHECK_EQ(owner.told, 1);
        }
    }
}

TEST_CASE("garbage instead of a handshake is refused with an alert") {
    const std::string_view rows[] = {std::string_view("\x16\x03\x01\x00\x05hello", 10), "get / http/1.0\r\n\r\n",
                                     std::string_view("\x00\x00\x00\x00\x00\x00\x00\x00", 8),
                                     "\x80\x16\x01\x03\x01 an SSLv2 hello, of long ago"};
    for (const std::string_view row : rows) {
        TlsBench bench;
        auto both = bench.strangers();
        CountingOwner owner;
        both.transport->set_owner(owner, Lane::upstream);
        both.far.peer().send(row);
        bench.turn();
        CHECK_FALSE(both.transport->connecting());
        CHECK_EQ(both.transport->connect_error(), EPROTO);
        CHECK_FALSE(both.transport->tls()->failure.empty());
        CHECK(both.transport->tls()->version.empty());
    }
}

TEST_CASE("who asks for HTTP without TLS is told so, and has the time to read it") {
    TlsBench bench;
    auto both = bench.strangers();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.peer().send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    bench.turn();
    const std::string answer = both.far.peer().take_received();
    CHECK_EQ(answer.rfind("HTTP/1.1 400 Bad Request\r\n", 0), 0);
    const size_t body = answer.find("\r\n\r\n") + 4;
    CHECK_NE(answer.find("Content-Length: " + std::to_string(answer.size() - body) + "\r\n"), std::string::npos);
    CHECK(both.far.peer().saw_fin());
    CHECK_FALSE(both.far.peer().closed());
    CHECK(both.transport->connecting());
    both.far.peer().send(std::string(300'000, 'x'));
    CHECK(bench.until([&] { return both.far.peer().unread() == 0; }));
    both.far.peer().finish();
    bench.turn();
    CHECK_EQ(both.transport->connect_error(), EPROTO);
    CHECK_EQ(owner.told, 1);
}

TEST_CASE("records that come in pieces are read when they are whole, whatever room there is") {
    for (const size_t room : {size_t{1}, size_t{100}, size_t{16 * 1024}}) {
        CAPTURE(room);
        TlsBench bench;
        auto both = bench.pair();
        CountingOwner owner;
        both.transport->set_owner(owner, Lane::upstream);
        std::string text;
        for (int i = 0; i < 3000; ++i) text += static_cast<char>('a' + i % 26);
        std::string records = both.far.sealed(text.substr(0, 1000));
        records += both.far.sealed(text.substr(1000, 1));
        records += both.far.sealed(text.substr(1001));
        std::string read;
        for (const char c : records) {
            both.far.peer().send({&c, 1});
            bench.turn();
            while (both.transport->readable()) read += read_text(*both.transport, room);
        }
        CHECK(read == text);
        CHECK_FALSE(both.transport->readable());
    }
}

TEST_CASE("what is decrypted but was not read counts as readable, also behind a pause") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.send("one");
    both.far.send("two");
    bench.turn();
    CHECK_EQ(owner.told, 1);
    CHECK_EQ(read_text(*both.transport, 2), "on");
    both.transport->pause_reading(true);
    bench.turn();
    CHECK_EQ(owner.told, 1);
    CHECK(both.transport->readable());
    both.transport->pause_reading(false);
    bench.turn();
    CHECK_EQ(owner.told, 2);
    CHECK_EQ(read_text(*both.transport), "etwo");
    CHECK_FALSE(both.transport->readable());
}

TEST_CASE("a FIN while reading is paused is told, with no less than what comes before it") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.transport->pause_reading(true);
    both.far.send("wait for it");
    both.far.finish();
    REQUIRE(bench.until([&] { return owner.told > 0; }));
    CHECK_GE(both.transport->unread_before_end().value_or(0), 11);
    both.transport->pause_reading(false);
    CHECK_EQ(read_text(*both.transport), "wait for it");
    CHECK_EQ(read_kind(*both.transport), IoResult::Kind::end);
    CHECK_FALSE(both.transport->unread_before_end().has_value());
}

TEST_CASE("a read costs one receive, and a write one send, however many records") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.peer().set_window(SIZE_MAX);
    size_t reads = both.far.peer().reads();
    both.far.send("GET / HTTP/1.1\r\n\r\n");
    bench.turn();
    CHECK_EQ(read_text(*both.transport), "GET / HTTP/1.1\r\n\r\n");
    CHECK_EQ(both.far.peer().reads() - reads, 1);

    const size_t writes = both.far.peer().writes();
    const std::string large(1024 * 1024, 'x');
    const IoResult result = write_text(*both.transport, large);
    CHECK_EQ(result.kind, IoResult::Kind::moved);
    CHECK_EQ(result.bytes, net::TlsWorkshop::kCollect);
    CHECK_EQ(both.far.peer().writes() - writes, 1);
    // Full records: 5 + 1 + 16 bytes around each 16 KiB.
    CHECK_EQ(both.far.peer().received().size(), net::TlsWorkshop::kCollect + 16 * 22);
}

TEST_CASE("segments of any size become full records") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.peer().set_window(SIZE_MAX);
    std::vector<std::string> parts;
    for (const size_t size : {1, 20'000, 0, 16'384, 5, 5, 40'000, 3}) parts.emplace_back(size, 'a' + parts.size() % 26);
    std::vector<struct iovec> segments;
    std::string all;
    for (std::string& part : parts) {
        segments.push_back({part.data(), part.size()});
        all += part;
    }
    const IoResult result = both.transport->write(segments.data(), static_cast<int>(segments.size()));
    CHECK_EQ(result.bytes, all.size());
    const size_t records = (all.size() + 16'383) / 16'384;
    CHECK_EQ(both.far.peer().received().size(), all.size() + records * 22);
    CHECK(both.far.receive() == all);
}

TEST_CASE("bytes have moved when the peer's window took all records, to the last one of them") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    const std::string text(1000, 'x');
    both.far.peer().set_window(10);
    IoResult result = write_text(*both.transport, text);
    CHECK_EQ(result.bytes, text.size() - 1);
    CHECK_FALSE(both.transport->writable());
    CHECK_EQ(write_text(*both.transport, "x").kind, IoResult::Kind::blocked);
    both.far.peer().set_window(500);
    bench.turn();
    CHECK_FALSE(both.transport->writable());
    both.far.peer().set_window(5000);
    REQUIRE(bench.until([&] { return both.transport->writable(); }));
    CHECK_GT(owner.told, 0);
    result = write_text(*both.transport, "x and more");
    CHECK_EQ(result.bytes, 10);
    CHECK(both.far.receive() == text + " and more");
}

TEST_CASE("a FIN waits for records that are held") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.peer().set_window(10);
    write_text(*both.transport, "the last");
    both.transport->shutdown_write();
    CHECK_FALSE(both.far.peer().saw_fin());
    both.far.peer().set_window(10'000);
    bench.turn();
    CHECK(both.far.peer().saw_fin());
    CHECK_EQ(both.far.receive(), "the last");
    CHECK(both.far.saw_goodbye());
}

TEST_CASE("an end without close_notify is an end for a server, whose clients say how long a message is") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.send("last words");
    both.far.peer().finish();
    bench.turn();
    CHECK_EQ(read_text(*both.transport), "last words");
    CHECK_EQ(read_kind(*both.transport), IoResult::Kind::end);
}

TEST_CASE("a reset behind close_notify is told, also to who reads nothing any more") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.say_goodbye();
    bench.turn();
    CHECK_EQ(read_kind(*both.transport), IoResult::Kind::end);
    CHECK_EQ(both.transport->failed(), 0);
    const int told = owner.told;
    both.far.peer().reset();
    bench.turn();
    CHECK_NE(both.transport->failed(), 0);
    CHECK_GT(owner.told, told);
}

TEST_CASE("a record that was tampered with breaks the connection, and what came before it is read") {
    TlsBench bench;
    auto both = bench.pair();
    const std::string good = both.far.sealed("good");  // first: records are numbered
    std::string bad = both.far.sealed("bad");
    bad.back() = static_cast<char>(bad.back() ^ 1);
    both.far.peer().send(good + bad);
    bench.turn();
    CHECK_EQ(read_text(*both.transport), "good");
    CHECK(both.transport->readable());
    CHECK_EQ(read_kind(*both.transport), IoResult::Kind::failed);
    CHECK_EQ(both.transport->failed(), EPROTO);
    CHECK_EQ(write_text(*both.transport, "x").kind, IoResult::Kind::failed);
    both.far.pump();
    CHECK(both.far.failed());  // an alert says so
}

TEST_CASE("a client's wish to negotiate again is not granted") {
    TlsBench bench;
    auto both = bench.pair(kTls12);
    SSL_renegotiate(both.far.ssl());
    for (int i = 0; i < 5; ++i) {
        both.far.pump();
        bench.turn();
        read_text(*both.transport);
    }
    CHECK(both.far.failed());  // it takes the answer for the end
}

TEST_CASE("keys are updated when the client wishes so") {
    TlsBench bench;
    auto both = bench.pair();
    SSL_key_update(both.far.ssl(), SSL_KEY_UPDATE_REQUESTED);
    both.far.send("with new keys");
    bench.turn();
    CHECK_EQ(read_text(*both.transport), "with new keys");
    write_text(*both.transport, "and new keys back");
    CHECK_EQ(both.far.receive(), "and new keys back");
    CHECK_FALSE(both.far.failed());
}

TEST_CASE("a client that asks for new keys again and again and takes none is given up") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.peer().set_window(0);
    bool failed = false;
    for (int i = 0; i < 100'000 && !failed; ++i) {
        SSL_key_update(both.far.ssl(), SSL_KEY_UPDATE_REQUESTED);
        both.far.pump();
        bench.turn();
        failed = read_kind(*both.transport) == IoResult::Kind::failed;
    }
    CHECK(failed);
}

TEST_CASE("close_notify leaves with what is written last") {
    TlsBench bench;
    auto both = bench.pair();
    CountingOwner owner;
    both.transport->set_owner(owner, Lane::upstream);
    both.far.peer().set_window(10);
    both.transport->announce_end();
    CHECK_EQ(write_text(*both.transport, "the last").bytes, 7);  // one byte is owed
    both.far.peer().set_window(10'000);
    bench.turn();
    CHECK(both.far.saw_goodbye());
    CHECK_EQ(write_text(*both.transport, "t").bytes, 1);
    CHECK_EQ(both.far.receive(), "the last");
    CHECK_FALSE(both.far.peer().saw_fin());
    both.transport->shutdown_write();
    CHECK(both.far.saw_fin());
}

TEST_CASE("close_notify does not leave before the last byte") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.peer().set_window(10'000'000);
    const std::string large(net::TlsWorkshop::kCollect + 10, 'x');
    both.transport->announce_end();
    CHECK_EQ(write_text(*both.transport, large).bytes, net::TlsWorkshop::kCollect);
    CHECK_FALSE(both.far.saw_goodbye());
    CHECK_EQ(write_text(*both.transport, large.substr(net::TlsWorkshop::kCollect)).bytes, 10);
    CHECK(both.far.saw_goodbye());
    CHECK_EQ(both.far.receive().size(), large.size());
}

TEST_CASE("an idle connection holds no slab") {
    TlsBench bench;
    auto both = bench.pair();
    both.far.send("question");
    bench.turn();
    read_text(*both.transport);
    write_text(*both.transport, "answer");
    CHECK_EQ(bench.loop().slabs().bytes_in_use(), 0);
}
