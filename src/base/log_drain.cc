#include "base/log_drain.h"

#include <limits.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace weir {

LogDrain::State LogDrain::drain(const std::vector<LogLane*>& lanes) {
    State state = State::idle;
    while (gather(lanes)) {
        const int count = static_cast<int>(std::min<size_t>(parts_.size(), IOV_MAX));
        const ssize_t wrote = mend_torn_line() ? output_.write(parts_.data(), count) : -1;
        if (wrote > 0) {
            if (consume(static_cast<size_t>(wrote))) return State::moved;
            state = State::moved;
        } else if (wrote == 0 || errno == EAGAIN) {
            return State::blocked;
        } else if (errno != EINTR) {
            drop_gathered();
            return State::moved;
        }
    }
    return state;
}

void LogDrain::abandon(const std::vector<LogLane*>& lanes) {
    if (gather(lanes)) drop_gathered();
}

// All that waits now, the lane whose line is half written first.
bool LogDrain::gather(const std::vector<LogLane*>& lanes) {
    parts_.clear();
    owners_.clear();
    const auto add = [this](LogLane* lane) {
        struct iovec two[2];
        const int count = lane->ring().readable(two);
        for (int i = 0; i < count; ++i) {
            parts_.push_back(two[i]);
            owners_.push_back(lane);
        }
    };
    if (within_ != nullptr) add(within_);
    for (LogLane* lane : lanes) {
        if (lane != within_) add(lane);
    }
    return !parts_.empty();
}

// Frees the first `count` gathered bytes in their lanes, and notes where that left the output. True if it was all.
bool LogDrain::consume(size_t count) {
    within_ = nullptr;
    for (size_t i = 0; i < parts_.size(); ++i) {
        const size_t taken = std::min(count, parts_[i].iov_len);
        if (taken == 0) return false;
        const char last = static_cast<const char*>(parts_[i].iov_base)[taken - 1];
        within_ = last == '\n' ? nullptr : owners_[i];
        owners_[i]->ring().consume(taken);
        if (taken < parts_[i].iov_len) return false;
        count -= taken;
    }
    return true;
}

bool LogDrain::mend_torn_line() {
    if (!torn_) return true;
    char newline = '\n';
    const struct iovec part = {&newline, 1};
    if (output_.write(&part, 1) != 1) return false;
    torn_ = false;
    return true;
}

void LogDrain::drop_gathered() {
    torn_ = torn_ || within_ != nullptr;
    within_ = nullptr;
    uint64_t lines = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
        const std::string_view bytes(static_cast<const char*>(parts_[i].iov_base), parts_[i].iov_len);
        lines += static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
        owners_[i]->ring().consume(bytes.size());
    }
    dropped_.store(dropped_.load(std::memory_order_relaxed) + lines, std::memory_order_relaxed);
}

}  // namespace weir
