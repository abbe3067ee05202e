#include "upstream/retry_budget.h"

#include <thread>
#include <vector>

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;
using upstream::RetryBudget;

namespace {

const TimePoint kBegin = TimePoint() + 1000s;

unsigned take_all(RetryBudget& budget, TimePoint now, Percent share = percent(20)) {
    unsigned taken = 0;
    while (taken < 100'000 && budget.try_take(now, share)) ++taken;
    return taken;
}
void count(RetryBudget& budget, TimePoint now, unsigned requests) {
    for (unsigned i = 0; i < requests; ++i) budget.count_request(now);
}

}  // namespace

TEST_CASE("a pool without requests may make three a second again") {
    RetryBudget budget;
    CHECK_EQ(take_all(budget, kBegin), 30);
    CHECK_EQ(take_all(budget, kBegin + 5s), 0);
    CHECK_EQ(take_all(budget, kBegin + 10s), 30);
    CHECK_EQ(take_all(budget, kBegin + 10s, percent(0)), 0);
}

TEST_CASE("of many requests the share may be made again, over ten seconds") {
    RetryBudget budget;
    for (int i = 0; i < 10; ++i) count(budget, kBegin + i * 1s, 100);
    CHECK_EQ(take_all(budget, kBegin + 9s), 200);
    count(budget, kBegin + 9s, 50);
    CHECK_EQ(take_all(budget, kBegin + 9s), 10);
    CHECK_EQ(take_all(budget, kBegin + 30s), 30);
    RetryBudget half;
    count(half, kBegin, 1000);
    CHECK_EQ(take_all(half, kBegin, Percent{50}), 30);
    CHECK_EQ(take_all(half, kBegin, percent(100)), 970);
}

TEST_CASE("workers that count at once lose nothing") {
    RetryBudget budget;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) workers.emplace_back([&budget] { count(budget, kBegin, 25'000); });
    for (std::thread& worker : workers) worker.join();
    CHECK_EQ(take_all(budget, kBegin), 20'000);
}
