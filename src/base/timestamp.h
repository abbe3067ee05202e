// Timestamp: a wall time as RFC 3339 text in UTC with milliseconds ("2023-11-14T22:13:20.000Z").
// Remembers the last second it wrote, for log lines come many to a second. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace weir {

class Timestamp final {
 public:
    static constexpr size_t kSize = 24;

    // Valid until the next call. Years 0000 to 9999.
    std::string_view text(WallTime time);

 private:
    void write_second(int64_t second);
    int64_t second_ = INT64_MIN;
    char text_[kSize];
};

}  // namespace weir
