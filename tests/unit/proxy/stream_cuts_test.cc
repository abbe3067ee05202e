// What a client is told when its stream ends before its response does, where a stream can say why.
#include <cerrno>
#include <string>

#include "tests/support/memory_codec.h"
#include "tests/support/proxy_rig.h"
#include "tests/support/test_policies.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;
using http::ResetReason;
using proxy::Outcome;

namespace {

constexpr std::string_view kBegun = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

// A stream that has sent a head; where it is an upload its body follows.
struct Scene {
    explicit Scene(std::string_view limits = "", std::string_view pool = "", std::string_view route = "",
                   const ProxyRig::Change& change = nullptr)
        : rig(one_backend(limits, pool, route), change), connection(*rig.engine, *rig.plan) {}

    MemoryStream& begin(size_t length = 0) {
        MemoryStream& stream = connection.open();
        stream.ask(length == 0 ? "GET" : "POST", "/", length);
        connection.begin(stream);
        rig.run();
        return stream;
    }
    void answer(std::string_view bytes) {
        rig.backend()->send(bytes);
        rig.run();
    }

    ProxyRig rig;
    MemoryConnection connection;
};

// Takes a stream whose response has begun to its end.
struct Row {
    const char* what;
    void (*happens)(Scene&, MemoryStream&);
    Outcome outcome;
    ResetReason reason;
};
const Row kCuts[] = {
    {"the backend ends within its body",
     [](Scene& scene, MemoryStream&) {
         scene.rig.backend()->finish();
         scene.rig.run();
     },
     Outcome::http_response_incomplete, ResetReason::internal},
    {"the backend falls silent within its body",
     [](Scene& scene, MemoryStream& stream) {
         stream.finish();
         stream.take();
         scene.rig.advance(3100ms);
     },
     Outcome::http_response_incomplete, ResetReason::internal},
    {"the route's time is over",
     [](Scene& scene, MemoryStream& stream) {
         for (int second = 0; second < 21; ++second) {
             scene.answer("1\r\nx\r\n");
             stream.take();
             scene.rig.advance(1s);
         }
     },
     Outcome::http_response_timeout, ResetReason::internal},
    {"the backend breaks its framing", [](Scene& scene, MemoryStream&) { scene.answer("zz\r\n"); },
     Outcome::http_protocol_error, ResetReason::internal},
    {"the client breaks the protocol", [](Scene&, MemoryStream& stream) { stream.break_protocol(); },
     Outcome::http_request_error, ResetReason::protocol},
    {"the client takes nothing",
     [](Scene& scene, MemoryStream&) {
         scene.answer("0\r\n\r\n");
         scene.rig.advance(5100ms);
     },
     Outcome::client_timeout, ResetReason::too_slow},
    {"the client owes its body",
     [](Scene& scene, MemoryStream& stream) {
         stream.take();
         scene.rig.advance(2600ms);
         scene.rig.advance(2600ms);
     },
     Outcome::client_timeout, ResetReason::too_slow},
    {"the client resets the stream", [](Scene&, MemoryStream& stream) { stream.cancel(); }, Outcome::client_abort,
     ResetReason::cancel},
    {"a policy refuses what comes of the request",
     [](Scene& scene, MemoryStream& stream) {
         stream.send(std::string(2000, 'u'));
         scene.rig.run();
     },
     Outcome::local, ResetReason::cancel},
    {"the daemon's time is up", [](Scene& scene, MemoryStream&) { scene.connection.cut(); }, Outcome::shutdown,
     ResetReason::cancel},
};

}  // namespace

TEST_CASE("a response that is cut says why, and its backend's connection is not used again") {
    for (const Row& row : kCuts) {
        CAPTURE(row.what);
        // The shorter of both silences is to blame.
        const bool owes = row.outcome == Outcome::client_timeout;
        Scene scene(owes ? "body_timeout: 5s" : "body_timeout: 1h", owes ? "read_timeout: 1h" : "read_timeout: 3s",
                    "max_body: 1000, timeout: 20s");
        MemoryStream& stream = scene.begin(SIZE_MAX);
        scene.answer(kBegun);
        REQUIRE_EQ(stream.statuses(), std::vector<int>{200});
        REQUIRE_FALSE(stream.cut().has_value());
        row.happens(scene, stream);
        REQUIRE(stream.released());
        REQUIRE(stream.cut().has_value());
        CHECK_EQ(static_cast<int>(*stream.cut()), static_cast<int>(row.reason));
        CHECK_EQ(scene.rig.ended(row.outcome), 1);
        CHECK(scene.rig.backend()->closed());
        CHECK_EQ(scene.connection.running(), 0);
    }
}

TEST_CASE("what was queued before a cut is there still, but not behind a reset") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        Scene scene;
        MemoryStream& stream = scene.begin();
        scene.answer(kBegun);
        if (reset) {
            stream.cancel();
        } else {
            scene.rig.backend()->finish();
            scene.rig.run();
        }
        REQUIRE(stream.released());
        stream.take();
        CHECK_EQ(stream.taken(), reset ? "" : "abc");
    }
}

TEST_CASE("a stream that is cut before anybody acted on it is refused, so that its client may ask again") {
    for (const bool connected : {false, true}) {
        CAPTURE(connected);
        Scene scene;
        scene.rig.accept_dials = connected;
        MemoryStream& stream = scene.begin();
        scene.connection.cut();
        CHECK(stream.cut() == (connected ? ResetReason::cancel : ResetReason::refused));
        CHECK_EQ(scene.rig.ended(Outcome::shutdown), 1);
    }
}

TEST_CASE("a stream whose policies were asked was acted on") {
    PolicyWatch watch;
    Scene scene("", "", "", [&](proxy::Snapshot& snapshot) {
        snapshot.routes[0].policies.push_back(std::make_unique<WaitingPolicy>(watch, 10s));
    });
    MemoryStream& stream = scene.begin();
    CHECK_EQ(watch.jobs, 1);
    scene.connection.cut();
    CHECK(stream.cut() == ResetReason::cancel);
    CHECK_EQ(watch.jobs, 0);
}

TEST_CASE("an answer of weir's own that was cut says so too, and one that was taken says nothing") {
    for (const bool taken : {false, true}) {
        CAPTURE(taken);
        Scene scene("body_timeout: 5s");
        scene.rig.accept_dials = false;
        MemoryStream& stream = scene.begin();
        scene.rig.backend()->refuse(ECONNREFUSED);
        scene.rig.run();
        CHECK_EQ(stream.statuses(), std::vector<int>{502});
        if (taken) {
            stream.take();
        } else {
            scene.rig.advance(5100ms);
        }
        REQUIRE(stream.released());
        CHECK(stream.cut() == (taken ? std::nullopt : std::optional(ResetReason::too_slow)));
        CHECK_EQ(scene.rig.ended(taken ? Outcome::connection_refused : Outcome::client_timeout), 1);
    }
}
