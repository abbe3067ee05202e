// RetryBudget: how many requests of a pool may be made again because they failed: a share of those of the last ten
// seconds, and always a few. Without it a pool that is ill gets twice the load just then. All workers count into the
// same eight slices of time, each of them one atomic number of its own, all on one cache line: a request is one relaxed
// add, and nothing is ordered by it, so that a few workers at once may overdraw it by one each. Part of a Pool. Any
// thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/units.h"

namespace weir::upstream {

class alignas(64) RetryBudget final {
 public:
    static constexpr Duration kWindow = std::chrono::seconds(10);
    static constexpr uint64_t kLeast = 30;  // in a window: 3 a second

    void count_request(TimePoint now) { count(now, kRequest); }
    // One retry; false: `share` of the requests is used up, and nothing was taken.
    bool try_take(TimePoint now, Percent share);

 private:
    static constexpr size_t kSlices = 8;
    static constexpr Duration kSlice = kWindow / kSlices;
    // A slice: which one it is (16 bits), retries (22), requests (26).
    static constexpr uint64_t kRequest = 1;
    static constexpr uint64_t kRetry = uint64_t{1} << 26;
    static constexpr uint64_t kNumber = uint64_t{1} << 48;

    static uint64_t number_at(TimePoint now) { return static_cast<uint64_t>(now.time_since_epoch() / kSlice) & 0xffff; }
    void count(TimePoint now, uint64_t what) {
        const uint64_t number = number_at(now);
        std::atomic<uint64_t>& slice = slices_[number % kSlices];
        if (uint64_t seen = slice.load(std::memory_order_relaxed); seen / kNumber != number) {
            // Of several who find an old slice one clears it.
            slice.compare_exchange_strong(seen, number * kNumber, std::memory_order_relaxed);
        }
        slice.fetch_add(what, std::memory_order_relaxed);
    }

    std::array<std::atomic<uint64_t>, kSlices> slices_{};
};
static_assert(sizeof(RetryBudget) == 64);

}  // namespace weir::upstream
