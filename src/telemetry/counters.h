// Counter, Gauge, Histogram: numbers that one thread writes and any thread reads. An update is a load, an add and a
// store: no locked instruction, for nobody else writes. PerWorker holds one block of them for each worker.
// Not here: labels and names (registry.h), text (exposition.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/check.h"
#include "base/clock.h"

namespace weir::telemetry {

class Counter final {
 public:
    void add(uint64_t by = 1) { value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
    uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<uint64_t> value_{0};
};

// One worker's share of what is there now; what counts is the sum over the workers.
class Gauge final {
 public:
    void add(int64_t by) { value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
    int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<int64_t> value_{0};
};

// How many observations were at most so long; the last bucket has no bound.
class Histogram final {
 public:
    static constexpr std::array<Duration, 15> kBounds = {std::chrono::microseconds(1'000),
                                                         std::chrono::microseconds(2'500),
                                                         std::chrono::microseconds(5'000),
                                                         std::chrono::microseconds(10'000),
                                                         std::chrono::microseconds(25'000),
                                                         std::chrono::microseconds(50'000),
                                                         std::chrono::microseconds(100'000),
                                                         std::chrono::microseconds(250'000),
                                                         std::chrono::microseconds(500'000),
                                                         std::chrono::seconds(1),
                                                         std::chrono::microseconds(2'500'000),
                                                         std::chrono::seconds(5),
                                                         std::chrono::seconds(10),
                                                         std::chrono::seconds(30),
                                                         std::chrono::seconds(60)};

    // Negative counts as zero.
    void observe(Duration took) {
        size_t bucket = 0;
        while (bucket < kBounds.size() && took > kBounds[bucket]) ++bucket;
        buckets_[bucket].add();
        if (took > Duration::zero()) nanoseconds_.add(static_cast<uint64_t>(took.count()));
    }
    uint64_t bucket(size_t index) const { return buckets_[index].value(); }
    uint64_t nanoseconds() const { return nanoseconds_.value(); }

 private:
    std::array<Counter, kBounds.size() + 1> buckets_;
    Counter nanoseconds_;
};

// A block of cells for each worker, made by that worker when it first needs it. No locks: a worker only touches its
// own slot, and whoever sums up sees either nothing or a whole block.
template <typename Cells>
class PerWorker final {
 public:
    explicit PerWorker(unsigned workers) : workers_(workers), slots_(new std::atomic<Cells*>[workers]()) {}
    ~PerWorker() {
        each([](const Cells& cells) { delete &cells; });
    }
    PerWorker(const PerWorker&) = delete;
    PerWorker& operator=(const PerWorker&) = delete;

    // On that worker's thread.
    Cells& of(unsigned worker) {
        CHECK(worker < workers_);
        Cells* cells = slots_[worker].load(std::memory_order_relaxed);
        return __builtin_expect(cells != nullptr, 1) ? *cells : make(worker);
    }
    // Calls visit(const Cells&) for each block there is; returns their number. Any thread.
    template <typename Visit>
    unsigned each(Visit visit) const {
        unsigned visited = 0;
        for (unsigned worker = 0; worker < workers_; ++worker) {
            const Cells* cells = slots_[worker].load(std::memory_order_acquire);
            if (cells == nullptr) continue;
            visit(*cells);
            ++visited;
        }
        return visited;
    }

 private:
    Cells& make(unsigned worker) {
        auto* cells = new Cells();
        slots_[worker].store(cells, std::memory_order_release);
        return *cells;
    }
    const unsigned workers_;
    const std::unique_ptr<std::atomic<Cells*>[]> slots_;
};

}  // namespace weir::telemetry
