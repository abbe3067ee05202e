// AccessLines: the access log of a ProxyRig, read line by line as it is written, without a writer thread. Knows of each
// line what must agree with what went over the wires. One thread.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/log_lane.h"

namespace weir::support {

struct AccessLine {
    int status = 0;
    std::string outcome;
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
};

class AccessLines final {
 public:
    explicit AccessLines(LogLane& lane) : lane_(lane), dropped_before_(lane.dropped()) {
        take([](std::string_view) {});
    }

    // Takes what was written since the last call.
    void read() {
        take([this](std::string_view line) { add(line); });
    }
    size_t count() const { return count_; }
    uint64_t dropped() const { return lane_.dropped() - dropped_before_; }
    // Two lines had the same request id.
    bool repeated() const { return count_ != by_id_.size(); }
    const std::unordered_map<std::string, AccessLine>& by_id() const { return by_id_; }

 private:
    template <typename Each>
    void take(Each each) {
        struct iovec two[2];
        const int parts = lane_.ring().readable(two);
        if (parts == 0) return;
        std::string text;
        for (int i = 0; i < parts; ++i) text.append(static_cast<const char*>(two[i].iov_base), two[i].iov_len);
        lane_.ring().consume(text.size());
        for (size_t at = 0; at < text.size();) {
            const size_t end = text.find('\n', at);
            each(std::string_view(text).substr(at, end - at));
            at = end + 1;
        }
    }
    void add(std::string_view line) {
        ++count_;
        AccessLine& read = by_id_[std::string(value(line, "\"request_id\":\"", '"'))];
        read.status = std::atoi(std::string(value(line, ",\"status\":", ',')).c_str());
        read.outcome = value(line, ",\"outcome\":\"", '"');
        read.bytes_in = std::strtoull(std::string(value(line, ",\"bytes_in\":", ',')).c_str(), nullptr, 10);
        read.bytes_out = std::strtoull(std::string(value(line, ",\"bytes_out\":", ',')).c_str(), nullptr, 10);
    }
    // Behind its key, up to `end`. What peers say is escaped, so no key can stand within it.
    static std::string_view value(std::string_view line, std::string_view key, char end) {
        const size_t at = line.find(key);
        if (at == line.npos) return {};
        line.remove_prefix(at + key.size());
        return line.substr(0, line.find(end));
    }

    LogLane& lane_;
    const uint64_t dropped_before_;
    size_t count_ = 0;
    std::unordered_map<std::string, AccessLine> by_id_;
};

}  // namespace weir::support
