// BodyFlow: one direction of an exchange: content from the stream it comes from to the stream it goes to, as fast as
// the slower one, through a policy's stage where there is one. Above the sink's high mark the source is paused, at the
// low mark it goes on; nothing is kept here. It knows no HTTP version and decides nothing. One exchange, one thread.
#pragma once

#include "base/clock.h"
#include "http/field_edits.h"
#include "http/stream.h"
#include "policy/body_stage.h"

namespace weir::proxy {

class BodyFlow final : private policy::BodySink {
 public:
    enum class Waits : uint8_t { nobody, source, sink, stage };

    // What policies have to say to a body and its trailers; null: nothing. Both outlive the flow.
    struct Changes {
        policy::BodyStage* stage = nullptr;
        const http::FieldEdits* edits = nullptr;
    };
    void begin(http::Stream& from, http::Stream& to, TimePoint now, Changes changes);
    // Moves what can be moved now and passes the end on.
    void pump(TimePoint now);
    // Nothing is moved any more; the source is left paused.
    void stop();
    void clear() { *this = BodyFlow(); }

    bool running() const { return from_ != nullptr && !ended_; }
    bool ended() const { return ended_; }
    // The stage lets nothing more pass.
    bool refused() const { return refused_; }
    // Whom a running flow waits for: the sink from the high mark down to the low one; a stage that paused it.
    Waits waits() const;
    // waits() is what it is since then: something was moved, or the other side was waited for.
    TimePoint since() const { return since_; }
    // From now on the source may send: it was held back by something else.
    void restart(TimePoint now) { since_ = now; }

 private:
    void send(Piece piece) override { to_->send_body(std::move(piece)); }
    bool pass(Piece piece, bool end);
    void pass_end();
    http::Stream* from_ = nullptr;
    http::Stream* to_ = nullptr;
    policy::BodyStage* stage_ = nullptr;
    const http::FieldEdits* edits_ = nullptr;
    TimePoint since_{};
    bool ended_ = false;
    bool paused_ = false;        // the source, for the sink
    bool stage_paused_ = false;  // the source, for the stage
    bool refused_ = false;
};

}  // namespace weir::proxy
