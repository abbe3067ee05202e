#include "base/quota.h"

#include <vector>

#include "base/slab.h"

#include "tests/support/doctest.h"

using namespace weir;

TEST_CASE("a quota gives what is left of it and no more") {
    Quota quota;
    quota.set_limit(3);
    CHECK(quota.try_take(2));
    CHECK_FALSE(quota.try_take(2));
    CHECK_EQ(quota.used(), 2);
    CHECK_FALSE(quota.used_up());
    CHECK(quota.try_take(1));
    CHECK(quota.used_up());
    quota.take(2);
    CHECK_EQ(quota.used(), 5);
    quota.give_back(3);
    CHECK(quota.try_take(1));
}

TEST_CASE("a quota without a limit is never used up") {
    Quota quota;
    quota.set_limit(0);
    CHECK(quota.try_take(1'000'000'000'000));
    CHECK_FALSE(quota.used_up());
}

TEST_CASE("two stores share one quota, and take no more than three eighths of it too early") {
    Quota quota;
    constexpr size_t kLimit = 1024 * 1024;
    quota.set_limit(kLimit);
    SlabStore one, two;
    one.share(quota, 2);
    two.share(quota, 2);
    CHECK_FALSE(one.is_short());
    std::vector<SlabRef> slabs;
    while (!one.is_short()) {
        slabs.push_back(slabs.size() % 2 == 0 ? one.take() : two.take());
        const size_t lent = one.bytes_in_use() + two.bytes_in_use();
        CHECK_GE(quota.used(), lent);
        CHECK_LE(quota.used(), lent + 3 * kLimit / 8);
        REQUIRE_LT(slabs.size(), 100);
    }
    CHECK(two.is_short());
    CHECK(one.was_short());
    CHECK_FALSE(one.was_short());
    slabs.push_back(one.take(300'000));  // who can not wait gets it all the same
    CHECK_GE(quota.used(), one.bytes_in_use() + two.bytes_in_use());
    slabs.clear();
    CHECK_FALSE(one.is_short());
    CHECK_LE(quota.used(), 3 * kLimit / 8);
}

TEST_CASE("a store that goes gives its part of the quota back") {
    Quota quota;
    {
        SlabStore store;
        store.share(quota, 1);
        const SlabRef slab = store.take();
        CHECK_GT(quota.used(), 0);
    }
    CHECK_EQ(quota.used(), 0);
}
