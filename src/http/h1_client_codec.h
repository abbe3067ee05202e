// H1ClientCodec: HTTP/1 with a backend (RFC 9112), one request at a time. It is as strict as towards clients: an
// ambiguous response is a fault, bytes that answer nothing spoil the connection, and what is left behind a response is
// never the next one's. It opens no socket. Owned by an UpstreamConnection; its stream is the codec itself. One
// connection, one thread.
#pragma once

#include <chrono>
#include <optional>

#include "base/byte_codec.h"
#include "base/scratch.h"
#include "http/boundary.h"
#include "http/h1_body.h"
#include "http/h1_parser.h"
#include "http/input_buffer.h"
#include "http/stream.h"

namespace weir::http {

// Whose connection it is.
class ClientCodecOwner : public ByteWire {
 public:
    // The stream was released; `reusable`: the connection may carry another request.
    virtual void on_stream_released(bool reusable) = 0;

 protected:
    ~ClientCodecOwner() = default;
};

// What a backend announces: how long it keeps an idle connection, and how many more requests it takes on it.
struct KeepAlive {
    std::optional<std::chrono::seconds> timeout;
    std::optional<uint64_t> max;
};

class H1ClientCodec final : public ByteCodec, public ClientStream {
 public:
    // 1xx responses to one request; more are refused (an endless row of 103 would hold an exchange for ever).
    static constexpr int kMaxInformational = 16;

    // `limits` are those of a response head and stay.
    H1ClientCodec(Scratch& scratch, ClientCodecOwner& owner, const HeadLimits& limits);

    // Lends the stream for one request; only while idle_clean().
    ClientStream& open();
    // What the last response said of the connection's future (its Keep-Alive field).
    const KeepAlive& keep_alive() const { return keep_alive_; }
    // The request of the stream was sent whole and its response received whole; ask when it is released.
    bool whole() const { return receive_ == Receive::idle || (receive_ == Receive::done && sent_all()); }
    // Its response let the connection live on; likewise.
    bool kept() const { return keep_; }
    // Between two messages in both directions, and nothing came that nobody asked for.
    bool idle_clean() const;

    // ByteCodec
    bool wants_input() const override;
    bool starves() const override;
    InputRoom input_room() override;
    std::span<char> memory_room() override { return input_.room_within(widest()); }
    void received(size_t count) override;
    void received_in_pipe(size_t count) override;
    void received_nothing() override { input_.rest(); }
    void received_end() override;
    void received_cut() override;
    void broken() override;
    PieceQueue& output() override { return output_; }
    void sent(size_t count) override;

    // ClientStream
    void observe(StreamObserver* observer) override { observer_ = observer; }
    void send_head(const RequestHead& request) override;
    const ResponseHead* take_head() override;
    Piece take_body() override;
    void consume(size_t) override {}
    bool received_all() const override { return receive_ == Receive::done; }
    const Fields& trailers() const override { return reader_.trailers(); }
    void pause(bool paused) override;
    void let_pipe() override;
    bool takes_pipes() const override { return owner_.uses_pipes(); }
    void send_body(Piece piece) override;
    void send_end(const Fields* trailers) override;
    size_t unsent() const override { return output_.bytes(); }
    bool sent_all() const override { return ended_ && output_.empty(); }
    uint64_t bytes_received() const override {
        return head_bytes_ + reader_.bytes_read() + (receive_ == Receive::head ? input_.size() : 0);
    }
    uint64_t bytes_sent() const override { return bytes_sent_; }
    StreamFault fault() const override { return fault_; }
    const Refusal& refusal() const override { return *refusal_; }
    void reset(ResetReason reason) override;
    bool is_reusable() const override;
    void release(ResetReason why) override;

 private:
    enum class Receive : uint8_t { idle, head, body, done };
    void begin_head();
    bool head_parsed();
    void body_taken();
    void ended_by(StreamFault how);
    void settle_end();
    // The most that ever lies in the input: a head or trailer section at its limit and one read more.
    size_t widest() const { return limits_.bytes + SlabStore::kCapacity; }
    [[gnu::cold]] void fail(StreamFault fault);
    [[gnu::cold]] void refuse(const Refusal* why);
    void output_grew();
    void notify();

    Scratch& scratch_;
    ClientCodecOwner& owner_;
    const HeadLimits& limits_;
    StreamObserver* observer_ = nullptr;
    InputBuffer input_;
    PieceQueue output_;
    ResponseHead response_;
    H1Parser parser_;
    H1BodyReader reader_;
    H1BodyWriter writer_;
    KeepAlive keep_alive_;
    const Refusal* refusal_ = &kNoRefusal;
    uint64_t head_bytes_ = 0;
    uint64_t bytes_sent_ = 0;
    int informational_ = 0;
    Method method_ = Method::other;
    Boundary receiving_;
    Boundary sending_;
    Receive receive_ = Receive::idle;
    StreamFault fault_ = StreamFault::none;
    StreamFault end_ = StreamFault::none;  // how the peer ended the connection
    bool keep_ = true;
    bool cut_ = false;  // the end, which has come, may not be where the backend meant it to be
    bool ended_ = false;
    bool paused_ = false;
    bool above_high_ = false;
    bool informational_given_ = false;
    bool awaits_continue_ = false;  // Expect: 100-continue was sent, and no 100 has come
};

}  // namespace weir::http
