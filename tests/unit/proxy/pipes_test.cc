// Long bodies that nobody looks at pass by in pipes.
#include <string>

#include "tests/support/memory_codec.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;

namespace {

constexpr size_t kLong = 2'000'000;

std::string numbered(size_t size) {
    std::string text;
    for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
    text.resize(size);
    return text;
}

std::string body_of(const std::string& message) {
    return message.substr(message.find("\r\n\r\n") + 4);
}

// Sends in parts, as a network does.
void send_parts(ProxyRig& rig, const ProxyRig::Peer& peer, const std::string& bytes) {
    constexpr size_t kPart = 150'000;
    for (size_t at = 0; at < bytes.size(); at += kPart) {
        peer->send(std::string_view(bytes).substr(at, kPart));
        rig.run();
    }
}

}  // namespace

TEST_CASE("a long answer of known length goes through a pipe, and the pipe is free again behind it") {
    ProxyRig rig;
    const std::string body = numbered(kLong);
    const auto client = rig.connect();
    rig.ask(client, kGet);
    send_parts(rig, rig.backend(), "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kLong) + "\r\n\r\n" + body);
    CHECK_GT(client->pipings(), 0);
    CHECK((body_of(client->take_received()) == body));
    CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
    CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
    rig.ask(client, kGet);
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK_EQ(rig.backends.size(), 1);  // both connections live on
}

TEST_CASE("a long upload goes through a pipe, and the next request behind it is another message") {
    ProxyRig rig;
    const std::string body = numbered(kLong);
    const auto client = rig.connect();
    send_parts(rig, client,
               "POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kLong) + "\r\n\r\n" + body +
                   std::string(kGet));
    CHECK_GT(rig.backend()->pipings(), 0);
    CHECK((body_of(rig.backend()->take_received()) == body));
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK(starts(rig.backend()->take_received(), "GET /a "));
    CHECK(has(rig.answer(client), "\r\n\r\nok"));
    CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
}

TEST_CASE("an answer until the close goes through a pipe and is chunked again") {
    ProxyRig rig;
    const std::string body = numbered(kLong);
    const auto client = rig.connect();
    rig.ask(client, kGet);
    send_parts(rig, rig.backend(), "HTTP/1.1 200 OK\r\n\r\n" + body);
    rig.backend()->finish();
    rig.run();
    CHECK_GT(client->pipings(), 0);
    const std::string chunked = body_of(client->take_received());
    std::string content;
    size_t at = 0;
    for (;;) {
        const size_t line = chunked.find("\r\n", at);
        REQUIRE_NE(line, std::string::npos);
        const size_t size = std::stoul(chunked.substr(at, line - at), nullptr, 16);
        content += chunked.substr(line + 2, size);
        at = line + 2 + size + 2;
        if (size == 0) break;
    }
    CHECK((content == body));
    CHECK_EQ(at, chunked.size());
}

TEST_CASE("short bodies, chunked ones and those of streams that take no pipes are copied") {
    ProxyRig rig;
    const auto client = rig.connect();
    rig.ask(client, kGet);
    rig.answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 's'));
    rig.ask(client, kGet);
    rig.answer(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7a120\r\n" + std::string(500'000, 'c') +
                           "\r\n0\r\n\r\n");
    CHECK_EQ(client->pipings(), 0);
    MemoryConnection connection(*rig.engine, *rig.plan);
    MemoryStream& stream = connection.open();
    stream.ask("GET", "/");
    connection.begin(stream);
    rig.run();
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'm'));
    rig.run();
    for (int i = 0; i < 20; ++i) {
        stream.take();
        rig.run();
    }
    CHECK_EQ(stream.taken().size(), 500'000);
    CHECK_EQ(rig.backend()->pipings(), 0);
}

TEST_CASE("without a pipe left a long answer is copied") {
    ProxyRig rig;
    rig.loop.slabs().allow_pipes(1);
    const SlabRef taken = rig.loop.slabs().take_pipe();
    const std::string body = numbered(kLong);
    const auto client = rig.connect();
    rig.ask(client, kGet);
    send_parts(rig, rig.backend(), "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kLong) + "\r\n\r\n" + body);
    CHECK_EQ(client->pipings(), 0);
    CHECK((body_of(client->take_received()) == body));
}

TEST_CASE("a reader that stands still holds one pipe, and one that leaves gives back what it held") {
    ProxyRig rig;
    const auto client = rig.connect();
    client->set_window(100'000);
    rig.ask(client, kGet);
    rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + std::string(kLong, 'x'));
    rig.run();
    CHECK_EQ(rig.loop.slabs().pipes_in_use(), 1);
    CHECK_GT(rig.backend()->unread(), kLong - 100'000 - 2 * Pipe::kBytes);
    client->reset();
    rig.run();
    CHECK(rig.backend()->closed());
    CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
    CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
}

TEST_CASE("a backend that breaks off behind a full pipe cuts the answer where its bytes end") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        ProxyRig rig;
        const auto client = rig.connect();
        client->set_window(100'000);
        rig.ask(client, kGet);
        rig.backend()->send("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + numbered(300'000));
        rig.run();
        reset ? rig.backend()->reset() : rig.backend()->finish();
        rig.run();
        client->set_window(SIZE_MAX);
        rig.run();
        const std::string body = body_of(client->take_received());
        CHECK((body == numbered(300'000).substr(0, body.size())));
        CHECK_GE(body.size(), 100'000 - 200);
        CHECK(client->saw_fin());
        CHECK_EQ(rig.loop.slabs().pipes_in_use(), 0);
    }
}
