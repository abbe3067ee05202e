#include "base/timestamp.h"

#include <cstring>

namespace weir {

namespace {
void put(char* at, int digits, unsigned number) {
    for (char* digit = at + digits; digit != at; number /= 10) *--digit = static_cast<char>('0' + number % 10);
}
}  // namespace

std::string_view Timestamp::text(WallTime time) {
    using namespace std::chrono;
    const int64_t ms = floor<milliseconds>(time.time_since_epoch()).count();
    const int64_t second = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
    if (second != second_) write_second(second);
    put(text_ + 20, 3, static_cast<unsigned>(ms - second * 1000));
    return {text_, kSize};
}

void Timestamp::write_second(int64_t second) {
    using namespace std::chrono;
    second_ = second;
    const sys_seconds time{seconds(second)};
    const sys_days day = floor<days>(time);
    const year_month_day date(day);
    const auto of_day = static_cast<unsigned>((time - day).count());
    std::memcpy(text_, "0000-00-00T00:00:00.000Z", kSize);
    put(text_, 4, static_cast<unsigned>(static_cast<int>(date.year())));
    put(text_ + 5, 2, static_cast<unsigned>(date.month()));
    put(text_ + 8, 2, static_cast<unsigned>(date.day()));
    put(text_ + 11, 2, of_day / 3600);
    put(text_ + 14, 2, of_day / 60 % 60);
    put(text_ + 17, 2, of_day % 60);
}

}  // namespace weir
