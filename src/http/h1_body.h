// The content of an HTTP/1 message (RFC 9112 6 and 7): H1BodyReader takes it out of what was read, H1BodyWriter frames
// what is sent. Both are the same towards clients and backends. They see no head and no socket. One message, one
// thread.
#pragma once

#include "base/byte_codec.h"
#include "base/piece.h"
#include "base/scratch.h"
#include "http/chunked.h"
#include "http/h1_parser.h"
#include "http/h1_writer.h"
#include "http/input_buffer.h"
#include "http/message.h"

namespace weir::http {

class H1BodyReader final {
 public:
    // `limits` are those of a trailer section.
    void begin(const BodyLength& length, HeadLimits limits);

    // The next content in `input` or in the pipe, decoded; empty when there is none before more is read, or done() or
    // refused().
    Piece take(InputBuffer& input);
    // Content behind the first kBeforePipe bytes may pass by in a pipe. Only where it is nothing but content does it.
    void let_pipe() { may_pipe_ = true; }
    // Where to read to instead of to `input`, no more than belongs to this message; a null pipe: to `input`.
    InputRoom pipe_room(InputBuffer& input);
    void received_in_pipe(size_t count) { in_pipe_ += count; }
    // More bytes are needed before take() can go on.
    bool needs_input(const InputBuffer& input) const;
    // `count` bytes more are not all of it, or, where only its chunks say how long it is, need not be.
    bool lacks(uint64_t count) const {
        if (state_ == State::sized) return remaining_ > count + in_pipe_;
        return state_ == State::chunked || state_ == State::trailers;
    }
    // The peer's end of file; true when it ends the content.
    bool end_of_input();

    bool done() const { return state_ == State::done; }
    bool refused() const { return state_ == State::refused; }
    const Refusal& refusal() const { return *refusal_; }
    const Fields& trailers() const { return trailers_; }
    // Bytes taken out of inputs, framing included.
    uint64_t bytes_read() const { return bytes_read_; }
    void clear();

 private:
    enum class State : uint8_t { sized, chunked, trailers, until_close, done, refused };
    static constexpr uint64_t kBeforePipe = 64 * 1024;
    Piece take_sized(InputBuffer& input);
    Piece take_piped();
    Piece take_chunked(InputBuffer& input);
    void read_trailers(InputBuffer& input);
    [[gnu::cold]] void refuse(const Refusal* why);

    State state_ = State::done;
    uint64_t remaining_ = 0;  // sized
    uint64_t bytes_read_ = 0;
    SlabRef pipe_;        // while it is in use
    size_t in_pipe_ = 0;  // bytes that were not taken yet
    bool may_pipe_ = false;
    ChunkedDecoder decoder_;
    H1Parser parser_{HeadLimits{}};
    Fields trailers_;
    SlabRef trailer_bytes_;
    const Refusal* refusal_ = &kNoRefusal;
};

class H1BodyWriter final {
 public:
    void begin(const H1Framing& framing) {
        kind_ = framing.kind;
        remaining_ = framing.length;
    }
    // `data` must fit what begin() announced.
    void data(Scratch& scratch, PieceQueue& out, Piece data);
    void end(Scratch& scratch, PieceQueue& out, const Fields* trailers);
    // The content may end here without a lie: all of an announced length was given.
    bool may_end() const { return kind_ != H1Framing::Kind::length || remaining_ == 0; }
    // A peer can tell that the content was cut when it ends here.
    bool shows_cut() const {
        return kind_ == H1Framing::Kind::chunked || (kind_ == H1Framing::Kind::length && remaining_ > 0);
    }

 private:
    H1Framing::Kind kind_ = H1Framing::Kind::none;
    uint64_t remaining_ = 0;
};

}  // namespace weir::http
