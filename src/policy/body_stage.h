// BodyStage: what a policy puts into the way of a body: it sees all of its content and decides what goes on. A body
// without one is relayed unseen. Owned by the exchange whose body it is; one thread.
#pragma once

#include "base/piece.h"

namespace weir::policy {

// Where a stage puts what goes on.
class BodySink {
 public:
    virtual void send(Piece piece) = 0;

 protected:
    ~BodySink() = default;
};

class BodyStage {
 public:
    enum class Verdict : uint8_t {
        more,     // go on
        pause,    // no more until the exchange is resumed; then an empty piece asks again. Who pauses sees to its end
        refused,  // the message ends here: refusal() says how
    };
    virtual ~BodyStage() = default;
    // The next content, in memory, perhaps empty; `end`: nothing follows. Called with `end` until it is not pause.
    virtual Verdict push(Piece piece, bool end, BodySink& out) = 0;
    // A request's: the status of the reply. Of a response's nobody is told but by a cut.
    virtual uint16_t refusal() const { return 500; }
};

}  // namespace weir::policy
