#include "upstream/rise_and_fall.h"

#include <algorithm>
#include <utility>

namespace weir::upstream {

bool RiseAndFall::hear(ProbeResult result) {
    const bool was_warned = std::exchange(warned_, result == ProbeResult::degraded);
    heard_ = true;
    switch (result) {
        case ProbeResult::ok:
        case ProbeResult::no_route:
            bad_ = 0;
            if (was_warned && state_ == EndpointState::degraded) good_ = 0;
            good_ = std::min(good_ + 1, rise_);
            return rise_to(EndpointState::up);
        case ProbeResult::degraded:
            bad_ = 0;
            good_ = takes_requests(state_) ? 0 : std::min(good_ + 1, rise_);
            return rise_to(EndpointState::degraded);
        case ProbeResult::draining:
            good_ = bad_ = 0;
            return become(EndpointState::draining);
        case ProbeResult::unexpected:
        case ProbeResult::refused:
        case ProbeResult::timeout:
        case ProbeResult::failed:
        case ProbeResult::count_:
            break;
    }
    good_ = 0;
    bad_ = std::min(bad_ + 1, fall_);
    return bad_ == fall_ && become(EndpointState::down);
}

// One good answer is enough for whom nobody knows yet, and a warning where it is asked anyway.
bool RiseAndFall::rise_to(EndpointState state) {
    const bool at_once = state_ == EndpointState::unknown ||
                         (state == EndpointState::degraded && takes_requests(state_)) || state_ == state;
    return (at_once || good_ == rise_) && become(state);
}

bool RiseAndFall::become(EndpointState state) {
    if (state_ == state) return false;
    state_ = state;
    return true;
}

bool RiseAndFall::changing() const {
    switch (state_) {
        case EndpointState::unknown:
        case EndpointState::draining:
            return true;
        case EndpointState::down:
            return !heard_ || good_ > 0;
        case EndpointState::degraded:
            return bad_ > 0 || (!warned_ && good_ < rise_);
        default:
            return bad_ > 0;
    }
}

std::string RiseAndFall::progress() const {
    const auto [count, of] = bad_ > 0 ? std::pair(bad_, fall_) : std::pair(good_, rise_);
    if (count < 2) return {};
    return " (" + std::to_string(count) + " of " + std::to_string(of) + ")";
}

}  // namespace weir::upstream
