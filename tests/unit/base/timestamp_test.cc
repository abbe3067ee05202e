#include "base/timestamp.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;

TEST_CASE("timestamps are RFC 3339 in UTC with milliseconds") {
    struct Row {
        int64_t seconds;
        int ms;
        const char* text;
    };
    const Row rows[] = {
        {0, 0, "1970-01-01T00:00:00.000Z"},
        {1'700'000'000, 7, "2023-11-14T22:13:20.007Z"},
        {1'709'210'096, 999, "2024-02-29T12:34:56.999Z"},
        {4'102'444'799, 123, "2099-12-31T23:59:59.123Z"},
        {-1, 500, "1969-12-31T23:59:59.500Z"},
    };
    Timestamp stamp;
    for (const Row& row : rows) {
        const WallTime time{std::chrono::seconds(row.seconds) + std::chrono::milliseconds(row.ms)};
        CHECK_EQ(stamp.text(time), row.text);
        CHECK_EQ(stamp.text(time + 999us), row.text);
    }
}

TEST_CASE("a timestamp follows the clock over the end of a second, and back") {
    Timestamp stamp;
    const WallTime time{1'700'000'000s + 999ms};
    CHECK_EQ(stamp.text(time), "2023-11-14T22:13:20.999Z");
    CHECK_EQ(stamp.text(time + 1ms), "2023-11-14T22:13:21.000Z");
    CHECK_EQ(stamp.text(time), "2023-11-14T22:13:20.999Z");
}
