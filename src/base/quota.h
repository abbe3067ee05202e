// Quota: an amount that all workers use up together, such as connections or bytes of buffers. A relaxed atomic on a
// cache line of its own: nobody orders anything by it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace weir {

class alignas(64) Quota final {
 public:
    // 0: without end. Before anybody takes.
    void set_limit(uint64_t limit) { limit_ = limit == 0 ? UINT64_MAX : limit; }
    uint64_t limit() const { return limit_; }

    // False when that would be more than the limit: then nothing was taken.
    bool try_take(uint64_t amount) {
        if (used_.fetch_add(amount, std::memory_order_relaxed) + amount <= limit_) return true;
        give_back(amount);
        return false;
    }
    // Whatever the limit says.
    void take(uint64_t amount) { used_.fetch_add(amount, std::memory_order_relaxed); }
    void give_back(uint64_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }
    bool used_up() const { return used_.load(std::memory_order_relaxed) >= limit_; }
    uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
    std::atomic<uint64_t> used_{0};
    uint64_t limit_ = UINT64_MAX;
};

}  // namespace weir
