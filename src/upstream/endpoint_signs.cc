#include "upstream/endpoint_signs.h"

#include "upstream/dial_error.h"

namespace weir::upstream {

void EndpointSigns::dialled(int error, TimePoint now) {
    refused_until_ = is_refusal(error) ? now + kBelieved : TimePoint{};
    if (is_refusal(error)) give(HealthHint::refused, now);
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
