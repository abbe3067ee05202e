// LOG(info, "listening on {}", address): the error log, one line a call, JSON or text, always to stderr.
// A thread that must never block (a worker) is attached to a LogWriter and hands its lines to a ring; any other thread
// writes straight to stderr, and drops the line rather than wait for a reader that does not read.
// Not here: the access log (telemetry/access_log.h). Any thread.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdint>

namespace weir {

class LogLane;

enum class LogLevel : uint8_t { error, warn, info, debug };
enum class LogFormat : uint8_t { automatic, json, text };  // automatic: text when stderr is a terminal

// What a LOG line needs at least to be written. Any thread, at any time.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
// Lines that threads without a lane could not write.
uint64_t log_dropped_without_lane();

namespace log_detail {
inline std::atomic<LogLevel> threshold{LogLevel::info};
inline bool enabled(LogLevel wanted) {
    return wanted <= threshold.load(std::memory_order_relaxed);
}
void write(LogLevel level, fmt::string_view format, fmt::format_args values);
template <typename... Values>
void line(LogLevel level, fmt::format_string<Values...> format, Values&&... values) {
    write(level, format, fmt::make_format_args(values...));
}
// Where this thread's lines go; null: straight to stderr.
void set_thread_lane(LogLane* lane);
LogLane* thread_lane();
}  // namespace log_detail

}  // namespace weir

#define LOG(level, ...)                                                     \
    do {                                                                    \
        if (::weir::log_detail::enabled(::weir::LogLevel::level))           \
            ::weir::log_detail::line(::weir::LogLevel::level, __VA_ARGS__); \
    } while (false)
