// The HTTP/1 codec towards clients, driven byte by byte without a socket.
#include "http/h1_server_codec.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;

namespace {

// A connection and the exchange on it, in one: takes notes and answers when told to.
class Bench final : public ServerCodecOwner, public StreamObserver {
 public:
    void on_request(ServerStream& came) override {
        stream = &came;
        targets.emplace_back(came.request().target_text);
        came.observe(this);
        on_stream();
    }
    void on_stream() override {
        ++told;
        if (!takes_body) return;
        while (stream != nullptr) {
            const Piece piece = stream->take_body();
            if (piece.size == 0) break;
            body += piece.view();
        }
    }
    void on_stream_released(StreamEnd how) override {
        stream = nullptr;
        ends.push_back(how);
    }
    void output_pending() override {}
    void input_wanted() override {}
    bool uses_pipes() const override { return false; }

    // Feeds as a wire would: only while the codec wants it.
    void feed(std::string_view bytes) {
        while (!bytes.empty() && codec.wants_input()) {
            const std::span<char> room = codec.memory_room();
            REQUIRE(!room.empty());
            const size_t count = std::min(room.size(), bytes.size());
            std::copy_n(bytes.data(), count, room.data());
            bytes.remove_prefix(count);
            codec.received(count);
        }
        left += bytes;
    }
    void answer(int status, std::string_view text, bool close = false) {
        ResponseHead head;
        head.status = status;
        head.reason = "Fine";
        head.body = {BodyLength::Kind::sized, text.size()};
        stream->send_head(head, close);
        stream->send_body(workshop.scratch.copy(text));
        stream->send_end(nullptr);
    }
    std::string flush() {
        std::string out;
        struct iovec segments[PieceQueue::kMaxSegments];
        while (!codec.output().empty()) {
            const int count = codec.output().segments(segments, PieceQueue::kMaxSegments);
            size_t size = 0;
            for (int i = 0; i < count; ++i) {
                out.append(static_cast<const char*>(segments[i].iov_base), segments[i].iov_len);
                size += segments[i].iov_len;
            }
            codec.output().consume(size);
            codec.sent(size);
        }
        return out;
    }

    SlabStore slabs;
    H1Workshop workshop{slabs};
    HeadLimits limits;
    H1ServerCodec codec{workshop, *this, limits};
    ServerStream* stream = nullptr;
    std::vector<std::string> targets;
    std::vector<StreamEnd> ends;
    std::string body;
    std::string left;  // what the codec did not want
    int told = 0;
    bool takes_body = true;
};

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("a request in one piece becomes one stream, and its answer leaves with a length") {
    Bench bench;
    bench.feed(kGet);
    REQUIRE(bench.stream != nullptr);
    CHECK(bench.stream->received_all());
    bench.answer(200, "hello");
    CHECK_EQ(bench.flush(), "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(bench.stream->is_reusable());
    bench.stream->release(ResetReason::cancel);
    REQUIRE_EQ(bench.ends.size(), 1);
    CHECK(bench.ends[0] == StreamEnd::next);
    CHECK_FALSE(bench.codec.has_input());
}

TEST_CASE("the end of the output is known once an answer is whole behind which the connection ends") {
    struct Row {
        std::string_view request;
        bool close;
        bool ends;
    };
    const Row rows[] = {
        {kGet, false, false},
        {kGet, true, true},
        {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false, true},
        {"GET /a HTTP/1.0\r\n\r\n", false, true},
        {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false, false},
        {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nearly", true, true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.request);
        Bench bench;
        bench.feed(row.request);
        REQUIRE(bench.stream != nullptr);
        ResponseHead head;
        head.status = 200;
        head.body = {BodyLength::Kind::sized, 2};
        bench.stream->send_head(head, row.close);
        bench.stream->send_body(bench.workshop.scratch.copy("o"));
        CHECK_FALSE(bench.codec.output_ends());
        bench.stream->send_body(bench.workshop.scratch.copy("k"));
        bench.stream->send_end(nullptr);
        CHECK_EQ(bench.codec.output_ends(), row.ends);
        bench.flush();
        bench.stream->release(ResetReason::cancel);
        CHECK_FALSE(bench.codec.output_ends());
    }
}

TEST_CASE("pipelined requests wait as bytes and come one after the other") {
    Bench bench;
    bench.feed("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HT");
    for (int i = 1; i <= 2; ++i) {
        REQUIRE_EQ(bench.targets.size(), static_cast<size_t>(i));
        bench.answer(200, "");
        bench.flush();
        bench.stream->release(ResetReason::cancel);
        bench.codec.resume();
    }
    CHECK_EQ(bench.targets, std::vector<std::string>{"/1", "/2"});
    bench.feed("TP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQ(bench.targets.back(), "/3");
}

TEST_CASE("ten thousand pipelined requests that nobody answers cost one slab") {
    Bench bench;
    std::string flood;
    for (int i = 0; i < 10'000; ++i) flood += kGet;
    bench.feed(flood);
    CHECK_EQ(bench.targets.size(), 1);
    CHECK_LE(bench.slabs.bytes_in_use(), 2 * SlabStore::kCapacity);
    CHECK_GT(bench.left.size(), flood.size() - 2 * SlabStore::kCapacity);
}

TEST_CASE("a head that outgrows its slab is moved once and still whole") {
    Bench bench;
    bench.feed("GET /warm HTTP/1.1\r\nHost: x\r\n\r\n");
    bench.answer(200, "");
    bench.flush();
    bench.stream->release(ResetReason::cancel);
    const std::string value(30'000, 'v');
    const std::string head = "GET /long HTTP/1.1\r\nHost: x\r\nX-Long: " + value + "\r\n\r\n";
    for (size_t at = 0; at < head.size(); at += 1000) bench.feed(std::string_view(head).substr(at, 1000));
    REQUIRE_EQ(bench.targets.size(), 2);
    CHECK_EQ(bench.stream->request().fields[1].value(), value);
    CHECK_EQ(bench.stream->request().target_text, "/long");
}

TEST_CASE("a head over its limit is a stream with a refusal") {
    Bench bench;
    bench.feed("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(40'000, 'v'));
    REQUIRE(bench.stream != nullptr);
    CHECK(bench.stream->fault() == StreamFault::refused_bytes);
    CHECK_EQ(bench.stream->refusal().status, 431);
    CHECK_FALSE(bench.codec.wants_input());
}

TEST_CASE("a chunked body is decoded, its trailers are kept, and the next request stands behind it") {
    Bench bench;
    bench.feed(
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n");
    CHECK_EQ(bench.body, "abcde");
    CHECK(bench.stream->received_all());
    REQUIRE_EQ(bench.stream->trailers().size(), 1);
    CHECK_EQ(bench.stream->trailers()[0].value(), "1");
    bench.feed(kGet);
    bench.answer(200, "");
    bench.flush();
    bench.stream->release(ResetReason::cancel);
    bench.codec.resume();
    CHECK_EQ(bench.targets.size(), 2);
}

TEST_CASE("a body that nobody takes is not read on") {
    Bench bench;
    bench.takes_body = false;
    bench.feed("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    bench.feed(std::string(1'000'000, 'b'));
    CHECK_LE(bench.slabs.bytes_in_use(), 2 * SlabStore::kCapacity);
    CHECK_FALSE(bench.codec.wants_input());
    CHECK_GT(bench.stream->take_body().size, 0);
    CHECK(bench.codec.wants_input());
    bench.stream->pause(true);
    CHECK_FALSE(bench.codec.wants_input());
}

TEST_CASE("a broken chunk is a fault and the connection ends") {
    Bench bench;
    bench.feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX");
    CHECK(bench.stream->fault() == StreamFault::refused_bytes);
    CHECK_FALSE(bench.stream->received_all());
    bench.answer(400, "", true);
    CHECK(bench.flush().find("Connection: close\r\n") != std::string::npos);
    bench.stream->release(ResetReason::cancel);
    CHECK(bench.ends[0] == StreamEnd::close);
}

TEST_CASE("an end of file while a request is answered is the client's abort") {
    Bench bench;
    bench.feed(kGet);
    const int before = bench.told;
    bench.codec.received_end();
    CHECK(bench.stream->fault() == StreamFault::peer_closed);
    CHECK_EQ(bench.told, before + 1);
    CHECK_FALSE(bench.stream->is_reusable());
}

TEST_CASE("an end of file within a head is told, one before any byte is not") {
    Bench quiet;
    quiet.codec.received_end();
    CHECK(quiet.targets.empty());
    Bench bench;
    bench.feed("GET / HT");
    CHECK(bench.codec.head_begun());
    bench.codec.received_end();
    REQUIRE(bench.stream != nullptr);
    CHECK(bench.stream->fault() == StreamFault::peer_closed);
    CHECK_EQ(bench.stream->bytes_received(), 8);
}

TEST_CASE("what was understood of a head that ends where its slab ends stays readable") {
    for (const size_t before : {size_t{0}, SlabStore::kCapacity - 200}) {
        CAPTURE(before);
        Bench bench;
        std::string pipelined = "GET /";
        pipelined += std::string(before > 0 ? before - 100 : 0, 'p') + " HTTP/1.1\r\nHost: x\r\n\r\n";
        if (before > 0) bench.feed(pipelined);
        std::string head = "GET /secret HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\nX: ";
        head.resize(SlabStore::kCapacity - (before > 0 ? pipelined.size() : 0), 'x');
        bench.feed(head);
        if (before > 0) {
            bench.answer(200, "");
            bench.flush();
            bench.stream->release(ResetReason::cancel);
            bench.codec.resume();
        }
        REQUIRE(bench.codec.head_begun());
        bench.codec.memory_room();  // for a read that finds nothing
        const SlabRef other = bench.slabs.take();
        std::fill_n(other->data(), other->capacity(), '!');
        bench.codec.received_end();
        REQUIRE(bench.stream != nullptr);
        CHECK_EQ(bench.stream->request().method_text, "GET");
        const Field* agent = bench.stream->request().fields.find(HeaderName::user_agent);
        REQUIRE(agent != nullptr);
        CHECK_EQ(agent->value(), "me");
        CHECK_EQ(bench.stream->bytes_received(), head.size());
    }
}

TEST_CASE("a response of unknown length is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0") {
    for (const bool old : {false, true}) {
        Bench bench;
        bench.feed(old ? "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" : kGet);
        ResponseHead head;
        head.status = 200;
        head.reason = "OK";
        head.body = {BodyLength::Kind::chunked};
        bench.stream->send_head(head, false);
        bench.stream->send_body(bench.workshop.scratch.copy("hello"));
        bench.stream->send_end(nullptr);
        const std::string out = bench.flush();
        CHECK_EQ(out, old ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"
                          : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        CHECK_EQ(bench.stream->is_reusable(), !old);
        bench.stream->release(ResetReason::cancel);
    }
}

TEST_CASE("an HTTP/1.0 client that asks for it keeps its connection, and is sent no 1xx") {
    Bench bench;
    bench.feed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ResponseHead hints;
    hints.status = 103;
    hints.reason = "Early Hints";
    bench.stream->send_informational(hints);
    bench.answer(200, "x");
    CHECK_EQ(bench.flush(), "HTTP/1.1 200 Fine\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx");
    CHECK(bench.stream->is_reusable());
    bench.stream->release(ResetReason::cancel);
}

TEST_CASE("a cut response is flushed and closed where its framing shows the cut, and reset where it does not") {
    for (const bool old : {false, true}) {
        Bench bench;
        bench.feed(old ? "GET / HTTP/1.0\r\n\r\n" : kGet);
        ResponseHead head;
        head.status = 200;
        head.reason = "OK";
        head.body = {BodyLength::Kind::until_close};
        bench.stream->send_head(head, false);
        bench.stream->send_body(bench.workshop.scratch.copy("half"));
        bench.stream->release(ResetReason::cancel);
        CHECK(bench.ends[0] == (old ? StreamEnd::abort : StreamEnd::close));
    }
}

TEST_CASE("above the high mark the observer is told once, when the low mark is reached") {
    Bench bench;
    bench.feed(kGet);
    ResponseHead head;
    head.status = 200;
    head.reason = "OK";
    head.body = {BodyLength::Kind::sized, 1'000'000};
    bench.stream->send_head(head, false);
    while (bench.stream->unsent() < Stream::kHighWater) {
        SlabRef slab = bench.slabs.take();
        const char* data = slab->data();
        bench.stream->send_body(Piece{std::move(slab), data, 8000});
    }
    const int before = bench.told;
    size_t sent = 0;
    while (bench.codec.output().bytes() > Stream::kLowWater) {
        const size_t count = std::min<size_t>(1000, bench.codec.output().bytes());
        bench.codec.output().consume(count);
        bench.codec.sent(count);
        sent += count;
    }
    CHECK_EQ(bench.told, before + 1);
    CHECK_EQ(bench.stream->bytes_sent(), sent);
    bench.stream->reset(ResetReason::cancel);
    bench.stream->release(ResetReason::cancel);
    CHECK(bench.ends[0] == StreamEnd::abort);
}

TEST_CASE("a stream names its protocol, also with a shrunk head, and not that of the one before") {
    Bench bench;
    Arena arena;
    for (const char* version : {"HTTP/1.1", "HTTP/1.0", "HTTP/1.1"}) {
        bench.feed("GET / " + std::string(version) + "\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
        REQUIRE(bench.stream != nullptr);
        CHECK_EQ(bench.stream->protocol(), version);
        bench.stream->shrink_request(arena);
        CHECK_EQ(bench.stream->protocol(), version);
        bench.answer(200, "x");
        bench.flush();
        bench.stream->release(ResetReason::cancel);
    }
    CHECK_EQ(bench.ends, std::vector<StreamEnd>(3, StreamEnd::next));
}

TEST_CASE("an idle codec holds no slab and no stream") {
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        bench.feed(kGet);
        bench.answer(200, "x");
        bench.flush();
        bench.stream->release(ResetReason::cancel);
    }
    bench.workshop.scratch.rest();
    CHECK_EQ(bench.ends, std::vector<StreamEnd>(3, StreamEnd::next));
    CHECK_FALSE(bench.codec.has_input());
    CHECK_EQ(bench.slabs.bytes_in_use(), 0);
}
