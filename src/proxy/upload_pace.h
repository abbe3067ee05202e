// UploadPace: whether a client sends its request body at least at min_rate. Only time in which we wait for it counts,
// in windows of ten seconds of it: a backend that is slow is not the client's fault, and an answer that goes on excuses
// it. Told what happened, it says when to look again. One exchange.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace weir::proxy {

class UploadPace final {
 public:
    static constexpr Duration kWindow = std::chrono::seconds(10);

    void begin(TimePoint now, uint64_t bytes) { *this = UploadPace{now, bytes}; }
    // `bytes` came so far; `waiting`: from now on we wait for more; the answer moved at `excused`, which ends a window
    // unjudged. False from when one ended that had less than `min_rate` bytes a second: asked again it says the same.
    bool look(TimePoint now, uint64_t bytes, bool waiting, uint64_t min_rate, TimePoint excused) {
        if (excused > begun_) begin(now, bytes);
        if (waiting_) waited_ += now - since_;
        since_ = now;
        waiting_ = waiting;
        if (slow_ || waited_ < kWindow) return !slow_;
        const uint64_t came = bytes - bytes_at_begin_;
        begun_ = now;
        waited_ = Duration::zero();
        bytes_at_begin_ = bytes;
        slow_ = came < min_rate * static_cast<uint64_t>(kWindow / std::chrono::seconds(1));
        return !slow_;
    }
    // When the window ends if the wait goes on.
    TimePoint window_end() const { return waiting_ ? since_ + (kWindow - waited_) : TimePoint::max(); }

    UploadPace() = default;

 private:
    UploadPace(TimePoint now, uint64_t bytes) : begun_(now), since_(now), bytes_at_begin_(bytes) {}
    TimePoint begun_{};  // the window
    TimePoint since_{};  // the last look
    Duration waited_{};
    uint64_t bytes_at_begin_ = 0;
    bool waiting_ = false;
    bool slow_ = false;
};

}  // namespace weir::proxy
