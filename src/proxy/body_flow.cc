#include "proxy/body_flow.h"

#include "http/forwarding.h"

namespace weir::proxy {

void BodyFlow::begin(http::Stream& from, http::Stream& to, TimePoint now) {
    from_ = &from;
    to_ = &to;
    last_moved_ = now;
    ended_ = paused_ = false;
}

void BodyFlow::pump(TimePoint now) {
    if (!running()) return;
    while (to_->unsent() < http::Stream::kHighWater) {
        Piece piece = from_->take_body();
        const size_t size = piece.size;
        if (size == 0) break;
        to_->send_body(std::move(piece));
        from_->consume(size);
        last_moved_ = now;
    }
    if (from_->received_all()) {
        ended_ = true;
        last_moved_ = now;
        return pass_end();
    }
    paused_ = to_->unsent() >= http::Stream::kHighWater;
    from_->pause(paused_);
}

void BodyFlow::pass_end() {
    if (from_->trailers().empty()) return to_->send_end(nullptr);
    http::Fields passed;
    http::forward_trailers(from_->trailers(), passed);
    to_->send_end(passed.empty() ? nullptr : &passed);
}

void BodyFlow::stop() {
    if (running()) from_->pause(true);
    from_ = to_ = nullptr;
}

BodyFlow::Waits BodyFlow::waits() const {
    if (!running()) return Waits::nobody;
    return paused_ ? Waits::sink : Waits::source;
}

}  // namespace weir::proxy
