// The HTTP/1 codec towards backends: what may answer a request, and what spoils a connection.
#include "http/h1_client_codec.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;

namespace {

class Bench final : public ClientCodecOwner, public StreamObserver {
 public:
    void on_stream() override {
        while (const ResponseHead* head = codec.take_head()) statuses.push_back(head->status);
        while (takes_body) {
            const Piece piece = codec.take_body();
            if (piece.size == 0) break;
            body += piece.view();
        }
    }
    void on_stream_released(bool reusable) override { released.push_back(reusable); }
    void output_pending() override {}
    void input_wanted() override {}
    bool uses_pipes() const override { return false; }

    void ask(Method method = Method::get, BodyLength length = {}) {
        statuses.clear();
        body.clear();
        codec.open().observe(this);
        RequestHead head;
        head.method = method;
        head.method_text = method == Method::head ? "HEAD" : "GET";
        head.target.forward_path = "/";
        head.body = length;
        codec.send_head(head);
    }
    void ask_all() {
        ask();
        codec.send_end(nullptr);
        flush();
    }
    void feed(std::string_view bytes) {
        while (!bytes.empty() && codec.wants_input()) {
            const std::span<char> room = codec.memory_room();
            REQUIRE(!room.empty());
            const size_t count = std::min(room.size(), bytes.size());
            std::copy_n(bytes.data(), count, room.data());
            bytes.remove_prefix(count);
            codec.received(count);
        }
    }
    std::string flush() {
        std::string out;
        struct iovec segments[PieceQueue::kMaxSegments];
        while (!codec.output().empty()) {
            codec.output().segments(segments, PieceQueue::kMaxSegments);
            out.append(static_cast<const char*>(segments[0].iov_base), segments[0].iov_len);
            codec.output().consume(segments[0].iov_len);
            codec.sent(segments[0].iov_len);
        }
        return out;
    }
    bool release() {
        codec.release(ResetReason::cancel);
        return released.back();
    }

    SlabStore slabs;
    Scratch scratch{slabs};
    HeadLimits limits{64 * 1024, 100};
    H1ClientCodec codec{scratch, *this, limits};
    std::vector<int> statuses;
    std::vector<bool> released;
    std::string body;
    bool takes_body = true;
};

}  // namespace

TEST_CASE("a request goes out and its response comes back, and the connection may carry the next") {
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        bench.ask();
        bench.codec.send_end(nullptr);
        CHECK_EQ(bench.flush(), "GET / HTTP/1.1\r\n\r\n");
        bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        CHECK_EQ(bench.statuses, std::vector<int>{200});
        CHECK_EQ(bench.body, "ok");
        CHECK(bench.codec.received_all());
        CHECK(bench.release());
        CHECK(bench.codec.idle_clean());
    }
}

TEST_CASE("informational responses come before the final one, in order") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No");
    bench.feed(" Content\r\n\r\n");
    CHECK_EQ(bench.statuses, std::vector<int>{100, 103, 204});
    CHECK(bench.release());
}

TEST_CASE("the seventeenth informational response is refused") {
    Bench bench;
    bench.ask_all();
    for (int i = 0; i < 16; ++i) bench.feed("HTTP/1.1 103 Early Hints\r\n\r\n");
    CHECK(bench.codec.fault() == StreamFault::none);
    bench.feed("HTTP/1.1 103 Early Hints\r\n\r\n");
    CHECK(bench.codec.fault() == StreamFault::refused_bytes);
    CHECK_EQ(bench.statuses.size(), 16);
}

TEST_CASE("a 101 that nobody asked for is refused") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    CHECK(bench.codec.fault() == StreamFault::refused_bytes);
    CHECK(bench.statuses.empty());
    CHECK_FALSE(bench.release());
}

TEST_CASE("bytes behind a response never answer the next request") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    CHECK_EQ(bench.body, "ok");
    CHECK_FALSE(bench.release());
    CHECK_FALSE(bench.codec.idle_clean());
}

TEST_CASE("bytes before any request spoil an idle connection, in one read or behind a response that was complete") {
    Bench fresh;
    fresh.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK_FALSE(fresh.codec.idle_clean());
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    bench.feed("x");
    CHECK_FALSE(bench.release());
}

TEST_CASE("a response before the request's end is taken, but the connection is not used again") {
    Bench bench;
    bench.ask(Method::post, {BodyLength::Kind::sized, 10});
    bench.flush();
    bench.feed("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    CHECK_EQ(bench.statuses, std::vector<int>{413});
    CHECK_FALSE(bench.release());
}

TEST_CASE("HEAD and 304 have no body whatever their fields say") {
    Bench bench;
    bench.ask(Method::head);
    bench.codec.send_end(nullptr);
    bench.flush();
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    CHECK(bench.codec.received_all());
    CHECK(bench.release());
    bench.ask_all();
    bench.feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
    CHECK(bench.release());
}

TEST_CASE("the end of file ends a body that lasts until then, and cuts any other") {
    struct Row {
        const char* bytes;
        StreamFault fault;
        const char* body;
    };
    const Row rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\nall of it", StreamFault::none, "all of it"},
        {"HTTP/1.0 200 OK\r\n\r\n", StreamFault::none, ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", StreamFault::peer_closed, "half"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", StreamFault::peer_closed, "half"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", StreamFault::peer_closed, "half"},
        {"HTTP/1.1 200 OK\r\nConte", StreamFault::peer_closed, ""},
        {"", StreamFault::peer_closed, ""},
        {"HTTP/1.1 100 Continue\r\n\r\n", StreamFault::peer_closed, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.bytes);
        Bench bench;
        bench.ask_all();
        bench.feed(row.bytes);
        bench.codec.received_end();
        CHECK(bench.codec.fault() == row.fault);
        CHECK_EQ(bench.codec.received_all(), row.fault == StreamFault::none);
        CHECK_EQ(bench.body, row.body);
        CHECK_FALSE(bench.release());
    }
}

TEST_CASE("an end that may be a cut ends no body that lasts until then, and changes nothing for others") {
    struct Row {
        const char* bytes;
        StreamFault fault;
    };
    const Row rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\nall of it?", StreamFault::peer_closed},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nall", StreamFault::none},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n", StreamFault::none},
    };
    for (const Row& row : rows) {
        CAPTURE(row.bytes);
        Bench bench;
        bench.ask_all();
        bench.feed(row.bytes);
        bench.codec.received_cut();
        CHECK(bench.codec.fault() == row.fault);
        CHECK_EQ(bench.codec.received_all(), row.fault == StreamFault::none);
    }
}

TEST_CASE("an end of file is told only after what came before it was taken") {
    Bench bench;
    bench.ask_all();
    bench.takes_body = false;
    bench.feed("HTTP/1.1 200 OK\r\n\r\nall of it");
    bench.codec.received_end();
    CHECK(bench.codec.fault() == StreamFault::none);
    CHECK_FALSE(bench.codec.received_all());
    bench.takes_body = true;
    bench.on_stream();
    CHECK_EQ(bench.body, "all of it");
    CHECK(bench.codec.received_all());
}

TEST_CASE("a reset never ends a body well") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\n\r\nsome");
    bench.codec.broken();
    CHECK(bench.codec.fault() == StreamFault::peer_reset);
    CHECK_FALSE(bench.codec.received_all());
}

TEST_CASE("a whole response that a reset follows is a whole response") {
    Bench bench;
    bench.ask_all();
    bench.takes_body = false;
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    bench.codec.broken();
    bench.takes_body = true;
    bench.on_stream();
    CHECK_EQ(bench.body, "ok");
    CHECK(bench.codec.fault() == StreamFault::none);
    CHECK_FALSE(bench.release());
}

TEST_CASE("an ambiguous response is refused") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok");
    CHECK(bench.codec.fault() == StreamFault::refused_bytes);
    CHECK(bench.statuses.empty());
}

TEST_CASE("a response that asks to close is the last one") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK_FALSE(bench.release());
}

TEST_CASE("a stream that was lent and not used leaves the connection clean") {
    Bench bench;
    bench.codec.open().observe(&bench);
    CHECK(bench.release());
    CHECK(bench.codec.idle_clean());
}

TEST_CASE("an endless response head is refused at its limit and not a byte past the next slab is read") {
    Bench bench;
    bench.ask_all();
    bench.feed("HTTP/1.1 200 OK\r\n");
    const std::string line = "X-Endless: " + std::string(1000, 'x') + "\r\n";
    for (int i = 0; i < 1000; ++i) bench.feed(line);
    CHECK(bench.codec.fault() == StreamFault::refused_bytes);
    CHECK_EQ(bench.codec.refusal().status, 431);
    CHECK_LE(bench.slabs.bytes_in_use(), bench.limits.bytes + 3 * SlabStore::kCapacity);
}
