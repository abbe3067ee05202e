#include "http/h1_client_codec.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "http/framing.h"

namespace weir::http {

namespace {
constexpr Refusal kTooManyInformational{502, "more than 16 informational responses", "RFC 9110 15.2"};
constexpr Refusal kBeforeRequest{502, "a response before the request was sent", "RFC 9112 9.2"};
constexpr Refusal kUnaskedSwitch{502, "101 without an upgrade that was asked for", "RFC 9110 15.2.2"};

// "timeout=5, max=1000", as Node and Apache write it.
void read_keep_alive(const Fields& fields, KeepAlive& into) {
    into = {};
    const Field* field = fields.find(HeaderName::keep_alive);
    if (field == nullptr) return;
    std::string_view parameter;
    for (CommaList list(field->value()); list.next(parameter);) {
        const size_t equals = parameter.find('=');
        if (equals == parameter.npos) continue;
        const auto number = parse_decimal(trim(parameter.substr(equals + 1)));
        if (!number) continue;
        const std::string_view name = trim(parameter.substr(0, equals));
        if (equal_ignoring_case(name, "timeout"))
            into.timeout = std::chrono::seconds(std::min<uint64_t>(*number, 24 * 3600));
        if (equal_ignoring_case(name, "max")) into.max = *number;
    }
}

}  // namespace

H1ClientCodec::H1ClientCodec(Scratch& scratch, ClientCodecOwner& owner, const HeadLimits& limits)
    : scratch_(scratch),
      owner_(owner),
      limits_(limits),
      input_(scratch.slabs()),
      output_(scratch.rings()),
      parser_(limits) {}

ClientStream& H1ClientCodec::open() {
    CHECK(idle_clean() && observer_ == nullptr);
    informational_ = 0;
    head_bytes_ = bytes_sent_ = 0;
    keep_ = true;
    ended_ = paused_ = above_high_ = false;
    return *this;
}

bool H1ClientCodec::idle_clean() const {
    return receive_ == Receive::idle && receiving_.clean() && sending_.clean() && input_.empty() &&
           end_ == StreamFault::none && fault_ == StreamFault::none;
}

bool H1ClientCodec::wants_input() const {
    if (end_ != StreamFault::none || fault_ != StreamFault::none) return false;
    switch (receive_) {
        case Receive::idle:
        case Receive::done:
            return !input_.full();  // nothing may come: reading is how a FIN or stray bytes are noticed
        case Receive::head:
            return input_.size() < widest();
        case Receive::body:
            return !paused_ && reader_.needs_input(input_) && input_.size() < widest();
    }
    return false;
}

// What comes while nothing may ends the connection and is not kept. Unread it would be an answer to what is sent next.
bool H1ClientCodec::starves() const {
    const bool nothing_may_come = receive_ == Receive::idle || receive_ == Receive::done || bytes_sent_ == 0;
    return nothing_may_come || (observer_ != nullptr && observer_->starves(*this));
}

InputRoom H1ClientCodec::input_room() {
    if (receive_ == Receive::body) {
        const InputRoom room = reader_.pipe_room(input_);
        if (room.pipe != nullptr) return room;
    }
    return {memory_room()};
}

void H1ClientCodec::received_in_pipe(size_t count) {
    if (receive_ != Receive::body) return;  // nobody wanted the rest of it any more
    reader_.received_in_pipe(count);
    notify();
}

void H1ClientCodec::let_pipe() {
    if (owner_.uses_pipes()) reader_.let_pipe();
}

void H1ClientCodec::received(size_t count) {
    input_.filled(count);
    if (receive_ == Receive::idle || receive_ == Receive::done) {
        receiving_.spoil();  // bytes that answer nothing
        return;
    }
    if (receive_ == Receive::head && bytes_sent_ == 0) refuse(&kBeforeRequest);
    notify();
}

void H1ClientCodec::send_head(const RequestHead& request) {
    method_ = request.method;
    awaits_continue_ = request.fields.has(HeaderName::expect);
    H1Framing framing;
    if (request.body.kind == BodyLength::Kind::sized) framing = {H1Framing::Kind::length, request.body.bytes};
    if (request.body.kind == BodyLength::Kind::chunked) framing = {H1Framing::Kind::chunked};
    sending_.begin();
    receiving_.begin();
    receive_ = Receive::head;
    begin_head();
    output_.push(write_request_head(scratch_, request, framing));
    writer_.begin(framing);
    output_grew();
}

void H1ClientCodec::begin_head() {
    informational_given_ = false;
    parser_ = H1Parser(limits_);
    parser_.begin_response(response_);
}

const ResponseHead* H1ClientCodec::take_head() {
    if (receive_ != Receive::head || fault_ != StreamFault::none) {
        response_.bytes = SlabRef();
        return nullptr;
    }
    if (informational_given_) begin_head();
    if (input_.empty() || !head_parsed()) return nullptr;
    const size_t consumed = parser_.consumed();
    response_.bytes = input_.slab();
    input_.drop(consumed);
    head_bytes_ += consumed;
    if (response_.informational()) {
        if (response_.status == 101) return refuse(&kUnaskedSwitch), nullptr;
        if (++informational_ > kMaxInformational) return refuse(&kTooManyInformational), nullptr;
        if (response_.status == 100) awaits_continue_ = false;
        informational_given_ = true;
        return &response_;
    }
    // A final answer in place of the 100: nobody knows whether the backend reads the body or takes it for a request.
    keep_ = response_.keep_alive && !awaits_continue_;
    read_keep_alive(response_.fields, keep_alive_);
    receive_ = Receive::body;
    reader_.begin(response_.body, limits_);
    body_taken();
    return &response_;
}

bool H1ClientCodec::head_parsed() {
    const H1Parser::State parsed = parser_.parse(input_.data(), input_.size());
    if (parsed == H1Parser::State::refused) refuse(&parser_.refusal());
    if (parsed != H1Parser::State::done) return false;
    if (const Refusal* refusal = frame_response(response_, method_)) {
        refuse(refusal);
        return false;
    }
    return true;
}

Piece H1ClientCodec::take_body() {
    if (receive_ != Receive::body || fault_ != StreamFault::none) return {};
    Piece piece = reader_.take(input_);
    if (piece.size == 0) input_.rest();  // it may be long until more comes
    body_taken();
    return piece;
}

void H1ClientCodec::body_taken() {
    if (reader_.refused()) return refuse(&reader_.refusal());
    if (reader_.done()) {
        receive_ = Receive::done;
        receiving_.end();
        if (!input_.empty()) receiving_.spoil();
    }
    if (wants_input()) owner_.input_wanted();
    settle_end();
}

void H1ClientCodec::pause(bool paused) {
    if (paused_ == paused) return;
    paused_ = paused;
    if (!paused && wants_input()) owner_.input_wanted();
}

void H1ClientCodec::send_body(Piece piece) {
    writer_.data(scratch_, output_, std::move(piece));
    output_grew();
}

void H1ClientCodec::send_end(const Fields* trailers) {
    writer_.end(scratch_, output_, trailers);
    ended_ = true;
    sending_.end();
    output_grew();
}

void H1ClientCodec::output_grew() {
    if (unsent() >= kHighWater) above_high_ = true;
    owner_.output_pending();
}

void H1ClientCodec::sent(size_t count) {
    bytes_sent_ += count;
    if (above_high_ && unsent() <= kLowWater) {
        above_high_ = false;
        notify();
    }
}

void H1ClientCodec::received_end() {
    ended_by(StreamFault::peer_closed);
}

void H1ClientCodec::received_cut() {
    cut_ = true;
    received_end();
}

void H1ClientCodec::broken() {
    ended_by(StreamFault::peer_reset);
}

// What was read before the end still counts: the observer takes it first, and only then is something missing.
void H1ClientCodec::ended_by(StreamFault how) {
    if (end_ == StreamFault::none) end_ = how;
    if (receive_ == Receive::idle) return;
    notify();
    settle_end();
}

void H1ClientCodec::settle_end() {
    if (end_ == StreamFault::none || fault_ != StreamFault::none) return;
    if (receive_ == Receive::head) return fail(end_);
    if (receive_ != Receive::body || !reader_.needs_input(input_)) return;
    if (end_ != StreamFault::peer_closed || cut_ || !reader_.end_of_input()) return fail(end_);
    receive_ = Receive::done;  // RFC 9112 6.3: the close ended it
    receiving_.end();
    keep_ = false;
    notify();
}

void H1ClientCodec::fail(StreamFault fault) {
    if (fault_ == StreamFault::none) fault_ = fault;
    receiving_.spoil();
    notify();
}

void H1ClientCodec::refuse(const Refusal* why) {
    refusal_ = why;
    if (fault_ == StreamFault::none) fault_ = StreamFault::refused_bytes;
    receiving_.spoil();
}

void H1ClientCodec::notify() {
    if (observer_ != nullptr) observer_->on_stream();
}

void H1ClientCodec::reset(ResetReason) {
    observer_ = nullptr;
    sending_.spoil();
    output_.clear();
}

bool H1ClientCodec::is_reusable() const {
    const bool unused = receive_ == Receive::idle;  // lent, and nothing was sent
    const bool complete = receive_ == Receive::done && sent_all();
    return keep_ && (unused || complete) && receiving_.clean() && sending_.clean() && input_.empty() &&
           end_ == StreamFault::none && fault_ == StreamFault::none;
}

void H1ClientCodec::release(ResetReason) {
    const bool reusable = is_reusable();
    observer_ = nullptr;
    response_.clear();
    reader_.clear();
    if (reusable) {
        receive_ = Receive::idle;
        input_.rest();
    } else {
        receiving_.spoil();
    }
    owner_.on_stream_released(reusable);
}

}  // namespace weir::http
