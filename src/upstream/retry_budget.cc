#include "upstream/retry_budget.h"

#include <algorithm>

namespace weir::upstream {

bool RetryBudget::try_take(TimePoint now, Percent share) {
    const uint64_t number = number_at(now);
    uint64_t requests = 0;
    uint64_t retries = 0;
    for (const std::atomic<uint64_t>& slice : slices_) {
        const uint64_t seen = slice.load(std::memory_order_relaxed);
        if (((number - seen / kNumber) & 0xffff) >= kSlices) continue;
        requests += seen % kRetry;
        retries += seen % kNumber / kRetry;
    }
    if (retries >= std::max(kLeast, share.of(requests))) return false;
    count(now, kRetry);
    return true;
}

}  // namespace weir::upstream
