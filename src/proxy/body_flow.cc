#include "proxy/body_flow.h"

#include "base/check.h"
#include "http/forwarding.h"

namespace weir::proxy {

void BodyFlow::begin(http::Stream& from, http::Stream& to, TimePoint now, Changes changes) {
    from_ = &from;
    to_ = &to;
    stage_ = changes.stage;
    edits_ = changes.edits;
    replay_ = changes.replay;
    since_ = now;
    ended_ = paused_ = stage_paused_ = refused_ = moved_ = false;
    if (stage_ == nullptr && changes.unseen && to.takes_pipes()) from.let_pipe();
}

void BodyFlow::hold() {
    if (running()) from_->pause(true);
}

// A pipe that the source was let have is one of a body that can not be sent again once it was used.
void BodyFlow::redirect(http::Stream& to, TimePoint now) {
    CHECK(begun() && replay_ != nullptr && replay_->whole());
    to_ = &to;
    since_ = now;
    paused_ = false;
    replay_->send_again([this](Piece piece) { to_->send_body(std::move(piece)); });
    if (ended_) pass_end();
}

void BodyFlow::send(Piece piece) {
    if (replay_ != nullptr) replay_->keep(piece);
    to_->send_body(std::move(piece));
}

void BodyFlow::pump(TimePoint now) {
    if (!running() || refused_) return;
    if (paused_ && to_->unsent() > http::Stream::kLowWater) return;
    if (stage_paused_ && !pass(Piece(), false)) return;
    while (to_->unsent() < http::Stream::kHighWater) {
        Piece piece = from_->take_body();
        const size_t size = piece.size;
        if (size == 0) break;
        since_ = now;
        moved_ = true;
        const bool more = pass(std::move(piece), false);
        from_->consume(size);
        if (!more) return from_->pause(true);
    }
    if (from_->received_all()) {
        if (stage_ != nullptr && !pass(Piece(), true)) return;
        ended_ = true;
        since_ = now;
        return pass_end();
    }
    const bool paused = to_->unsent() >= http::Stream::kHighWater;
    if (paused != paused_) since_ = now;
    paused_ = paused;
    from_->pause(paused);
}

// True: more may follow.
bool BodyFlow::pass(Piece piece, bool end) {
    if (stage_ == nullptr) {
        send(std::move(piece));
        return true;
    }
    const auto verdict = stage_->push(std::move(piece), end, *this);
    stage_paused_ = verdict == policy::BodyStage::Verdict::pause;
    refused_ = verdict == policy::BodyStage::Verdict::refused;
    return verdict == policy::BodyStage::Verdict::more;
}

void BodyFlow::pass_end() {
    if (from_->trailers().empty()) return to_->send_end(nullptr);
    http::Fields passed;
    http::forward_trailers(from_->trailers(), passed);
    if (edits_ != nullptr) edits_->apply_to_trailers(passed);
    to_->send_end(passed.empty() ? nullptr : &passed);
}

void BodyFlow::stop() {
    if (running()) from_->pause(true);
    from_ = to_ = nullptr;
}

BodyFlow::Waits BodyFlow::waits() const {
    if (!running()) return Waits::nobody;
    if (stage_paused_) return Waits::stage;
    return paused_ ? Waits::sink : Waits::source;
}

}  // namespace weir::proxy
