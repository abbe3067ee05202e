// BodyFlow: one direction of an exchange: content from the stream it comes from to the stream it goes to, as fast as
// the slower one. Above the sink's high mark the source is paused, at the low mark it goes on; nothing is kept here. It
// knows no HTTP version and decides nothing. One exchange, one thread.
#pragma once

#include "base/clock.h"
#include "http/stream.h"

namespace weir::proxy {

class BodyFlow final {
 public:
    enum class Waits : uint8_t { nobody, source, sink };

    void begin(http::Stream& from, http::Stream& to, TimePoint now);
    // Moves what can be moved now and passes the end on.
    void pump(TimePoint now);
    // Nothing is moved any more; the source is left paused.
    void stop();
    void clear() { *this = BodyFlow(); }

    bool running() const { return from_ != nullptr && !ended_; }
    bool ended() const { return ended_; }
    // Whom a running flow waits for: the sink from the high mark down to the low one.
    Waits waits() const;
    // waits() is what it is since then: something was moved, or the other side was waited for.
    TimePoint since() const { return since_; }
    // From now on the source may send: it was held back by something else.
    void restart(TimePoint now) { since_ = now; }

 private:
    void pass_end();
    http::Stream* from_ = nullptr;
    http::Stream* to_ = nullptr;
    TimePoint since_{};
    bool ended_ = false;
    bool paused_ = false;  // the source, for the sink
};

}  // namespace weir::proxy
