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

TEST_CASE("half of the open files are for clients, when 100, the listening sockets and the pipes are taken off") {
    CHECK_EQ(most_connections(1024, 2), (1024 - 100 - 2 - 256) / 2);
    CHECK_EQ(most_connections(1'048'576, 16), (1'048'576 - 100 - 16 - 256) / 2);
    CHECK_EQ(most_connections(100, 2), 1);
}

TEST_CASE("the memory limit of a control group is a number of bytes, and anything else is none") {
    CHECK_EQ(memory_limit("1073741824"), 1'073'741'824);
    CHECK_EQ(memory_limit("0"), 0);
    for (const char* text : {"max", "", "-1", "1G", "99999999999999999999"}) CHECK_EQ(memory_limit(text), UINT64_MAX);
    CHECK_GT(usable_memory(), 16 * 1024 * 1024);
    CHECK_LT(usable_memory(), UINT64_MAX);
}

TEST_CASE("there is at least one CPU to use") {
    CHECK_GE(usable_cpus(), 1);
}
