// Stream: one request/response slot on a connection, and the only thing the exchange knows of a peer's HTTP version.
// What arrived waits here until it is taken (pull); something new is told to the observer, which looks. What is sent is
// queued here and leaves with the connection's next flush. The same interface stands over HTTP/1, HTTP/2 and an
// in-memory codec with many streams on a connection. Owned by its codec; borrowed by an exchange (server side) or an
// attempt (client side) until release(). It closes no connection and keeps no deadline. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/piece.h"
#include "http/message.h"
#include "http/refusal.h"

namespace weir::http {

// Why one side gives a stream up. HTTP/2 says it in a RST_STREAM (RFC 9113 7); HTTP/1 has no words for it.
enum class ResetReason : uint8_t {
    cancel,    // nobody wants it any more
    refused,   // nothing was done with it: it may be sent again (RFC 9113 8.7)
    protocol,  // the peer broke the protocol
    internal,  // we, or those behind us, can not go on
    too_slow,  // the peer did not send, or did not take, in time
};

// Why a stream can not go on; `none` while it can. The first one stays. It may come behind a message that has ended: a
// client that is gone before its answer.
enum class StreamFault : uint8_t {
    none,
    peer_closed,    // the peer's end of file within a message
    peer_reset,     // a reset of the connection or of the stream
    refused_bytes,  // the peer broke the protocol: refusal() says how
};

class Stream;

class StreamObserver {
 public:
    // A head, body bytes, an end, a fault, or room to send has come, or a client has taken all. May end, reset or
    // release the stream. It may also come from within take_head(), take_body() and send_*() (on HTTP/1 from the first
    // two, when they find an end or a fault): whoever is in such a call only notes it, and releases nothing before that
    // returned.
    virtual void on_stream() = 0;
    // What came from this stream so far has left again: the observer waits for more and holds nothing of it.
    virtual bool starves(const Stream&) const { return false; }

 protected:
    ~StreamObserver() = default;
};

class Stream {
 public:
    // Who fills a stream stops above the high mark and is told to go on at the low one.
    static constexpr size_t kHighWater = 64 * 1024;
    static constexpr size_t kLowWater = 16 * 1024;

    virtual ~Stream() = default;

    // Whom to tell; null to tell nobody.
    virtual void observe(StreamObserver* observer) = 0;

    // --- receiving -----------------------------------------------------------------------------------------------
    // The next decoded body bytes, about a slab of them at the most; an empty piece when there are none now, and always
    // behind a fault. A client's fault is told at once, a backend's end behind the bytes that came before it.
    virtual Piece take_body() = 0;
    // `count` taken bytes were passed on: the peer may send as many more (stream credit of HTTP/2; nothing on HTTP/1).
    virtual void consume(size_t count) = 0;
    // The whole message has come and all of its body was taken (ask after an empty take_body()); trailers() are
    // complete, and stay until release().
    virtual bool received_all() const = 0;
    virtual const Fields& trailers() const = 0;
    // While paused no more body is read from the peer; where others share the connection it still comes, as far as
    // credit was given. What is here may be taken all the same. Exactly one party pauses a source: a bool, not a count.
    virtual void pause(bool paused) = 0;

    // From now on pieces of the body may be in pipes (Piece::is_in_pipe): nobody looks at them, and they go to a stream
    // that takes such pieces. Once, before the body is taken.
    virtual void let_pipe() = 0;

    // --- sending -------------------------------------------------------------------------------------------------
    // A head, as much body as it announced, the end. Allowed behind a fault; to a peer that is gone it goes nowhere.
    // send_body() takes pieces that are in pipes.
    virtual bool takes_pipes() const = 0;
    virtual void send_body(Piece piece) = 0;
    // Ends the message. `trailers` may be null; they are copied, and dropped where the framing has no place for them.
    virtual void send_end(const Fields* trailers) = 0;
    // Bytes of this stream queued and not yet taken by the kernel: what watermarks look at.
    virtual size_t unsent() const = 0;
    // The message was ended and every byte of it was written.
    virtual bool sent_all() const = 0;
    // Bytes of this message on the wire, heads and framing included: those read, and those the transport took.
    virtual uint64_t bytes_received() const = 0;
    virtual uint64_t bytes_sent() const = 0;

    // --- ending --------------------------------------------------------------------------------------------------
    virtual StreamFault fault() const = 0;
    virtual const Refusal& refusal() const = 0;
    // Gives the stream up: what is queued does not leave, and on HTTP/1 release() then ends the connection. No call to
    // the observer follows, and only release() may.
    virtual void reset(ResetReason reason) = 0;
    // Both directions stand at a message boundary and the peer keeps the connection: another message may follow.
    virtual bool is_reusable() const = 0;
    // The borrower is done; the stream must not be touched any more. One that is not whole (not all was sent, or of a
    // backend's answer not all was received) ends so that its peer sees the cut: by its framing, behind what is queued,
    // or by a reset, which says `why`. When an answer was sent whole what still comes of its request is not wanted, and
    // that is no fault (RFC 9113 8.1); `why` is not looked at, nor is it behind reset().
    virtual void release(ResetReason why) = 0;
};

// Seen from the client's connection: a request comes in, a response goes out.
class ServerStream : public Stream {
 public:
    virtual const RequestHead& request() const = 0;
    // The protocol it came by, for the log and nothing else: "HTTP/1.1". The text lives for ever.
    virtual std::string_view protocol() const = 0;
    // request() is not looked at any more, but for a log line (RequestHead::shrink).
    virtual void shrink_request(Arena& arena) = 0;
    // What the client sends in full is wanted even though it has ended behind that and waits for no answer. Else such
    // an end counts as soon as it is known of, whatever is unread before it.
    virtual void hear_out() = 0;
    // A 1xx; as many as wanted, before send_head. Dropped towards HTTP/1.0. Copied, as is the final head.
    virtual void send_informational(const ResponseHead& head) = 0;
    // The final head. `fields` are all that is sent but framing and connection fields: those the codec writes itself
    // from `body` (RFC 9112 6, 9.3). `close`: no request follows on this slot, which on HTTP/1 ends the connection
    // behind this response and nothing where streams share one. Everything is copied: the head may go once this
    // returned.
    virtual void send_head(const ResponseHead& head, bool close) = 0;
    // Takes back the head and what was queued, so that another one may be sent; false when some of it has left or must
    // leave.
    virtual bool retract() = 0;
};

// Seen from the backend's connection: a request goes out, a response comes in.
class ClientStream : public Stream {
 public:
    // The head; `request.fields` are what is sent, without framing and connection fields. `request.body` says what
    // follows. Everything is copied: the head may go once this returned.
    virtual void send_head(const RequestHead& request) = 0;
    // The next head that came, informational or final, or null. A call gives the last one up, and the bytes it stood
    // in; after the final head, and behind a fault, always null.
    virtual const ResponseHead* take_head() = 0;
};

}  // namespace weir::http
