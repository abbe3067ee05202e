#include "base/ring.h"

#include <string>
#include <thread>

#include "tests/support/doctest.h"

using namespace weir;

namespace {
// All that waits, taken out.
std::string take(LineRing& ring) {
    struct iovec two[2];
    std::string bytes;
    const int count = ring.readable(two);
    for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(two[i].iov_base), two[i].iov_len);
    ring.consume(bytes.size());
    return bytes;
}
}  // namespace

TEST_CASE("line ring gives lines back in order and whole") {
    LineRing ring(64, 16);
    CHECK(ring.empty());
    CHECK(ring.try_write("first\n"));
    CHECK(ring.try_write("second\n"));
    CHECK_FALSE(ring.empty());
    CHECK_EQ(take(ring), "first\nsecond\n");
    CHECK(ring.empty());
}

TEST_CASE("line ring keeps a line that runs over its end in two stretches") {
    LineRing ring(64, 16);
    std::string expected;
    for (int round = 0; round < 40; ++round) {
        const std::string line = "line " + std::to_string(round) + " ends\n";
        REQUIRE(ring.try_write(line));
        CHECK_EQ(take(ring), line);
    }
    // 60 bytes taken of 64: the next line wraps.
    LineRing wraps(64, 16);
    for (int i = 0; i < 4; ++i) REQUIRE(wraps.try_write("0123456789abcd\n"));
    take(wraps);
    REQUIRE(wraps.try_write("over the edge\n"));
    struct iovec two[2];
    CHECK_EQ(wraps.readable(two), 2);
    CHECK_EQ(take(wraps), "over the edge\n");
}

TEST_CASE("line ring refuses a line when less than the longest line is free and takes it after room was made") {
    LineRing ring(64, 16);
    int taken = 0;
    while (ring.try_write("0123456789\n")) ++taken;
    CHECK_EQ(taken, 5);  // 55 of 64 bytes; 9 free
    CHECK_EQ(ring.reserve(), nullptr);
    struct iovec two[2];
    ring.readable(two);
    ring.consume(11);
    CHECK(ring.try_write("0123456789\n"));
}

TEST_CASE("line ring refuses a line longer than its longest") {
    LineRing ring(64, 16);
    CHECK_FALSE(ring.try_write("more than sixteen bytes\n"));
    CHECK(ring.empty());
}

TEST_CASE("line ring knows when more than half is taken") {
    LineRing ring(64, 16);
    REQUIRE(ring.try_write("0123456789abcde\n"));
    REQUIRE(ring.try_write("0123456789abcde\n"));
    CHECK_FALSE(ring.over_half());
    REQUIRE(ring.try_write("x\n"));
    CHECK(ring.over_half());
    take(ring);
    CHECK_FALSE(ring.over_half());
}

TEST_CASE("line ring loses and mixes nothing between two threads") {
    constexpr int kLines = 20'000;
    LineRing ring(1024, 64);
    std::thread producer([&ring] {
        for (int i = 0; i < kLines; ++i) {
            const std::string line = std::string(static_cast<size_t>(i % 40), 'x') + std::to_string(i) + "\n";
            while (!ring.try_write(line)) std::this_thread::yield();
        }
    });
    std::string all;
    std::string expected;
    for (int i = 0; i < kLines; ++i)
        expected += std::string(static_cast<size_t>(i % 40), 'x') + std::to_string(i) + "\n";
    while (all.size() < expected.size()) {
        const std::string some = take(ring);
        if (some.empty()) std::this_thread::yield();
        if (!some.empty()) REQUIRE_EQ(some.back(), '\n');
        all += some;
    }
    producer.join();
    CHECK(all == expected);
    CHECK(ring.empty());
}
