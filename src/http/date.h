// DateText: the time as HTTP writes it (IMF-fixdate, RFC 9110 5.6.7), made once a second. No locale. One per worker.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/clock.h"

namespace weir::http {

class DateText final {
 public:
    static constexpr size_t kSize = 29;

    // "Sun, 06 Nov 1994 08:49:37 GMT". The view holds until a call with another second.
    std::string_view at(WallTime now) {
        const auto second = std::chrono::floor<std::chrono::seconds>(now);
        if (second != second_) write(second);
        return {text_, kSize};
    }

 private:
    using Second = std::chrono::sys_seconds;
    void write(Second second);
    Second second_ = Second::min();
    char text_[kSize];
};

}  // namespace weir::http
