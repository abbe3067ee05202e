// LogLane: one thread's way to one log output: a ring, a count of the lines that found it full, and the bell that
// wakes the writer thread. Writing a line is a copy and two atomics; the bell costs a system call only when the writer
// sleeps, or naps while the ring fills up.
// A lane belongs to a LogWriter; it is written by the one thread it was attached for and drained by the writer.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/ring.h"

namespace weir {

// What the writer thread waits on.
class LogBell final {
 public:
    LogBell();
    ~LogBell();
    LogBell(const LogBell&) = delete;
    LogBell& operator=(const LogBell&) = delete;

    // Producers, after each line.
    void line_written(LineRing& ring) {
        const Writer writer = writer_.load(std::memory_order_seq_cst);
        if (writer == Writer::sleeps || (writer == Writer::naps && ring.over_half())) wake();
    }
    // Any thread: ends a wait that runs or comes.
    void wake();

    // Writer. Says that it naps: only a filling ring or wake() ends that early.
    void about_to_nap() { writer_.store(Writer::naps, std::memory_order_seq_cst); }
    // Writer. Says that it sleeps until the next line; to be followed by a last look at the rings.
    void about_to_sleep() { writer_.store(Writer::sleeps, std::memory_order_seq_cst); }
    // Writer. It is awake: nobody needs to ring.
    void awake() { writer_.store(Writer::works, std::memory_order_seq_cst); }
    // Writer. The descriptor that is readable after wake(), and how that is taken back.
    int descriptor() const { return event_; }
    void silence();

 private:
    enum class Writer : uint8_t { works, naps, sleeps };
    std::atomic<Writer> writer_{Writer::works};
    int event_;
};

class LogLane final {
 public:
    static constexpr size_t kLongestLine = 8 * 1024;

    LogLane(LogBell& bell, size_t capacity) : bell_(bell), ring_(capacity, kLongestLine) {}

    // Producer. Room of kLongestLine bytes to make a line in, or null: the ring is full, the line is counted as
    // dropped. end_line() follows, or nothing when there is to be no line.
    char* begin_line() {
        char* room = ring_.reserve();
        if (room == nullptr) count_drop();
        return room;
    }
    // Producer. The line is `size` bytes, the last of them its only '\n'.
    void end_line(size_t size) {
        ring_.commit(size);
        bell_.line_written(ring_);
    }
    // Producer. A line made elsewhere; false when it was dropped (and counted).
    bool write(std::string_view line) {
        if (!ring_.try_write(line)) {
            count_drop();
            return false;
        }
        bell_.line_written(ring_);
        return true;
    }
    // Any thread.
    uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    // The writer's end.
    LineRing& ring() { return ring_; }

 private:
    void count_drop() { dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
    LogBell& bell_;
    LineRing ring_;
    std::atomic<uint64_t> dropped_{0};  // written by the producer alone
};

}  // namespace weir
