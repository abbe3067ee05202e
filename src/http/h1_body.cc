#include "http/h1_body.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/framing.h"

namespace weir::http {

void H1BodyReader::begin(const BodyLength& length, HeadLimits limits) {
    bytes_read_ = 0;
    may_pipe_ = false;
    remaining_ = length.bytes;
    switch (length.kind) {
        case BodyLength::Kind::none:
            state_ = State::done;
            break;
        case BodyLength::Kind::sized:
            state_ = remaining_ == 0 ? State::done : State::sized;
            break;
        case BodyLength::Kind::chunked:
            state_ = State::chunked;
            decoder_ = ChunkedDecoder();
            parser_ = H1Parser(limits);
            break;
        case BodyLength::Kind::until_close:
            state_ = State::until_close;
            break;
    }
}

Piece H1BodyReader::take(InputBuffer& input) {
    if (in_pipe_ > 0) return take_piped();
    const size_t before = input.size();
    Piece piece;
    if (state_ == State::sized) {
        piece = take_sized(input);
    } else if (state_ == State::until_close) {
        piece = input.empty() ? Piece{} : input.take(input.size());
    } else if (state_ == State::chunked) {
        piece = take_chunked(input);
    }
    if (state_ == State::trailers) read_trailers(input);
    bytes_read_ += before - input.size();
    return piece;
}

Piece H1BodyReader::take_sized(InputBuffer& input) {
    const auto count = static_cast<size_t>(std::min<uint64_t>(remaining_, input.size()));
    if (count == 0) return {};
    remaining_ -= count;
    if (remaining_ == 0) state_ = State::done;
    return input.take(count);
}

Piece H1BodyReader::take_piped() {
    const size_t count = std::exchange(in_pipe_, 0);
    bytes_read_ += count;
    if (state_ == State::sized) remaining_ -= count;
    if (state_ == State::sized && remaining_ == 0) state_ = State::done;
    Piece piece = Piece::in_pipe(pipe_, count);
    if (state_ == State::done) pipe_ = SlabRef();
    return piece;
}

InputRoom H1BodyReader::pipe_room(InputBuffer& input) {
    const bool plain = state_ == State::sized || state_ == State::until_close;
    if (!may_pipe_ || !plain || bytes_read_ < kBeforePipe || !input.empty()) return {};
    if (!pipe_ && (state_ == State::until_close || remaining_ >= kBeforePipe)) pipe_ = input.slabs().take_pipe();
    if (!pipe_) return {};
    input.rest();
    const uint64_t left = state_ == State::sized ? remaining_ : Pipe::kBytes;
    return {{}, pipe_.get(), static_cast<size_t>(std::min<uint64_t>(left, Pipe::kBytes))};
}

Piece H1BodyReader::take_chunked(InputBuffer& input) {
    if (input.empty()) return {};
    const ChunkedDecoder::Step step = decoder_.decode(input.data(), input.size());
    Piece piece;
    if (step.data > 0) piece = input.take(step.data);
    input.drop(step.consumed - step.data);
    if (step.state == ChunkedDecoder::Step::State::refused) {
        refuse(&decoder_.refusal());
        return {};
    }
    if (step.state == ChunkedDecoder::Step::State::last_chunk) {
        state_ = State::trailers;
        parser_.begin_trailers(trailers_);
    }
    return piece;
}

void H1BodyReader::read_trailers(InputBuffer& input) {
    if (input.empty()) return;
    const H1Parser::State parsed = parser_.parse(input.data(), input.size());
    if (parsed == H1Parser::State::more) return;
    if (parsed == H1Parser::State::refused) return refuse(&parser_.refusal());
    if (const Refusal* refusal = check_trailers(trailers_)) return refuse(refusal);
    trailer_bytes_ = input.slab();
    input.drop(parser_.consumed());
    state_ = State::done;
}

bool H1BodyReader::needs_input(const InputBuffer& input) const {
    switch (state_) {
        case State::sized:
        case State::chunked:
        case State::until_close:
            return input.empty() && in_pipe_ == 0;
        case State::trailers:
            return true;
        case State::done:
        case State::refused:
            return false;
    }
    return false;
}

bool H1BodyReader::end_of_input() {
    if (state_ == State::until_close) state_ = State::done;
    return state_ == State::done;
}

void H1BodyReader::refuse(const Refusal* why) {
    state_ = State::refused;
    refusal_ = why;
}

void H1BodyReader::clear() {
    state_ = State::done;
    bytes_read_ = 0;
    in_pipe_ = 0;
    pipe_ = SlabRef();
    trailers_.clear();
    trailer_bytes_ = SlabRef();
}

void H1BodyWriter::data(Scratch& scratch, PieceQueue& out, Piece data) {
    if (data.size == 0) return;
    CHECK(kind_ != H1Framing::Kind::none);
    if (kind_ == H1Framing::Kind::length) {
        CHECK(data.size <= remaining_);
        remaining_ -= data.size;
    }
    if (kind_ == H1Framing::Kind::chunked) out.push(write_chunk_size(scratch, data.size));
    const bool chunked = kind_ == H1Framing::Kind::chunked;
    out.push(std::move(data));
    if (chunked) out.push(Piece{SlabRef(), kChunkEnd.data(), kChunkEnd.size()});
}

void H1BodyWriter::end(Scratch& scratch, PieceQueue& out, const Fields* trailers) {
    CHECK(may_end());
    if (kind_ == H1Framing::Kind::chunked) out.push(write_last_chunk(scratch, trailers));
    kind_ = H1Framing::Kind::none;
}

}  // namespace weir::http
