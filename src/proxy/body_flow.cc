#include "proxy/body_flow.h"

#include "http/forwarding.h"

namespace weir::proxy {

void BodyFlow::begin(http::Stream& from, http::Stream& to, TimePoint now) {
    from_ = &from;
    to_ = &to;
    since_ = now;
    ended_ = paused_ = false;
    if (to.takes_pipes()) from.let_pipe();
}

void BodyFlow::pump(TimePoint now) {
    if (!running()) return;
    if (paused_ && to_->unsent() > http::Stream::kLowWater) return;
    while (to_->unsent() < http::Stream::kHighWater) {
        Piece piece = from_->take_body();
        const size_t size = piece.size;
        if (size == 0) break;
        to_->send_body(std::move(piece));
        from_->consume(size);
        since_ = now;
    }
    if (from_->received_all()) {
        ended_ = true;
        since_ = now;
        return pass_end();
    }
    const bool paused = to_->unsent() >= http::Stream::kHighWater;
    if (paused != paused_) since_ = now;
    paused_ = paused;
    from_->pause(paused);
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
