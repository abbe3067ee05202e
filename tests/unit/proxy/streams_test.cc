// Exchanges over a connection that carries many streams at once: the exchange does not know the difference.
#include <string>

#include "tests/support/memory_codec.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

TEST_CASE("thirty-two streams of one connection each get their own answer, whatever the others do") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    constexpr size_t kStreams = 32;
    constexpr size_t kBody = 200'000;
    std::vector<MemoryStream*> streams;
    for (size_t i = 0; i < kStreams; ++i) {
        streams.push_back(&connection.open());
        streams[i]->ask("GET", "/");
        connection.begin(*streams[i]);
    }
    rig.run();
    REQUIRE_EQ(rig.backends.size(), kStreams);
    for (size_t i = 0; i < kStreams; ++i)
        rig.backends[i]->send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n" +
                              std::string(kBody, static_cast<char>('A' + i)));
    rig.run();
    MemoryStream& paused = *streams[0];
    MemoryStream& slow = *streams[1];
    streams[2]->cancel();
    for (int turn = 0; turn < 40; ++turn) {
        slow.take(1000);
        for (size_t i = 3; i < kStreams; ++i) streams[i]->take();
        rig.run();
    }
    for (size_t i = 3; i < kStreams; ++i) {
        CAPTURE(i);
        CHECK((streams[i]->taken() == std::string(kBody, static_cast<char>('A' + i))));
        CHECK_EQ(streams[i]->statuses(), std::vector<int>{200});
        CHECK(streams[i]->released());
    }
    CHECK(streams[2]->cut() == http::ResetReason::cancel);
    CHECK(rig.backends[2]->closed());
    CHECK(paused.taken().empty());
    CHECK_LE(paused.unsent(), http::Stream::kHighWater + SlabStore::kCapacity);
    CHECK_EQ(slow.taken().size(), 40'000);
    CHECK_EQ(connection.running(), 2);

    for (int turn = 0; turn < 40; ++turn) {
        slow.take();
        paused.take();
        rig.run();
    }
    CHECK((paused.taken() == std::string(kBody, 'A')));
    CHECK((slow.taken() == std::string(kBody, 'B')));
    CHECK_EQ(connection.running(), 0);
    CHECK_EQ(rig.engine->exchanges(), 0);
}

TEST_CASE("credit goes back to a stream only as fast as its backend takes the body") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& upload = connection.open();
    upload.ask("POST", "/", SIZE_MAX);
    connection.begin(upload);
    rig.run();
    rig.backend()->set_window(10'000);
    upload.send(std::string(1'000'000, 'u'));
    rig.run();
    CHECK(upload.paused());
    CHECK_LE(upload.credit_returned(), 10'000 + http::Stream::kHighWater + 2 * SlabStore::kCapacity);
    CHECK_EQ(upload.credit_returned() + upload.unread(), 1'000'000);
    rig.backend()->set_window(SIZE_MAX);
    rig.run();
    CHECK_FALSE(upload.paused());
    CHECK_EQ(upload.credit_returned(), 1'000'000);
    upload.finish();
    rig.run();
    CHECK_EQ(rig.backend()->received().substr(rig.backend()->received().size() - 5), "0\r\n\r\n");
    rig.backend()->send("HTTP/1.1 204 No Content\r\n\r\n");
    rig.run();
    CHECK_EQ(upload.statuses(), std::vector<int>{204});
    upload.take();
    CHECK(upload.released());
}

TEST_CASE("a stream that is reset while its backend connects leaves nothing behind") {
    ProxyRig rig;
    rig.accept_dials = false;
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& stream = connection.open();
    stream.ask("GET", "/");
    connection.begin(stream);
    rig.run();
    stream.cancel();
    CHECK(stream.released());
    CHECK_EQ(connection.running(), 0);
    rig.backend()->accept();
    rig.run();
    CHECK(rig.backend()->received().empty());
    CHECK_FALSE(rig.backend()->closed());
}

TEST_CASE("trailers pass in both directions, but not under names that only weir may say") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& stream = connection.open();
    stream.ask("POST", "/", SIZE_MAX);
    connection.begin(stream);
    stream.send("abc");
    stream.finish("X-Sum", "900150983cd24fb0");
    rig.run();
    CHECK(has(rig.backend()->received(), "3\r\nabc\r\n0\r\nX-Sum: 900150983cd24fb0\r\n\r\n"));
    rig.backend()->send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ngrpc-status: 0\r\n"
        "X-Request-Id: 7\r\n\r\n");
    rig.run();
    stream.take();
    CHECK_EQ(stream.taken(), "ok");
    CHECK_EQ(stream.trailers_received(), "grpc-status: 0\n");
    CHECK(stream.released());
    CHECK_FALSE(stream.cut().has_value());
    CHECK_FALSE(rig.backend()->closed());
}

TEST_CASE("each informational response passes with its fields, before the final one") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& stream = connection.open();
    stream.ask("GET", "/");
    connection.begin(stream);
    rig.run();
    rig.backend()->send(
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
    rig.run();
    CHECK_EQ(stream.statuses(), std::vector<int>{102, 103});
    rig.backend()->send("HTTP/1.1 103 Early Hints\r\nLink: </b.css>; rel=preload\r\n\r\n" + std::string(kOk));
    rig.run();
    REQUIRE_EQ(stream.statuses(), std::vector<int>{102, 103, 103, 200});
    CHECK_EQ(stream.fields()[0], "");
    CHECK_EQ(stream.fields()[1], "Link: </a.css>; rel=preload\n");
    CHECK_EQ(stream.fields()[2], "Link: </b.css>; rel=preload\n");
    CHECK(has(stream.fields()[3], "X-Request-Id: "));
    stream.take();
    CHECK(stream.released());
}

TEST_CASE("an answer before the request's end ends its stream without the rest, and no other one") {
    struct Row {
        const char* what;
        const char* path;  // /early: a backend answers; else weir does
        int status;
    };
    for (const Row& row : {Row{"the backend answers", "/early", 413}, Row{"weir answers", "/none", 404}}) {
        CAPTURE(row.what);
        ProxyRig rig(R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { name: early, match: { path: /early }, pool: app } ]
)");
        MemoryConnection connection(*rig.engine, *rig.plan);
        MemoryStream& early = connection.open();
        MemoryStream& other = connection.open();
        early.ask("POST", row.path, SIZE_MAX);
        other.ask("GET", "/early");
        for (MemoryStream* stream : {&early, &other}) {
            connection.begin(*stream);
            rig.run();
        }
        const auto& backend = rig.backends[0];
        if (row.status == 413) {
            backend->set_window(0);
            early.send(std::string(500'000, 'u'));
            rig.run();
            backend->send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
            rig.run();
        }
        const uint64_t credit = early.credit_returned();
        early.take();
        REQUIRE(early.released());
        CHECK_EQ(early.statuses(), std::vector<int>{row.status});
        CHECK(early.rest_unwanted());
        CHECK_EQ(early.credit_returned(), credit);
        if (row.status == 413) CHECK(early.unread() > 0);
        if (row.status == 413) CHECK(backend->closed());  // it waited for a body
        CHECK_EQ(connection.running(), 1);
        rig.backend()->send(kOk);
        rig.run();
        other.take();
        CHECK_EQ(other.taken(), "ok");
        CHECK_FALSE(other.rest_unwanted());
        CHECK_FALSE(other.cut().has_value());
    }
}

TEST_CASE("an upload that stands still gets no credit, while those beside it do") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    std::vector<MemoryStream*> uploads;
    for (size_t i = 0; i < 3; ++i) {
        uploads.push_back(&connection.open());
        uploads[i]->ask("POST", "/", SIZE_MAX);
        connection.begin(*uploads[i]);
        rig.run();
    }
    rig.backends[1]->set_window(0);
    for (MemoryStream* upload : uploads) upload->send(std::string(300'000, 'u'));
    rig.run();
    const uint64_t stands_at = uploads[1]->credit_returned();
    CHECK(uploads[1]->paused());
    CHECK_LE(stands_at, http::Stream::kHighWater + SlabStore::kCapacity);
    for (int turn = 0; turn < 5; ++turn) {
        for (MemoryStream* upload : uploads) upload->send(std::string(100'000, 'v'));
        rig.run();
    }
    CHECK_EQ(uploads[1]->credit_returned(), stands_at);
    CHECK_EQ(uploads[1]->unread(), 800'000 - stands_at);
    for (const size_t i : {0, 2}) {
        CHECK_FALSE(uploads[i]->paused());
        CHECK_EQ(uploads[i]->credit_returned(), 800'000);
    }
    rig.backends[1]->set_window(SIZE_MAX);
    rig.run();
    CHECK_EQ(uploads[1]->credit_returned(), 800'000);
}

TEST_CASE("a slow reader keeps its stream beside one that stands still and one that is reset") {
    ProxyRig rig(one_backend("body_timeout: 5s, min_rate: 0", "read_timeout: 0s"));
    MemoryConnection connection(*rig.engine, *rig.plan);
    std::vector<MemoryStream*> streams;
    for (size_t i = 0; i < 3; ++i) {
        streams.push_back(&connection.open());
        streams[i]->ask("GET", "/");
        connection.begin(*streams[i]);
        rig.run();
        rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'r'));
        rig.run();
    }
    MemoryStream &slow = *streams[0], &still = *streams[1], &reset = *streams[2];
    size_t second = 0;
    for (; second < 4; ++second) {
        slow.take(1000);
        rig.advance(1s);
    }
    reset.cancel();
    CHECK(reset.cut() == http::ResetReason::cancel);
    for (; second < 100; ++second) {
        slow.take(1000);
        rig.advance(1s);
    }
    CHECK(still.cut() == http::ResetReason::too_slow);
    CHECK(still.taken().empty());
    CHECK_EQ(slow.taken().size(), 100'000);
    CHECK(slow.released());
    CHECK_FALSE(slow.cut().has_value());
    CHECK_EQ(rig.ended(proxy::Outcome::ok), 1);
    CHECK_EQ(rig.ended(proxy::Outcome::client_timeout), 1);
    CHECK_EQ(rig.ended(proxy::Outcome::client_abort), 1);
    CHECK_EQ(connection.running(), 0);
}

TEST_CASE("a connection that drains takes no new streams, and those that run end as themselves") {
    ProxyRig rig;
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& upload = connection.open();
    MemoryStream& download = connection.open();
    MemoryStream& late = connection.open();
    upload.ask("POST", "/", SIZE_MAX);
    download.ask("GET", "/");
    late.ask("GET", "/");
    connection.begin(upload);
    rig.run();
    connection.begin(download);
    rig.run();
    rig.engine->drain();
    connection.drain();
    connection.begin(late);
    rig.run();
    CHECK(late.cut() == http::ResetReason::refused);
    CHECK_EQ(rig.backends.size(), 2);
    CHECK_EQ(connection.running(), 2);

    upload.send("abc");
    upload.finish();
    rig.run();
    CHECK(has(rig.backends[0]->received(), "3\r\nabc\r\n0\r\n\r\n"));
    rig.backends[0]->send("HTTP/1.1 204 No Content\r\n\r\n");
    rig.backends[1]->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo");
    rig.advance(2s);
    rig.backends[1]->send("dy");
    rig.run();
    for (MemoryStream* stream : {&upload, &download}) {
        stream->take();
        CHECK(stream->released());
        CHECK_FALSE(stream->cut().has_value());
    }
    CHECK_EQ(download.taken(), "body");
    CHECK_EQ(rig.ended(proxy::Outcome::ok), 2);
    CHECK_EQ(connection.running(), 0);
}
