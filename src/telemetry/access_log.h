// AccessLog: one JSON object a line for each exchange, made in place in the worker's ring; the log writer's thread
// brings it to its output. Nothing is allocated, and a line that finds the ring full is dropped and counted there.
// Every line has the same keys in the same order; what an exchange did not have is null.
// Does not decide what is worth a line. One per worker, on its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/timestamp.h"

namespace weir {
class LogLane;
}

namespace weir::telemetry {

// What is told of one exchange. The views need to live only until write() returns.
struct AccessRecord {
    WallTime time;
    std::string_view request_id;
    std::string_view client;
    std::string_view listener;
    std::string_view protocol;
    std::string_view tls;  // the version; empty: plain
    std::string_view method;
    std::string_view host;
    std::string_view path;
    int status = 0;
    std::string_view outcome;
    std::string_view route = "-";
    std::string_view pool = "-";
    std::string_view endpoint;  // empty: none was asked
    unsigned attempts = 0;
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    Duration duration{};
    std::optional<Duration> upstream;  // to the backend's response head, or until the client had gone
    std::string_view user_agent;       // empty: none came
    std::string_view referer;
};

class AccessLog final {
 public:
    // Off when `lane` is null.
    explicit AccessLog(LogLane* lane) : lane_(lane) {}

    bool on() const { return lane_ != nullptr; }
    void write(const AccessRecord& record) {
        if (lane_ != nullptr) write_line(record);
    }

 private:
    void write_line(const AccessRecord& record);
    LogLane* const lane_;
    Timestamp time_;
};

}  // namespace weir::telemetry
