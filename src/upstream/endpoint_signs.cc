#include "upstream/endpoint_signs.h"

#include <cerrno>

namespace weir::upstream {

// Nobody listens there; of a unix socket also: it is not there.
void EndpointSigns::dialled(int error, TimePoint now) {
    refused_ = error == ECONNREFUSED || error == ENOENT;
    if (refused_) give(HealthHint::refused, now);
}

void EndpointSigns::idle_closed(TimePoint now) {
    if (now - last_close_ <= kInARow) give(HealthHint::closed_early, now);
    last_close_ = now;
}

void EndpointSigns::answered(bool keeps, TimePoint now) {
    if (refused_) give(HealthHint::still_answers, now);
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
