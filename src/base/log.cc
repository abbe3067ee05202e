#include "base/log.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/escape.h"
#include "base/log_lane.h"
#include "base/timestamp.h"

namespace weir {

namespace {

constexpr size_t kLongestMessage = 3 * 1024;  // before escaping
constexpr size_t kLongestLine = 4 * 1024;     // PIPE_BUF: a pipe takes it whole or not at all (pipe(7))

std::atomic<LogFormat> chosen_format{LogFormat::automatic};
std::atomic<uint64_t> dropped_without_lane{0};
thread_local LogLane* lane_of_thread = nullptr;

LogFormat format_now() {
    const LogFormat format = chosen_format.load(std::memory_order_relaxed);
    if (format != LogFormat::automatic) return format;
    static const bool terminal = ::isatty(STDERR_FILENO) == 1;
    return terminal ? LogFormat::text : LogFormat::json;
}

std::string_view name_of(LogLevel level) {
    constexpr std::string_view kNames[] = {"error", "warn", "info", "debug"};
    return kNames[static_cast<size_t>(level)];
}

char* append(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

char* write_json(char* at, char* end, LogLevel level, std::string_view message) {
    Timestamp time;
    at = append(at, R"({"time":")");
    at = append(at, time.text(std::chrono::system_clock::now()));
    at = append(at, R"(","level":")");
    at = append(at, name_of(level));
    at = append(at, R"(","msg":")");
    constexpr std::string_view kEnd = "\"}\n";
    at = escape_json(message, at, end - kEnd.size());
    return append(at, kEnd);
}

char* write_text(char* at, char* end, LogLevel level, std::string_view message) {
    Timestamp time;
    at = append(at, time.text(std::chrono::system_clock::now()));
    at = append(at, " ");
    at = append(at, name_of(level));
    at = append(at, std::string_view("   ").substr(0, 6 - name_of(level).size()));  // messages stand in one column
    at = escape_controls(message, at, end - 1);
    return append(at, "\n");
}

// Never waits: a reader that does not read costs the line.
bool write_straight(std::string_view line) {
    struct pollfd ready = {STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1) return false;
    return ::write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace

void set_log_level(LogLevel level) {
    log_detail::threshold.store(level, std::memory_order_relaxed);
}

void set_log_format(LogFormat format) {
    chosen_format.store(format, std::memory_order_relaxed);
}

uint64_t log_dropped_without_lane() {
    return dropped_without_lane.load(std::memory_order_relaxed);
}

namespace log_detail {

void write(LogLevel level, fmt::string_view format, fmt::format_args values) {
    char message[kLongestMessage];
    const auto formatted = fmt::vformat_to_n(message, sizeof message, format, values);
    if (formatted.size > sizeof message) append(message + sizeof message - 3, "...");
    const std::string_view text(message, std::min(formatted.size, sizeof message));

    char line[kLongestLine];
    char* const end = line + sizeof line;
    char* const stop =
        format_now() == LogFormat::json ? write_json(line, end, level, text) : write_text(line, end, level, text);
    const std::string_view whole(line, static_cast<size_t>(stop - line));
    if (lane_of_thread != nullptr) {
        lane_of_thread->write(whole);  // counts what it drops
    } else if (!write_straight(whole)) {
        dropped_without_lane.fetch_add(1, std::memory_order_relaxed);
    }
}

void set_thread_lane(LogLane* lane) {
    lane_of_thread = lane;
}

LogLane* thread_lane() {
    return lane_of_thread;
}

}  // namespace log_detail

}  // namespace weir
