#include "upstream/endpoint_signs.h"

#include <cerrno>

namespace weir::upstream {

// Nobody listens there; of a unix socket also: it is not there.
void EndpointSigns::dialled(int error, TimePoint now) {
    const bool refused = error == ECONNREFUSED || error == ENOENT;
    refused_until_ = refused ? now + kBelieved : TimePoint{};
    if (refused) give(HealthHint::refused, now);
}

void EndpointSigns::idle_closed(TimePoint now) {
    if (now - last_close_ <= kInARow) give(HealthHint::closed_early, now);
    last_close_ = now;
}

void EndpointSigns::answered(bool keeps, TimePoint now) {
    if (now < refused_until_) give(HealthHint::still_answers, now);
    if (kept_ && !keeps) give(HealthHint::said_close, now);
    kept_ = keeps;
}

void EndpointSigns::give(HealthHint what, TimePoint now) {
    if (hints_ == nullptr) return;
    TimePoint& last = given_[static_cast<size_t>(what)];
    if (last != TimePoint{} && now - last < kRest) return;
    last = now;
    hints_->hint(endpoint_, what);
}

}  // namespace weir::upstream
