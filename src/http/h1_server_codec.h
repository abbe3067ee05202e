// H1ServerCodec: HTTP/1 with a client (RFC 9112). Bytes become requests, one at a time and in order; a pipelined one
// waits as bytes until the response before it is on its way. All state of a message lives in an H1ServerStream, which
// exists only while there is a message, so an idle connection is small. It opens no socket and decides nothing about
// requests: those are the exchange's. One connection, one thread.
#pragma once

#include <memory>

#include "base/byte_codec.h"
#include "base/recycler.h"
#include "base/scratch.h"
#include "http/boundary.h"
#include "http/h1_parser.h"
#include "http/input_buffer.h"
#include "http/stream.h"

namespace weir::http {

class H1ServerStream;

// What becomes of the connection behind a stream.
enum class StreamEnd : uint8_t {
    next,   // both directions stand at a message boundary: the next request may come
    close,  // the response is complete (perhaps still in output()), then nothing more
    abort,  // the response was cut: the client must notice
};

// Whose connection it is.
class ServerCodecOwner : public ByteWire {
 public:
    // A request head came, or bytes that are none: then stream.fault() says so. Must observe or release it.
    virtual void on_request(ServerStream& stream) = 0;
    virtual void on_stream_released(StreamEnd end) = 0;

 protected:
    ~ServerCodecOwner() = default;
};

// What the codecs of one worker share.
struct H1Workshop {
    explicit H1Workshop(SlabStore& slabs);
    ~H1Workshop();
    // Frees what nobody needed since it was called last; returns about how many bytes.
    size_t trim();
    Scratch scratch;
    Recycler<H1ServerStream> server_streams;
};

class H1ServerCodec final : public ByteCodec {
 public:
    H1ServerCodec(H1Workshop& workshop, ServerCodecOwner& owner, const HeadLimits& limits);
    ~H1ServerCodec();

    // Parses what already lies in the buffer: the next pipelined request. Called by the owner at the beginning of a
    // turn's work.
    void resume();
    // Refuses what has come of a head, with this status: the owner's deadline passed. Does nothing once it was
    // delivered.
    void refuse_head(const Refusal* why);

    // Bytes of a head came, but not all of it.
    bool head_begun() const;
    bool has_input() const { return !input_.empty(); }
    // Throws away what has come and what comes from now on, for a lingering close.
    void discard_input() {
        discarding_ = true;
        input_.clear();
    }
    // Bytes that received() threw away.
    uint64_t discarded() const { return discarded_; }

    bool wants_input() const override;
    bool starves() const override;
    InputRoom input_room() override;
    std::span<char> memory_room() override;
    void received(size_t count) override;
    void received_in_pipe(size_t count) override;
    void received_nothing() override { input_.rest(); }
    void received_end() override;
    void end_ahead(size_t unread) override;
    void broken() override;
    PieceQueue& output() override { return output_; }
    bool output_ends() const override;
    void sent(size_t count) override;

 private:
    friend class H1ServerStream;
    void parse_head();
    // The most that ever lies in the input: a head or trailer section at its limit and one read more.
    size_t widest() const { return limits_.bytes + SlabStore::kCapacity; }
    void give_up_stream(StreamFault fault);
    void release_stream();

    H1Workshop& workshop_;
    ServerCodecOwner& owner_;
    const HeadLimits& limits_;
    InputBuffer input_;
    PieceQueue output_;
    std::unique_ptr<H1ServerStream> stream_;
    uint64_t discarded_ = 0;
    Boundary receiving_;
    Boundary sending_;
    bool end_received_ = false;
    bool discarding_ = false;
};

}  // namespace weir::http
