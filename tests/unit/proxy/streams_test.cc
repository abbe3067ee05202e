// Exchanges over a connection that carries many streams at once: the exchange does not know the difference.
#include <string>

#include "tests/support/memory_codec.h"
#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;

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
