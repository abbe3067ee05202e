#include "server/limits.h"

#include "tests/support/doctest.h"

using namespace weir::server;

TEST_CASE("each worker needs open files of its own, and one for each listener") {
    CHECK_EQ(files_needed(8, 3) - files_needed(7, 3), files_needed(1, 3) - files_needed(0, 3));
    CHECK_EQ(files_needed(8, 3) - files_needed(8, 2), 8);
}

TEST_CASE("a quota of a control group is rounded up to whole CPUs, and anything else is none") {
    struct Row {
        const char* text;
        unsigned cpus;
    };
    const Row rows[] = {{"max 100000", kNoQuota}, {"100000 100000", 1},    {"150000 100000", 2},
                        {"50000 100000", 1},      {"400000 100000", 4},    {"1 100000", 1},
                        {"100000 0", kNoQuota},   {"", kNoQuota},          {"100000", kNoQuota},
                        {"x y", kNoQuota},        {"-1 100000", kNoQuota}, {"18446744073709551615 100000", kNoQuota}};
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK_EQ(quota_cpus(row.text), row.cpus);
    }
}

TEST_CASE("there is at least one CPU to use") {
    CHECK_GE(usable_cpus(), 1);
}
