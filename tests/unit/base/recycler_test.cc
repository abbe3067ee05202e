#include "base/recycler.h"

#include <vector>

#include "base/slab.h"

#include "tests/support/doctest.h"

using namespace weir;

namespace {

std::vector<std::unique_ptr<int>> take(Recycler<int>& from, size_t count) {
    std::vector<std::unique_ptr<int>> taken;
    for (size_t i = 0; i < count; ++i) taken.push_back(from.take());
    return taken;
}

void give_back(Recycler<int>& to, std::vector<std::unique_ptr<int>> objects) {
    for (auto& object : objects) to.give_back(std::move(object));
}

}  // namespace

TEST_CASE("a recycler lends what came back last, and keeps no more than it may") {
    Recycler<int> recycler(2);
    CHECK(recycler.take() == nullptr);
    for (int i = 0; i < 3; ++i) recycler.give_back(std::make_unique<int>(i));
    CHECK_EQ(*recycler.take(), 1);
    CHECK_EQ(*recycler.take(), 0);
    CHECK(recycler.take() == nullptr);
}

TEST_CASE("trim deletes what nobody needed since the last one, and keeps a few") {
    Recycler<int> recycler;
    for (int i = 0; i < 100; ++i) recycler.give_back(std::make_unique<int>(i));
    CHECK_EQ(recycler.trim(), 0);  // they came since
    give_back(recycler, take(recycler, 60));
    CHECK_EQ(recycler.trim(), 100 - 60 - Recycler<int>::kKept);
    CHECK(recycler.may_trim());
    CHECK_EQ(recycler.trim(), 60);
    CHECK_FALSE(recycler.may_trim());
    CHECK_EQ(recycler.trim(), 0);
    CHECK_EQ(take(recycler, Recycler<int>::kKept).back() == nullptr, false);
    CHECK(recycler.take() == nullptr);
}

TEST_CASE("a slab store frees the slabs that a crowd left") {
    SlabStore store;
    {
        std::vector<SlabRef> crowd;
        for (int i = 0; i < 50; ++i) crowd.push_back(store.take());
    }
    CHECK_EQ(store.trim(), 0);
    CHECK_EQ(store.trim(), (50 - Recycler<Slab>::kKept) * SlabStore::kSlabBytes);
    CHECK_FALSE(store.may_trim());
}
