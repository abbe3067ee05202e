// EndpointSigns: what a worker's connections to one endpoint tell of its health, and which of it is worth a hint: a
// refused connect, idle connections that it closes in a row, an answer that ends the connection where others did not.
// Gives each kind of hint at most ten times a second. Decides nothing. Owned by a ConnectionPool; one thread.
#pragma once

#include <array>

#include "base/clock.h"
#include "upstream/health_hints.h"

namespace weir::upstream {

class EndpointSigns final {
 public:
    static constexpr Duration kInARow = std::chrono::milliseconds(100);  // between two closes that belong together
    static constexpr Duration kBelieved = std::chrono::seconds(1);       // a refused dial
    static constexpr Duration kRest = std::chrono::milliseconds(100);    // between two hints of one kind

    // `hints` may be null; both outlive it.
    EndpointSigns(HealthHints* hints, const Endpoint& endpoint) : hints_(hints), endpoint_(endpoint) {}

    // A dial ended: 0, or an errno.
    void dialled(int error, TimePoint now);
    // Its end of an idle connection came before our time for that was over.
    void idle_closed(TimePoint now);
    // A whole answer came. `keeps`: it lets the connection live on.
    void answered(bool keeps, TimePoint now);

 private:
    void give(HealthHint what, TimePoint now);

    HealthHints* const hints_;
    const Endpoint& endpoint_;
    TimePoint last_close_{};
    std::array<TimePoint, static_cast<size_t>(HealthHint::count_)> given_{};
    TimePoint refused_until_{};  // the last dial that ended was, and so long ago it is not
    bool kept_ = false;          // the last answer let its connection live on
};

}  // namespace weir::upstream
