#include "proxy/reader_patience.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using proxy::ReaderPatience;

namespace {
constexpr TimePoint kStart = TimePoint(1000s);
constexpr TimePoint kNever = TimePoint::max();
}  // namespace

TEST_CASE("a reader's silence counts from its last step, and only while it is waited for") {
    ReaderPatience reader;
    CHECK_EQ(reader.look(kStart, 0, false, 30s, 0), kNever);
    CHECK_EQ(reader.look(kStart + 100s, 0, true, 30s, 0), kStart + 130s);
    CHECK_EQ(reader.look(kStart + 110s, 0, true, 30s, 0), kStart + 130s);
    CHECK_EQ(reader.look(kStart + 120s, 1, true, 30s, 0), kStart + 150s);
    CHECK_EQ(reader.look(kStart + 125s, 1, false, 30s, 0), kNever);
    CHECK_EQ(reader.look(kStart + 500s, 1, true, 30s, 0), kStart + 530s);
}

TEST_CASE("a reader's large step is allowed for at min_rate, a day at most, and a small one shortens nothing") {
    struct Row {
        uint64_t bytes, rate;
        Duration longest;
    };
    const Row rows[] = {{128 * 29, 128, 30s}, {128 * 31, 128, 31s}, {65'536, 128, 512s},      {100'000, 1, 24h},
                        {UINT64_MAX, 1, 24h}, {65'536, 0, 30s},     {65'536, UINT64_MAX, 30s}};
    for (const Row& row : rows) {
        CAPTURE(row.bytes);
        CAPTURE(row.rate);
        ReaderPatience reader;
        CHECK_EQ(reader.look(kStart, row.bytes, true, 30s, row.rate), kStart + row.longest);
    }
}

TEST_CASE("without a limit a reader may be silent for ever") {
    ReaderPatience reader;
    CHECK_EQ(reader.look(kStart, 1'000'000, true, 0s, 128), kNever);
}
