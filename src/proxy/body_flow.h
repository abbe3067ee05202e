// BodyFlow: one direction of an exchange: content from the stream it comes from to the stream it goes to, as fast as
// the slower one, through a policy's stage where there is one. Above the sink's high mark the source is paused, at the
// low mark it goes on; nothing is kept here. It knows no HTTP version and decides nothing. One exchange, one thread.
#pragma once

#include "base/clock.h"
#include "http/field_edits.h"
#include "http/stream.h"
#include "policy/body_stage.h"
#include "proxy/replay.h"

namespace weir::proxy {

class BodyFlow final : private policy::BodySink {
 public:
    enum class Waits : uint8_t { nobody, source, sink, stage };

    // What policies have to say to a body and its trailers, and what keeps it as it is sent; null: nothing. All outlive
    // the flow.
    struct Changes {
        policy::BodyStage* stage = nullptr;
        const http::FieldEdits* edits = nullptr;
        Replay* replay = nullptr;
        bool unseen = true;  // it may pass by in a pipe
    };
    void begin(http::Stream& from, http::Stream& to, TimePoint now, Changes changes);
    // Moves what can be moved now and passes the end on.
    void pump(TimePoint now);
    // Until redirect() nothing is moved, and the source is paused.
    void hold();
    // It goes to another stream from now on, from its first byte, which is kept; so is whether it has ended.
    void redirect(http::Stream& to, TimePoint now);
    // Nothing is moved any more; the source is left paused.
    void stop();
    void clear() { *this = BodyFlow(); }

    bool begun() const { return from_ != nullptr; }
    bool running() const { return from_ != nullptr && !ended_; }
    bool ended() const { return ended_; }
    // The stage lets nothing more pass.
    bool refused() const { return refused_; }
    // Whom a running flow waits for: the sink from the high mark down to the low one; a stage that paused it.
    Waits waits() const;
    // waits() is what it is since then: something was moved, or the other side was waited for.
    TimePoint since() const { return since_; }
    // Something of the content was moved.
    bool moved() const { return moved_; }
    // From now on the source may send: it was held back by something else.
    void restart(TimePoint now) { since_ = now; }

 private:
    void send(Piece piece) override;
    bool pass(Piece piece, bool end);
    void pass_end();
    http::Stream* from_ = nullptr;
    http::Stream* to_ = nullptr;
    policy::BodyStage* stage_ = nullptr;
    const http::FieldEdits* edits_ = nullptr;
    Replay* replay_ = nullptr;
    TimePoint since_{};
    bool ended_ = false;
    bool paused_ = false;        // the source, for the sink
    bool stage_paused_ = false;  // the source, for the stage
    bool refused_ = false;
    bool moved_ = false;
};

}  // namespace weir::proxy
