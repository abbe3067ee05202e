#include "http/date.h"

#include <algorithm>

namespace weir::http {

namespace {
char* write_two(unsigned number, char* to) {
    *to++ = static_cast<char>('0' + number / 10);
    *to++ = static_cast<char>('0' + number % 10);
    return to;
}
char* write(std::string_view text, char* to) {
    return std::copy(text.begin(), text.end(), to);
}
}  // namespace

void DateText::write(Second second) {
    constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));

    char* to = http::write(kDays.substr(3 * std::chrono::weekday(day).c_encoding(), 3), text_);
    to = write_two(static_cast<unsigned>(date.day()), http::write(", ", to));
    *to++ = ' ';
    to = http::write(kMonths.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3), to);
    *to++ = ' ';
    to = write_two(year % 100, write_two(year / 100 % 100, to));
    *to++ = ' ';
    to = write_two(static_cast<unsigned>(time.hours().count()), to);
    *to++ = ':';
    to = write_two(static_cast<unsigned>(time.minutes().count()), to);
    *to++ = ':';
    to = write_two(static_cast<unsigned>(time.seconds().count()), to);
    http::write(" GMT", to);
    second_ = second;
}

}  // namespace weir::http
