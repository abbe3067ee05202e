// LogDrain: empties the lanes that lead to one output into it, many lines a write.
// An output that has no room now keeps its lines waiting; one that fails (dead pipe, full disk) costs them, and they
// are counted. A line is never torn but by a failure, and then the next one begins on a line of its own.
// The log writer's thread, but for dropped(). Owns the output, borrows the lanes.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/log_lane.h"
#include "base/log_output.h"

namespace weir {

class LogDrain final {
 public:
    enum class State {
        idle,     // there was nothing to write
        moved,    // all that waited is written or dropped
        blocked,  // lines wait for room in the output
    };

    explicit LogDrain(int fd) : output_(fd) {}

    // Moves what waits in the lanes. A lane that left the list was empty.
    State drain(const std::vector<LogLane*>& lanes);
    // Gives up what waits: counts it as dropped.
    void abandon(const std::vector<LogLane*>& lanes);
    // For poll(2) with POLLOUT while blocked.
    int descriptor() const { return output_.descriptor(); }
    // Lines that were lost here, not those that a full lane refused. Any thread.
    uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
    bool gather(const std::vector<LogLane*>& lanes);
    bool consume(size_t count);
    bool mend_torn_line();
    void drop_gathered();

    LogOutput output_;
    std::vector<struct iovec> parts_;
    std::vector<LogLane*> owners_;  // of parts_
    LogLane* within_ = nullptr;     // the lane whose line is half written
    bool torn_ = false;             // the output ends within a line whose rest was dropped
    std::atomic<uint64_t> dropped_{0};
};

}  // namespace weir
