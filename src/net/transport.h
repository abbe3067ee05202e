// Transport: one byte stream with one peer, whatever carries it: a TCP or unix socket, TLS over one, or memory in
// tests. It says when there may be something to do and moves bytes when asked; it keeps no bytes of its own and knows
// no HTTP. Owned by a Connection; lives and dies on one worker.
//
// Readiness is edge-triggered inside and level-triggered outside: readable() stays true until a read came back short
// (or, after a FIN was announced, until the end was read), writable() until a write was cut short. A transport that has
// something for its owner puts the owner's job on its lane, once a turn; one that is paused for reading does not,
// except for a reset.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/pipe.h"
#include "base/result.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/tls_names.h"

namespace weir::net {

// Why there was no connection, where no errno says it (those are positive).
enum DialFault : int {
    kNameFailed = -1,    // the host's name has no address, or nobody knows
    kNameTimedOut = -2,  // nobody has said in time
};

struct IoResult {
    enum class Kind : uint8_t {
        moved,    // `bytes` were moved, at least one
        piped,    // the same, into a pipe
        blocked,  // nothing now; the owner is told when it changes
        end,      // read only: the peer's FIN
        failed,   // reset or another error; failed() is then its errno
    };
    Kind kind;
    size_t bytes = 0;
};

inline size_t bytes_of(const struct iovec* segments, int count) {
    size_t all = 0;
    for (int i = 0; i < count; ++i) all += segments[i].iov_len;
    return all;
}

// Whether the peer's process may have got what was written last. See Transport::undelivered().
struct Undelivered {
    bool proven = false;  // it never got any of it
    bool likely = false;  // a reset came behind its end, and nobody knows that it got any of it
    Duration wait{};      // while neither: so long it may still turn out; zero: it will not
};

class Transport {
 public:
    virtual ~Transport() = default;

    // Whom to schedule and where. Before the first turn, and again when somebody else takes it over; `job` outlives the
    // transport, or the next call.
    virtual void set_owner(Job& job, Lane lane) = 0;

    // Connected: a new one from a Dialer is not until its handshake is done, nor is one over TLS; connect_error() then
    // says 0 or an errno: EKEYREJECTED for a certificate that is not good, EPROTO for what else may fail in TLS. The
    // owner is told of either, also of one that was known before set_owner().
    virtual bool connecting() const = 0;
    virtual int connect_error() const = 0;
    // Connected, and only a stand-in (Race): the transport to go on with, once; its owner is still to be set. Else
    // null.
    virtual std::unique_ptr<Transport> take_over() { return nullptr; }

    // `room` is not 0. What came before a reset can still be read behind it.
    virtual IoResult read(char* into, size_t room) = 0;
    // The end that was read may not be all that the peer had to say: over TLS it came without a close_notify.
    virtual bool cut() const { return false; }
    // Gathers; may move less than all. Not all segments empty. What has not moved comes first in the next write: it may
    // be encrypted already.
    virtual IoResult write(const struct iovec* segments, int count) = 0;
    // Whether the two below may be called.
    virtual bool uses_pipes() const = 0;
    // Up to `most` bytes into `pipe`, uncopied where the kernel can. `blocked`: nothing is there, or the pipe, which is
    // not empty, has no room: a read() tells which.
    virtual IoResult read_into(Pipe& pipe, size_t most) = 0;
    // Up to `count` bytes out of `pipe`, which has so many.
    virtual IoResult write_from(Pipe& pipe, size_t count) = 0;
    // It holds bytes that came in a buffer of its own, which it gives back when they are read.
    virtual bool holds_input() const { return false; }
    virtual bool readable() const = 0;
    virtual bool writable() const = 0;

    // A paused transport does not schedule its owner for data; resuming schedules it when there is something.
    // A reset that comes while paused, or behind a FIN that was read, is told at once: failed() is then its errno.
    virtual void pause_reading(bool paused) = 0;
    virtual bool reading_paused() const = 0;
    virtual int failed() const = 0;
    // A FIN that has come while paused: how many bytes are unread before it. None: no FIN that is known of. The owner
    // is told of such a FIN too, once.
    virtual std::optional<size_t> unread_before_end() const = 0;

    // For how long the peer has given no sign of life while what was sent to it waits for one. Zero: that is not sure
    // yet; it counts once what was sent has been sent again and again in vain. One that answers and only takes nothing,
    // its window closed, is not silent. None: nothing is on its way to it, or nobody knows (a unix socket). Asks the
    // kernel.
    virtual std::optional<Duration> unanswered() const = 0;

    // Bytes that were written so far, as they are sent: TLS counts its records.
    virtual uint64_t bytes_written() const = 0;
    // Of what was written behind `mark`, a bytes_written() of before: proven is that the peer had closed before it
    // came, by its end, the reset that followed, and that the kernel knows of no acknowledgement (of one write, and of
    // one segment at the most). An end or a reset alone proves nothing. The owner is told of a reset behind an end.
    // Asks the kernel.
    virtual Undelivered undelivered(uint64_t mark) const = 0;

    // Something has come that was not read yet, if only the peer's end or a reset; whether or not the owner was told.
    // Asks the kernel.
    virtual bool has_news() const = 0;

    // Nothing follows the next write: when it has moved all it was given shutdown_write() comes at once, and both may
    // leave together, or push(), and it leaves then.
    virtual void announce_end() {}
    virtual void push() {}
    // Sends a FIN behind what was written.
    virtual void shutdown_write() = 0;
    // Closes on destruction; after reset() with a RST instead of a FIN.
    virtual void reset() = 0;

    virtual const Address& peer() const = 0;
    // Made when asked for.
    virtual Address local() const = 0;
    // What TLS says of it, once it is connected or has failed; none: it is not over TLS.
    virtual std::optional<TlsFacts> tls() const { return std::nullopt; }
};

class TlsWorkshop;

// Opens transports to endpoints. A failure that is known at once (no route, no descriptors) is a transport whose
// connecting() is false and connect_error() is set; its owner is scheduled all the same.
class Dialer {
 public:
    virtual ~Dialer() = default;
    virtual std::unique_ptr<Transport> dial(const Address& to) = 0;
    // For TLS over its transports, see TlsDialer; lives as long as this. Null: it has none.
    virtual TlsWorkshop* tls_workshop() { return nullptr; }
};

}  // namespace weir::net
