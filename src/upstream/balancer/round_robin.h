// RoundRobin: one endpoint after the other, exact over all workers: they share the cursor.
// Knows nothing of health or weights. Any worker.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir::upstream {

class RoundRobin final {
 public:
    // An index below `count`, which is not 0.
    size_t next(size_t count) { return cursor_.fetch_add(1, std::memory_order_relaxed) % count; }

 private:
    // Shared by all workers, because a cursor for each would give every endpoint its turn only per worker. On its own
    // cache line, so that sharing it costs that one line and no neighbour.
    alignas(64) std::atomic<uint64_t> cursor_{0};
};

}  // namespace weir::upstream
