// ReaderPatience: how long a client that is to take its response may be silent. A receiver opens its window in steps of
// 64 KiB and more, so what it took in its last step is allowed for at min_rate. Only time in which we wait for it
// counts. One exchange.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace weir::proxy {

class ReaderPatience final {
 public:
    static constexpr Duration kMost = std::chrono::hours(24);  // for any step

    // `waiting`: it is the client's to take bytes, of which it has taken `bytes` so far. Returns when its time is over
    // if it takes no more: `silence` (0: no limit) behind its last step, or the beginning of the wait, or longer at
    // `min_rate` bytes a second (0: never longer). TimePoint::max(): never.
    TimePoint look(TimePoint now, uint64_t bytes, bool waiting, Duration silence, uint64_t min_rate) {
        if (waiting && !waiting_) since_ = now;
        waiting_ = waiting;
        if (!waiting) return TimePoint::max();
        if (bytes > taken_) {
            step_ = bytes - taken_;
            taken_ = bytes;
            since_ = now;
        }
        if (silence == Duration::zero()) return TimePoint::max();
        return since_ + (min_rate == 0 ? silence : std::max(silence, time_for(step_, min_rate)));
    }

 private:
    static Duration time_for(uint64_t bytes, uint64_t rate) {
        const auto most = static_cast<uint64_t>(kMost / std::chrono::seconds(1));
        return std::chrono::seconds(std::min(bytes / rate, most));
    }

    TimePoint since_{};  // of its last step, as far as looked, or of the wait
    uint64_t taken_ = 0;
    uint64_t step_ = 0;
    bool waiting_ = false;
};

}  // namespace weir::proxy
