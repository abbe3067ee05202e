// Replay: the body of a request as it was sent so far, kept while it streams so that it can be sent again, up to the
// route's `buffer`. What is long is kept where it lies, by a reference to its slab; what is short is copied together,
// for each reference may keep a slab of 16 KiB. It is given up whole: when it grows too long, when a pipe takes part of
// it, when buffers are short. Owned by an Exchange, used again by the next one; one thread.
#pragma once

#include <cstddef>
#include <vector>

#include "base/piece.h"

namespace weir::proxy {

class Replay final {
 public:
    explicit Replay(SlabStore& slabs) : slabs_(slabs) {}

    // Keeps up to `most` bytes from now on. `head`: the slab of the request's head, which stays anyway; or null.
    void begin(size_t most, const Slab* head);
    // The next of what is sent.
    void keep(const Piece& piece);
    // All that was sent is here.
    bool whole() const { return whole_; }
    // It can be sent again no more.
    void give_up();
    // Gives it all once more: send(Piece) for each. Only while it is whole.
    template <typename Send>
    void send_again(Send send) const {
        for (const Piece& piece : pieces_) send(Piece(piece));
    }
    size_t bytes() const { return bytes_; }
    size_t pieces() const { return pieces_.size(); }

 private:
    // A piece of that length is worth a slab that it may have for itself: four times `most` in slabs at most.
    static constexpr size_t kLong = 4 * 1024;

    void copy(std::string_view bytes);
    void append(Piece piece);

    SlabStore& slabs_;
    std::vector<Piece> pieces_;
    const Slab* head_ = nullptr;
    SlabRef tail_;  // where short ones are copied to
    size_t tail_used_ = 0;
    size_t bytes_ = 0;
    size_t most_ = 0;
    bool whole_ = false;
};

}  // namespace weir::proxy
