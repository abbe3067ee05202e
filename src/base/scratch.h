// Scratch: where a worker writes the small texts it sends itself (status lines, chunk sizes, the headers it adds). They
// are put one behind the other into a slab, so texts written in a row become one segment. With it, what queues of
// output need. One per worker, one thread.
#pragma once

#include <cstring>
#include <string_view>

#include "base/check.h"
#include "base/piece.h"

namespace weir {

class Scratch final {
 public:
    explicit Scratch(SlabStore& slabs) : slabs_(slabs) {}

    SlabStore& slabs() { return slabs_; }
    PieceRings& rings() { return rings_; }
    // Room for `size` bytes in a row; they are kept once take() is called for them.
    char* reserve(size_t size) {
        if (slab_.alone()) used_ = 0;  // all of it has left: again from where the memory is in the cache
        if (!slab_ || slab_->capacity() - used_ < size) {
            slab_ = slabs_.take(size);
            used_ = 0;
        }
        return slab_->data() + used_;
    }
    // The first `size` bytes of what reserve() gave last.
    Piece take(size_t size) {
        CHECK(slab_ && size <= slab_->capacity() - used_);
        Piece piece{slab_, slab_->data() + used_, size};
        used_ += size;
        return piece;
    }
    Piece copy(std::string_view text) {
        std::memcpy(reserve(text.size()), text.data(), text.size());
        return take(text.size());
    }
    size_t trim() { return rings_.trim() * PieceQueue::kRing * sizeof(Piece); }
    // Lets the slab go, so that an idle worker holds none.
    void rest() { slab_ = SlabRef(); }

 private:
    SlabStore& slabs_;
    PieceRings rings_;
    SlabRef slab_;
    size_t used_ = 0;
};

}  // namespace weir
