// ByteCodec: the byte side of a codec, as a connection's wire drives it. It stands here because neither net (which
// moves bytes) nor http (which reads them) may know the other. One thread.
#pragma once

#include <cstddef>
#include <span>

#include "base/piece.h"

namespace weir {

// Where to read to: memory; or a pipe, for content that nobody looks at.
struct InputRoom {
    std::span<char> memory;  // not empty without a pipe
    Slab* pipe = nullptr;
    size_t most = 0;  // bytes for the pipe
};

class ByteCodec {
 public:
    // There is a use for more bytes now. False while a reader is behind or the buffer is full: then the kernel keeps
    // them.
    virtual bool wants_input() const = 0;
    // They are read even when there are no buffers. A message waits for them, and what came of it before has left: else
    // all that hold some would wait for each other. Or nothing of them is kept.
    virtual bool starves() const { return false; }
    // Where to read to; only while wants_input().
    virtual InputRoom input_room() = 0;
    // The same, but memory: the pipe takes no more.
    virtual std::span<char> memory_room() = 0;
    // `count` bytes were put into the memory or into the pipe, at least one.
    virtual void received(size_t count) = 0;
    virtual void received_in_pipe(size_t count) = 0;
    // Nothing came: the room may be given back.
    virtual void received_nothing() = 0;
    // The peer's end of file.
    virtual void received_end() = 0;
    // The same, and nobody knows whether it ended there by its will (TLS without close_notify).
    virtual void received_cut() { received_end(); }
    // While it wants no input: the peer's end has come, behind `unread` more bytes that nobody has read.
    virtual void end_ahead(size_t) {}
    // The transport is broken in both directions (a reset, a time-out of the kernel).
    virtual void broken() = 0;
    // What waits to be written.
    virtual PieceQueue& output() = 0;
    // What output() holds is the last there is: the connection ends behind it.
    virtual bool output_ends() const { return false; }
    // `count` bytes of output() were written and consumed.
    virtual void sent(size_t count) = 0;

 protected:
    ~ByteCodec() = default;
};

// What a codec asks of the connection it speaks on.
class ByteWire {
 public:
    // output() holds something: it leaves with this turn's flush.
    virtual void output_pending() = 0;
    // wants_input() may have become true.
    virtual void input_wanted() = 0;
    // Its transport moves bytes into and out of pipes.
    virtual bool uses_pipes() const = 0;

 protected:
    ~ByteWire() = default;
};

}  // namespace weir
