// RiseAndFall: from the results of probes to the state of an endpoint. Good ones in a row bring it back, bad ones in a
// row take it out; what it says of itself (degraded, draining) counts at once. No clock, no connection. One thread.
#pragma once

#include "upstream/endpoint.h"
#include "upstream/health_plan.h"

namespace weir::upstream {

class RiseAndFall final {
 public:
    // `start_down`: it waits for its rise; else it is asked until it has failed.
    RiseAndFall(unsigned rise, unsigned fall, bool start_down)
        : rise_(rise), fall_(fall), state_(start_down ? EndpointState::down : EndpointState::unknown) {}

    // True when the state is another one now.
    bool hear(ProbeResult result);
    EndpointState state() const { return state_; }
    // It is on its way from one state to another, or may be: it is worth being asked more often.
    bool changing() const;
    // " (2 of 3)": how far it has come in the direction of the last result; empty where one is enough.
    std::string progress() const;

 private:
    bool become(EndpointState state);
    bool rise_to(EndpointState state);

    const unsigned rise_;
    const unsigned fall_;
    unsigned good_ = 0;  // in a row
    unsigned bad_ = 0;
    bool heard_ = false;
    bool warned_ = false;  // the last result was degraded
    EndpointState state_;
};

}  // namespace weir::upstream
