// HealthPlan: what a config says of a pool's health: how its endpoints are asked and which answers are good. And what
// one probe found out (ProbeResult). Values; made by control, read by the prober.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace weir::upstream {

// How a probe ended. The names are those of a metric's label.
enum class ProbeResult : uint8_t {
    ok,
    no_route,    // it answers, and has nothing to say of its health
    degraded,    // it says that it is not well
    draining,    // it says that it leaves, or takes no new connections and still answers on old ones
    unexpected,  // an answer that is not a good one
    refused,     // nobody listens
    timeout,
    failed,  // no connection, or no whole answer
    count_
};

inline constexpr std::array<std::string_view, static_cast<size_t>(ProbeResult::count_)> kProbeResults = {
    "ok", "no_route", "degraded", "draining", "unexpected", "refused", "timeout", "failed"};

struct StatusRange {
    uint16_t first = 200;
    uint16_t last = 299;  // itself too
};

struct HealthPlan {
    std::string path;
    Duration interval{};  // not 0
    Duration timeout{};   // of a whole probe; not 0
    unsigned rise = 1;    // good answers in a row that bring an endpoint back; not 0
    unsigned fall = 1;    // bad ones that take it out; not 0
    bool start_down = false;
    // The pool's health was not written about: there need be no health route, and all but 5xx is good.
    bool lenient = false;
    std::vector<StatusRange> status;                        // the good ones
    std::string body;                                       // is part of a good answer
    std::vector<std::pair<std::string, std::string>> json;  // stand in the outermost object of a good one
};

}  // namespace weir::upstream
