// H1ServerStream: one request and its response on an HTTP/1 connection with a client. Recycled: taken when the first
// byte of a request came, given back when its borrower released it. Owned by its H1ServerCodec.
#pragma once

#include "http/h1_body.h"
#include "http/h1_server_codec.h"

namespace weir::http {

class H1ServerStream final : public ServerStream {
 public:
    void observe(StreamObserver* observer) override { observer_ = observer; }
    Piece take_body() override;
    void consume(size_t) override {}
    bool received_all() const override { return state_ == State::received; }
    const Fields& trailers() const override { return reader_.trailers(); }
    void pause(bool paused) override;

    void let_pipe() override;
    bool takes_pipes() const override { return codec_->owner_.uses_pipes(); }
    void send_body(Piece piece) override;
    void send_end(const Fields* trailers) override;
    size_t unsent() const override { return codec_->output_.bytes(); }
    bool sent_all() const override { return ended_ && codec_->output_.empty(); }
    uint64_t bytes_received() const override { return head_bytes_ + reader_.bytes_read(); }
    uint64_t bytes_sent() const override { return bytes_sent_; }

    StreamFault fault() const override { return fault_; }
    const Refusal& refusal() const override { return *refusal_; }
    void reset(ResetReason reason) override;
    bool is_reusable() const override;
    void release(ResetReason why) override;

    const RequestHead& request() const override { return request_; }
    std::string_view protocol() const override { return request_.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1"; }
    void shrink_request(Arena& arena) override;
    void hear_out() override { hears_out_ = true; }
    void send_informational(const ResponseHead& head) override;
    void send_head(const ResponseHead& head, bool close) override;
    bool retract() override;

 private:
    friend class H1ServerCodec;
    enum class State : uint8_t { head, body, received };

    void begin(H1ServerCodec& codec);
    void clear();
    bool wants_input() const;
    void head_complete();
    [[gnu::cold]] void fail(StreamFault fault);
    StreamEnd ending() const;
    void body_taken();
    void output_grew();
    void sent(size_t count);
    H1Framing framing_of(const ResponseHead& head);

    H1ServerCodec* codec_ = nullptr;
    StreamObserver* observer_ = nullptr;
    RequestHead request_;
    H1Parser parser_{HeadLimits{}};
    H1BodyReader reader_;
    H1BodyWriter writer_;
    const Refusal* refusal_ = &kNoRefusal;
    uint64_t head_bytes_ = 0;
    uint64_t bytes_sent_ = 0;
    State state_ = State::head;
    StreamFault fault_ = StreamFault::none;
    bool delivered_ = false;  // the owner knows it
    bool paused_ = false;
    bool above_high_ = false;  // the observer waits for the low mark
    bool keep_ = true;         // the connection may live on behind this response
    bool ended_ = false;
    bool aborted_ = false;
    bool hears_out_ = false;
};

}  // namespace weir::http
