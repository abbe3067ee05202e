// LineRing: whole lines on their way from the one thread that makes them to the one that writes them out.
// A line is there with all its bytes or not at all; when there is no room the producer is told at once and goes on.
// The producer writes every line in one piece: past the ring's end stands a spare stretch as long as the longest line,
// and what came to lie there is copied to the front when the line is committed.
// Knows nothing of files, and does not count what was dropped. One producer thread, one consumer thread.
#pragma once

#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"

namespace weir {

class LineRing final {
 public:
    // `capacity` is a power of two; no line is longer than `longest`, which is at most half of it.
    LineRing(size_t capacity, size_t longest)
        : mask_(capacity - 1), longest_(longest), bytes_(new char[capacity + longest]) {
        CHECK(capacity > 0 && (capacity & mask_) == 0);
        CHECK(longest > 0 && longest <= capacity / 2);
    }
    LineRing(const LineRing&) = delete;
    LineRing& operator=(const LineRing&) = delete;

    size_t capacity() const { return mask_ + 1; }

    // Producer. Room for one line of up to `longest` bytes, or null while less than that is free.
    char* reserve() {
        if (capacity() - used() < longest_) {
            seen_tail_ = tail_.load(std::memory_order_acquire);
            if (capacity() - used() < longest_) return nullptr;
        }
        return bytes_.get() + (own_head_ & mask_);
    }
    // Producer. Makes the first `size` bytes of what reserve() gave visible to the consumer.
    void commit(size_t size) {
        CHECK(size <= longest_);
        const size_t at = own_head_ & mask_;
        if (at + size > capacity()) std::memcpy(bytes_.get(), bytes_.get() + capacity(), at + size - capacity());
        own_head_ += size;
        // Sequentially consistent, not only release: the producer asks next whether the consumer sleeps, and the
        // consumer looks at empty() once more after it said so. One of the two has to see the other.
        head_.store(own_head_, std::memory_order_seq_cst);
    }
    // Producer. All of `line`, or false.
    bool try_write(std::string_view line) {
        if (line.size() > longest_) return false;
        char* room = reserve();
        if (room == nullptr) return false;
        std::memcpy(room, line.data(), line.size());
        commit(line.size());
        return true;
    }
    // Producer. Whether more than half is taken.
    bool over_half() {
        if (used() <= capacity() / 2) return false;
        seen_tail_ = tail_.load(std::memory_order_acquire);
        return used() > capacity() / 2;
    }

    // Consumer. The bytes that wait, oldest first, in up to two stretches; returns their number. They end where a
    // line ends, and begin where one begins unless consume() stopped within one.
    int readable(struct iovec* two) const {
        const size_t tail = tail_.load(std::memory_order_relaxed);
        const size_t size = head_.load(std::memory_order_acquire) - tail;
        if (size == 0) return 0;
        const size_t at = tail & mask_;
        const size_t first = size < capacity() - at ? size : capacity() - at;
        two[0] = {bytes_.get() + at, first};
        if (first == size) return 1;
        two[1] = {bytes_.get(), size - first};
        return 2;
    }
    // Consumer. Frees the oldest `count` bytes of what readable() gave.
    void consume(size_t count) {
        const size_t tail = tail_.load(std::memory_order_relaxed);
        CHECK(count <= head_.load(std::memory_order_relaxed) - tail);
        tail_.store(tail + count, std::memory_order_release);
    }
    // Consumer.
    bool empty() const { return head_.load(std::memory_order_seq_cst) == tail_.load(std::memory_order_relaxed); }

 private:
    static constexpr size_t kLine = 64;  // of the cache
    size_t used() const { return own_head_ - seen_tail_; }

    const size_t mask_;
    const size_t longest_;
    const std::unique_ptr<char[]> bytes_;
    // Bytes ever written and read. Each side's own cache line: what one side writes often the other reads seldom.
    alignas(kLine) std::atomic<size_t> head_{0};
    size_t own_head_ = 0;   // producer's: head_ without an atomic load
    size_t seen_tail_ = 0;  // producer's: tail_ when it was last looked at
    alignas(kLine) std::atomic<size_t> tail_{0};
};

}  // namespace weir
