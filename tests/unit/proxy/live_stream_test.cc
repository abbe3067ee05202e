// Responses without an end: event by event, for as long as somebody speaks, at next to no cost.
#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using proxy::Outcome;

namespace {

constexpr std::string_view kStream =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    char size[17];
    std::snprintf(size, sizeof size, "%zx", text.size());
    return size + ("\r\n" + text) + "\r\n";
}

// A client whose live stream has begun.
ProxyRig::Peer listening(ProxyRig& rig) {
    const auto client = rig.connect();
    rig.ask(client, "GET /events?x=1 HTTP/1.1\r\nHost: Shop\r\nUser-Agent: it\r\nReferer: there\r\n\r\n");
    CHECK(starts(rig.answer(client, kStream), "HTTP/1.1 200 "));
    return client;
}

}  // namespace

TEST_CASE("events arrive one by one, past every deadline of an answer") {
    ProxyRig rig(one_backend("min_rate: 1MiB, body_timeout: 5s", "read_timeout: 3s", "timeout: 4s"));
    const auto client = listening(rig);
    for (int minute = 0; minute < 60; ++minute) {
        rig.advance(60s);
        CHECK_EQ(rig.answer(client, chunk("data: tick\n\n")), chunk("data: tick\n\n"));
    }
    CHECK_EQ(rig.answer(client, "0\r\n\r\n"), "0\r\n\r\n");
    CHECK_EQ(rig.ended(Outcome::ok), 1);
    rig.ask(client, kGet);
    CHECK(has(rig.answer(client), "\r\n\r\nok"));  // both connections live on
    CHECK_EQ(rig.backends.size(), 1);
}

TEST_CASE("a silent live stream holds no slab and no config") {
    ProxyRig rig;
    std::weak_ptr<const proxy::Snapshot> old;
    {
        const auto loaded = config::parse(kOneBackend, "rig.yaml");
        std::shared_ptr<const proxy::Snapshot> snapshot = std::move(*server::compile(*loaded.config, rig.living, 1));
        old = snapshot;
        rig.engine->adopt(std::move(snapshot));
    }
    const auto client = listening(rig);
    rig.answer(client, chunk("data: first\n\n"));
    CHECK_LE(rig.loop.slabs().bytes_in_use(), SlabStore::kCapacity);  // what the worker writes heads into
    const auto loaded = config::parse(kOneBackend, "rig.yaml");
    rig.engine->adopt(std::move(*server::compile(*loaded.config, rig.living, 1)));
    CHECK(old.expired());
    CHECK_EQ(rig.answer(client, chunk("data: second\n\n")), chunk("data: second\n\n"));
    CHECK_EQ(rig.engine->exchanges(), 1);
}

TEST_CASE("a live stream ends when nobody has said anything for stream_idle") {
    ProxyRig rig(one_backend("", "", "stream_idle: 5m"));
    const auto client = listening(rig);
    rig.advance(4min);
    rig.answer(client, chunk("data: still here\n\n"));
    rig.advance(4min);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(2min);
    CHECK_EQ(rig.ended(Outcome::http_response_incomplete), 1);
    CHECK(rig.backend()->closed());
    CHECK(client->saw_fin());
    CHECK_FALSE(has(client->received(), "0\r\n\r\n"));
}

TEST_CASE("a listener that does not read is given up after stream_idle, not sooner") {
    ProxyRig rig(one_backend("body_timeout: 5s, min_rate: 1MiB", "", "stream_idle: 5m"));
    const auto client = listening(rig);
    client->set_window(0);
    rig.answer(client, chunk(std::string(100'000, 'e')));
    rig.advance(4min);
    CHECK_EQ(rig.engine->exchanges(), 1);
    rig.advance(2min);
    CHECK_EQ(rig.ended(Outcome::client_timeout), 1);
    CHECK(rig.backend()->closed());
}

TEST_CASE("a live stream is not counted among the durations of requests") {
    ProxyRig rig;
    const auto client = listening(rig);
    rig.answer(client, "0\r\n\r\n");
    const auto& cells = rig.living.registry.route("all", "app").cells(0);
    CHECK_EQ(cells.outcome(static_cast<unsigned>(Outcome::ok)), 1);
    CHECK_EQ(cells.duration().bucket(0), 0);
    rig.ask(client, kGet);
    rig.answer(client);
    CHECK_EQ(cells.duration().bucket(0), 1);
}

TEST_CASE("who leaves a live stream ends it at the backend too, whatever on_abort says") {
    for (const char* on_abort : {"cancel", "finish"}) {
        ProxyRig rig(one_backend("", "", std::string("on_abort: ") + on_abort));
        const auto client = listening(rig);
        client->finish();
        rig.run();
        CHECK(rig.backend()->closed());
        CHECK_EQ(rig.ended(Outcome::client_abort), 1);
        CHECK_EQ(rig.loop.slabs().bytes_in_use(), 0);
    }
}
