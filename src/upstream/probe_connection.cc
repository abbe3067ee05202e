#include "upstream/probe_connection.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weir::upstream {

namespace {
constexpr http::HeadLimits kHeadLimits{32 * 1024, 256};
}

ProbeConnection::ProbeConnection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Scratch& scratch,
                                 Owner& owner)
    : owner_(owner),
      head_limits_(kHeadLimits),
      codec_(scratch, *this, head_limits_),
      wire_(loop, std::move(transport), codec_, *this, net::Lane::upstream) {}

// Before the handshake is done the head waits in the codec's output.
void ProbeConnection::ask(const http::RequestHead& head) {
    CHECK(stream_ == nullptr && state_ != State::closed);
    if (state_ == State::idle) state_ = State::asked;
    ++times_asked_;
    status_ = 0;
    type_.clear();
    body_.clear();
    refusal_ = {};
    stream_ = &codec_.open();
    stream_->observe(this);
    stream_->send_head(head);
    stream_->send_end(nullptr);
}

void ProbeConnection::close() {
    if (stream_ != nullptr) stream_->reset(http::ResetReason::cancel);
    stream_ = nullptr;
    const bool whole = state_ == State::idle;
    state_ = State::closed;
    wire_.close(!whole);
}

void ProbeConnection::on_connected(int error) {
    if (state_ != State::connecting) return;
    error_ = error;
    if (error != 0) return end(Event::no_connection);
    peer_ = wire_.transport().peer();
    state_ = stream_ != nullptr ? State::asked : State::idle;
}

void ProbeConnection::on_wire() {
    if (state_ == State::idle && !wire_.unheard() && !codec_.idle_clean()) end(Event::closed);
}

// It may come from within a call of look() to the stream, where nothing may be released.
void ProbeConnection::on_stream() {
    again_ = true;
    if (!looking_) look();
}

void ProbeConnection::look() {
    while (std::exchange(again_, false)) {
        looking_ = true;
        take_in();
        looking_ = false;
    }
    const bool enough = body_.size() >= kMostBody;  // the rest would say nothing else
    if (status_ != 0 && (stream_->received_all() || enough)) {
        std::exchange(stream_, nullptr)->release(http::ResetReason::cancel);
        owner_.on_probe(*this, Event::answered);
        if (stream_ == nullptr) body_ = std::string();  // thousands of them may wait for their next probe
        return;
    }
    if (stream_->fault() == http::StreamFault::none) return;
    if (stream_->fault() == http::StreamFault::refused_bytes) refusal_ = stream_->refusal().reason;
    end(Event::cut);
}

void ProbeConnection::take_in() {
    while (const http::ResponseHead* head = stream_->take_head()) {
        if (head->informational()) continue;
        status_ = head->status;
        if (const http::Field* type = head->fields.find(http::HeaderName::content_type)) type_ = type->value();
        break;
    }
    if (status_ == 0) return;
    for (Piece piece = stream_->take_body(); piece.size > 0; piece = stream_->take_body()) {
        body_.append(piece.data, std::min(piece.size, kMostBody - std::min(body_.size(), kMostBody)));
        stream_->consume(piece.size);
        if (body_.size() >= kMostBody) return;
    }
}

void ProbeConnection::on_stream_released(bool reusable) {
    state_ = State::idle;
    if (!reusable) close();
}

void ProbeConnection::end(Event event) {
    close();
    owner_.on_probe(*this, event);
}

}  // namespace weir::upstream
