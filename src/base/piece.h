// Piece: bytes that stay alive as long as somebody holds them. PieceQueue: pieces on their way to a transport.
// Adjacent pieces of one slab become one, so texts written in a row are one segment of one send. The bytes of a piece
// may be in a pipe: those can only be moved on.
// No socket, no meaning of the bytes. One thread.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/recycler.h"
#include "base/slab.h"

namespace weir {

// A view into a slab together with the reference that keeps it alive. Without a slab the bytes live for the process
// (string literals) or for longer than the piece by the word of whoever made it.
struct Piece {
    SlabRef slab;
    const char* data = nullptr;
    size_t size = 0;

    // The next `size` bytes of the pipe that `slab` is.
    static Piece in_pipe(SlabRef pipe, size_t size) { return {std::move(pipe), nullptr, size}; }
    bool is_in_pipe() const { return data == nullptr && size > 0; }
    // Not of one in a pipe.
    std::string_view view() const { return {data, size}; }
};

// Spare rings of PieceQueue::kRing pieces.
using PieceRings = Recycler<Piece[]>;

// First in, first out. Empty it holds no memory: the ring that it needs while it is not comes from `rings` and goes
// back there, so that all connections of a worker use the same few, which are in the cache. A longer queue has its own.
class PieceQueue final {
 public:
    static constexpr size_t kMaxSegments = 64;  // of one send
    static constexpr uint32_t kRing = 8;        // pieces; a power of two, as every capacity

    // `rings` outlives the queue.
    explicit PieceQueue(PieceRings& rings) : rings_(rings) {}
    PieceQueue(const PieceQueue&) = delete;
    PieceQueue& operator=(const PieceQueue&) = delete;
    ~PieceQueue() { clear(); }

    bool empty() const { return bytes_ == 0; }
    size_t bytes() const { return bytes_; }
    // Appends; an empty piece is nothing. Merges with the last one when it goes on where that ends.
    void push(Piece piece);
    // The oldest; not empty().
    const Piece& front() const { return at(0); }
    // Fills `into` with up to `max` segments from the front, none that is in a pipe nor behind one; returns their
    // number.
    int segments(struct iovec* into, int max) const;
    // Drops `count` bytes from the front; count <= bytes().
    void consume(size_t count);
    void clear();

 private:
    Piece& at(uint32_t index) const { return ring_[(first_ + index) & (capacity_ - 1)]; }
    void grow();
    void give_back();

    PieceRings& rings_;
    std::unique_ptr<Piece[]> ring_;  // ring buffer of `capacity_` pieces; those not in use hold no slab
    uint32_t capacity_ = 0;
    uint32_t first_ = 0;
    uint32_t count_ = 0;
    size_t bytes_ = 0;
};

}  // namespace weir
