// IdleLesson: how long an endpoint keeps an idle connection, learned from what it does, where it does not announce it:
// the shortest idle time at which it was seen to close one. What arrives between such a close and its notice is lost,
// so nothing is sent on a connection that was idle for longer than 0.8 of that. A restart closes connections long
// before their time; so the lesson is unlearned as soon as the endpoint answers while another connection has been idle
// for clearly longer and is open. One a ConnectionPool; one thread.
#pragma once

#include "base/clock.h"

namespace weir::upstream {

class IdleLesson final {
 public:
    // It closed a connection that was idle for so long.
    void closed(Duration idle) {
        if (!known() || idle < shortest_) shortest_ = idle;
    }
    // It has just answered, so its event loop runs, and had not closed one that is idle for so long.
    void kept(Duration idle) {
        if (known() && idle > shortest_ + shortest_ / 4) shortest_ = idle;
    }
    // A connection that is idle for so long is used again.
    bool trusts(Duration idle) const { return !known() || idle <= shortest_ / 5 * 4; }

    bool known() const { return shortest_ != kUnknown; }

 private:
    static constexpr Duration kUnknown{-1};
    Duration shortest_ = kUnknown;
};

}  // namespace weir::upstream
