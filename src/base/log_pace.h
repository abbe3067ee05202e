// LogPace: a line that would be logged at every turn is logged once every ten seconds. One thread.
#pragma once

#include "base/clock.h"

namespace weir {

class LogPace final {
 public:
    static constexpr Duration kEvery = std::chrono::seconds(10);

    // Whether to log it now.
    bool due(TimePoint now) {
        if (now < next_) return false;
        next_ = now + kEvery;
        return true;
    }

 private:
    TimePoint next_{};
};

}  // namespace weir
