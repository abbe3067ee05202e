// ClientWatch: when to ask whether a client that something waits for is still there. A host that vanished sends neither
// FIN nor reset. Keep-alive is silent while data is on its way to it, and the kernel goes on for a quarter of an hour.
// A client that answers, though it reads nothing, is ReaderPatience's. It asks nobody itself. One exchange.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace weir::proxy {

class ClientWatch final {
 public:
    static constexpr Duration kEvery = std::chrono::seconds(10);  // a question is a system call
    // What keep-alive takes: 20 s, then three probes 10 s apart.
    static constexpr Duration kLongest = std::chrono::seconds(50);

    // `waiting`: something is to reach the client, since `now` or longer. True: it is time to ask, and to tell().
    bool due(TimePoint now, bool waiting) {
        if (vanished_) return false;
        if (!waiting) {
            next_ = TimePoint::max();
        } else if (next_ == TimePoint::max()) {
            next_ = now + kEvery;
        }
        return now >= next_;
    }
    // What its transport said (Transport::unanswered) when `bytes` had been written to it.
    void tell(TimePoint now, uint64_t bytes, std::optional<Duration> unanswered) {
        if (!unanswered.has_value()) arrived_ = bytes;
        vanished_ = unanswered >= kLongest;
        next_ = vanished_ ? now : now + kEvery;
    }
    // When to look again; for one that vanished, when that was found out.
    TimePoint next() const { return next_; }
    bool vanished() const { return vanished_; }
    // Bytes after which nothing was on its way any more, as far as looked.
    uint64_t arrived() const { return arrived_; }

 private:
    uint64_t arrived_ = 0;
    TimePoint next_ = TimePoint::max();
    bool vanished_ = false;
};

}  // namespace weir::proxy
