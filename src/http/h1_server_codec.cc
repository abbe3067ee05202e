#include "http/h1_server_codec.h"

#include <algorithm>

#include "base/check.h"
#include "http/framing.h"
#include "http/h1_server_stream.h"

namespace weir::http {

H1Workshop::H1Workshop(SlabStore& slabs) : scratch(slabs) {}
H1Workshop::~H1Workshop() = default;

size_t H1Workshop::trim() {
    return scratch.trim() + server_streams.trim() * sizeof(H1ServerStream);
}

H1ServerCodec::H1ServerCodec(H1Workshop& workshop, ServerCodecOwner& owner, const HeadLimits& limits)
    : workshop_(workshop),
      owner_(owner),
      limits_(limits),
      input_(workshop.scratch.slabs()),
      output_(workshop.scratch.rings()) {}

H1ServerCodec::~H1ServerCodec() = default;

bool H1ServerCodec::head_begun() const {
    return stream_ != nullptr && !stream_->delivered_ && !stream_->parser_.untouched();
}

bool H1ServerCodec::wants_input() const {
    if (end_received_) return false;
    if (discarding_) return true;
    return stream_ == nullptr ? !input_.full() : stream_->wants_input();
}

bool H1ServerCodec::starves() const {
    return stream_ != nullptr && stream_->state_ == H1ServerStream::State::body && stream_->observer_ != nullptr &&
           stream_->observer_->starves(*stream_);
}

InputRoom H1ServerCodec::input_room() {
    if (stream_ != nullptr && stream_->state_ == H1ServerStream::State::body) {
        const InputRoom room = stream_->reader_.pipe_room(input_);
        if (room.pipe != nullptr) return room;
    }
    return {memory_room()};
}

std::span<char> H1ServerCodec::memory_room() {
    const char* const before = input_.data();
    const std::span<char> room = input_.room_within(widest());
    // A head that moved takes its views along now: nothing more may ever come, and the log looks at what was
    // understood.
    if (input_.data() != before && head_begun()) stream_->parser_.parse(input_.data(), input_.size());
    return room;
}

void H1ServerCodec::received(size_t count) {
    input_.filled(count);
    if (discarding_) {
        discarded_ += count;
        input_.clear();
    } else if (stream_ == nullptr || stream_->state_ == H1ServerStream::State::head) {
        parse_head();
    } else if (stream_->state_ == H1ServerStream::State::body && stream_->observer_ != nullptr) {
        stream_->observer_->on_stream();
    }
}

void H1ServerCodec::received_in_pipe(size_t count) {
    if (discarding_) discarded_ += count;
    if (stream_ == nullptr || stream_->state_ != H1ServerStream::State::body) return;
    stream_->reader_.received_in_pipe(count);
    if (stream_->observer_ != nullptr) stream_->observer_->on_stream();
}

void H1ServerCodec::resume() {
    if (stream_ != nullptr || input_.empty() || discarding_) return;
    parse_head();
    if (wants_input()) owner_.input_wanted();
}

void H1ServerCodec::parse_head() {
    if (stream_ == nullptr) {
        stream_ = workshop_.server_streams.take();
        if (stream_ == nullptr) stream_ = std::make_unique<H1ServerStream>();
        stream_->begin(*this);
    }
    H1ServerStream& stream = *stream_;
    if (stream.delivered_) return;
    const H1Parser::State parsed = stream.parser_.parse(input_.data(), input_.size());
    if (parsed == H1Parser::State::more) return;
    if (parsed == H1Parser::State::refused) return refuse_head(&stream.parser_.refusal());
    if (const Refusal* refusal = frame_request(stream.request_)) return refuse_head(refusal);
    stream.head_complete();
    owner_.on_request(stream);
}

void H1ServerCodec::refuse_head(const Refusal* why) {
    if (stream_ == nullptr || stream_->delivered_) return;
    stream_->refusal_ = why;
    stream_->fail(StreamFault::refused_bytes);
}

void H1ServerCodec::received_end() {
    give_up_stream(StreamFault::peer_closed);
}

// A client that does not wait for its answer: the same as if we had read so far. One that is to be heard out ends its
// exchange only where its body will not be whole, as far as can be said unread.
void H1ServerCodec::end_ahead(size_t unread) {
    if (stream_ == nullptr || discarding_ || stream_->state_ == H1ServerStream::State::head) return;
    const bool whole =
        stream_->state_ == H1ServerStream::State::body && !stream_->reader_.lacks(input_.size() + unread);
    if (!whole || !stream_->hears_out_) received_end();
}

void H1ServerCodec::broken() {
    give_up_stream(StreamFault::peer_reset);
}

void H1ServerCodec::give_up_stream(StreamFault fault) {
    resume();  // a request that waited as bytes came before the end
    end_received_ = true;
    if (stream_ == nullptr) return;
    if (!stream_->delivered_ && stream_->parser_.untouched()) {
        release_stream();
        return;
    }
    stream_->fail(fault);
}

bool H1ServerCodec::output_ends() const {
    return stream_ != nullptr && stream_->ended_ && !stream_->keep_;
}

void H1ServerCodec::sent(size_t count) {
    if (stream_ != nullptr) stream_->sent(count);
}

void H1ServerCodec::release_stream() {
    CHECK(stream_ != nullptr);
    const StreamEnd end = stream_->ending();
    stream_->clear();
    workshop_.server_streams.give_back(std::move(stream_));
    input_.rest();
    owner_.on_stream_released(end);
}

}  // namespace weir::http
