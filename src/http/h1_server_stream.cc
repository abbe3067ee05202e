#include "http/h1_server_stream.h"

#include "base/check.h"

namespace weir::http {

void H1ServerStream::begin(H1ServerCodec& codec) {
    codec_ = &codec;
    parser_ = H1Parser(codec.limits_);
    parser_.begin_request(request_);
    codec.receiving_.begin();
    codec.sending_.begin();
}

void H1ServerStream::clear() {
    codec_ = nullptr;
    observer_ = nullptr;
    request_.clear();
    reader_.clear();
    refusal_ = &kNoRefusal;
    writer_ = H1BodyWriter();
    head_bytes_ = bytes_sent_ = 0;
    state_ = State::head;
    fault_ = StreamFault::none;
    delivered_ = paused_ = above_high_ = ended_ = aborted_ = hears_out_ = false;
    keep_ = true;
}

bool H1ServerStream::wants_input() const {
    if (fault_ != StreamFault::none) return false;
    switch (state_) {
        case State::head:
            return true;
        case State::body:
            return !paused_ && reader_.needs_input(codec_->input_) && codec_->input_.size() < codec_->widest();
        case State::received:
            return !codec_->input_.full();
    }
    return false;
}

// The head stands in request_, framed: it leaves the input and the body begins.
void H1ServerStream::head_complete() {
    request_.bytes = codec_->input_.slab();
    head_bytes_ = parser_.consumed();
    codec_->input_.drop(head_bytes_);
    delivered_ = true;
    reader_.begin(request_.body, codec_->limits_);
    state_ = State::body;
    body_taken();
}

Piece H1ServerStream::take_body() {
    if (state_ != State::body || fault_ != StreamFault::none) return {};
    Piece piece = reader_.take(codec_->input_);
    body_taken();
    return piece;
}

void H1ServerStream::body_taken() {
    if (reader_.refused()) {
        refusal_ = &reader_.refusal();
        return fail(StreamFault::refused_bytes);
    }
    if (reader_.done()) {
        state_ = State::received;
        codec_->receiving_.end();
    }
    if (wants_input()) codec_->owner_.input_wanted();
}

void H1ServerStream::pause(bool paused) {
    if (paused_ == paused) return;
    paused_ = paused;
    if (!paused && codec_ != nullptr && wants_input()) codec_->owner_.input_wanted();
}

void H1ServerStream::shrink_request(Arena& arena) {
    request_.shrink(arena);
    codec_->input_.rest();
}

void H1ServerStream::let_pipe() {
    if (codec_->owner_.uses_pipes()) reader_.let_pipe();
}

void H1ServerStream::fail(StreamFault fault) {
    if (fault_ == StreamFault::none) fault_ = fault;
    codec_->receiving_.spoil();
    if (delivered_) {
        if (observer_ != nullptr) observer_->on_stream();
        return;
    }
    delivered_ = true;
    request_.bytes = codec_->input_.slab();  // the log may look at what was understood of a head
    head_bytes_ = codec_->input_.size();
    codec_->owner_.on_request(*this);
}

// RFC 9112 6.1: chunked only towards HTTP/1.1; an HTTP/1.0 client is told the end by the connection's.
H1Framing H1ServerStream::framing_of(const ResponseHead& head) {
    switch (head.body.kind) {
        case BodyLength::Kind::none:
            return {H1Framing::Kind::none, head.body.bytes, head.body.declared};
        case BodyLength::Kind::sized:
            return {H1Framing::Kind::length, head.body.bytes};
        case BodyLength::Kind::chunked:
        case BodyLength::Kind::until_close:
            break;
    }
    return {request_.minor_version >= 1 ? H1Framing::Kind::chunked : H1Framing::Kind::until_close};
}

void H1ServerStream::send_informational(const ResponseHead& head) {
    CHECK(head.informational() && !ended_);
    if (request_.minor_version == 0) return;  // RFC 9110 15.2
    codec_->output_.push(write_response_head(codec_->workshop_.scratch, head, H1Framing{}, ConnectionOption::none));
    output_grew();
}

void H1ServerStream::send_head(const ResponseHead& head, bool close) {
    CHECK(!head.informational() && !ended_);
    const H1Framing framing = framing_of(head);
    keep_ = request_.keep_alive && !close && framing.kind != H1Framing::Kind::until_close &&
            fault_ == StreamFault::none && !codec_->end_received_;
    ConnectionOption option = ConnectionOption::none;
    if (!keep_) option = ConnectionOption::close;
    if (keep_ && request_.minor_version == 0) option = ConnectionOption::keep_alive;
    codec_->output_.push(write_response_head(codec_->workshop_.scratch, head, framing, option));
    writer_.begin(framing);
    output_grew();
}

bool H1ServerStream::retract() {
    if (bytes_sent_ > 0 || ended_) return false;
    codec_->output_.clear();
    above_high_ = false;
    return true;
}

void H1ServerStream::send_body(Piece piece) {
    writer_.data(codec_->workshop_.scratch, codec_->output_, std::move(piece));
    output_grew();
}

void H1ServerStream::send_end(const Fields* trailers) {
    writer_.end(codec_->workshop_.scratch, codec_->output_, trailers);
    ended_ = true;
    codec_->sending_.end();
    output_grew();
}

void H1ServerStream::output_grew() {
    if (unsent() >= kHighWater) above_high_ = true;
    codec_->owner_.output_pending();
}

void H1ServerStream::sent(size_t count) {
    bytes_sent_ += count;
    const bool room_again = above_high_ && unsent() <= kLowWater;
    if (room_again) above_high_ = false;
    if ((room_again || sent_all()) && observer_ != nullptr) observer_->on_stream();
}

void H1ServerStream::reset(ResetReason) {
    aborted_ = true;
    observer_ = nullptr;
    codec_->sending_.spoil();
    codec_->output_.clear();
}

bool H1ServerStream::is_reusable() const {
    return keep_ && sent_all() && fault_ == StreamFault::none && codec_->receiving_.clean() &&
           codec_->sending_.clean() && !codec_->end_received_;
}

// A cut body must not look whole: where its framing shows the cut what was queued still leaves, else only a reset does.
StreamEnd H1ServerStream::ending() const {
    if (is_reusable()) return StreamEnd::next;
    if (!delivered_) return StreamEnd::close;  // no request was begun: the answer before it must arrive
    if (aborted_ || fault_ == StreamFault::peer_closed || fault_ == StreamFault::peer_reset) return StreamEnd::abort;
    return ended_ || writer_.shows_cut() ? StreamEnd::close : StreamEnd::abort;
}

// HTTP/1 has no words for a reason.
void H1ServerStream::release(ResetReason) {
    codec_->release_stream();
}

}  // namespace weir::http
