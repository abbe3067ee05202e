// InputBuffer: what a peer sent and nobody took yet, in one slab and in one run. Pieces taken from it keep the slab
// alive; the free tail behind them is still read into. It holds no slab when it is empty and nobody reads. One
// connection, one thread.
#pragma once

#include <cstring>
#include <span>

#include "base/check.h"
#include "base/piece.h"

namespace weir::http {

class InputBuffer final {
 public:
    // A tail shorter than this is not worth a read.
    static constexpr size_t kShortTail = 2048;

    explicit InputBuffer(SlabStore& slabs) : slabs_(slabs) {}

    bool empty() const { return begin_ == end_; }
    size_t size() const { return end_ - begin_; }
    char* data() const { return slab_ ? slab_->data() + begin_ : nullptr; }
    const SlabRef& slab() const { return slab_; }
    SlabStore& slabs() const { return slabs_; }
    bool full() const { return slab_ && end_ == slab_->capacity() && !(empty()); }

    // Free space behind the bytes; with no bytes left it is at least kShortTail.
    std::span<char> room() {
        if (empty()) rewind();
        if (!slab_) {
            slab_ = slabs_.take();
            begin_ = end_ = 0;
        }
        return {slab_->data() + end_, slab_->capacity() - end_};
    }
    // The same, never empty: at the end of the slab the bytes move into one of their own, of the usual size while they
    // are few, else with room for `most` bytes in all.
    std::span<char> room_within(size_t most) {
        const std::span<char> free = room();
        if (!free.empty()) return free;
        widen(size() < SlabStore::kCapacity / 2 ? SlabStore::kCapacity : most);
        return room();
    }
    void filled(size_t count) {
        CHECK(slab_ && count <= slab_->capacity() - end_);
        end_ += static_cast<uint32_t>(count);
    }
    void drop(size_t count) {
        CHECK(count <= size());
        begin_ += static_cast<uint32_t>(count);
    }
    // The first `count` bytes leave as a piece.
    Piece take(size_t count) {
        Piece piece{slab_, data(), count};
        drop(count);
        return piece;
    }
    // Gives the slab back when nothing is in it.
    void rest() {
        if (!empty()) return;
        slab_ = SlabRef();
        begin_ = end_ = 0;
    }
    void clear() {
        begin_ = end_;
        rest();
    }

 private:
    [[gnu::cold]] void widen(size_t capacity) {
        SlabRef wider = slabs_.take(capacity);
        const size_t count = size();
        CHECK(count <= wider->capacity());
        if (count > 0) std::memcpy(wider->data(), data(), count);
        slab_ = std::move(wider);
        begin_ = 0;
        end_ = static_cast<uint32_t>(count);
    }
    void rewind() {
        if (!slab_) return;
        if (slab_.alone() && slab_->capacity() == SlabStore::kCapacity) {
            begin_ = end_ = 0;
        } else if (slab_->capacity() - end_ < kShortTail || slab_->capacity() != SlabStore::kCapacity) {
            rest();
        }
    }

    SlabStore& slabs_;
    SlabRef slab_;
    uint32_t begin_ = 0;
    uint32_t end_ = 0;
};

}  // namespace weir::http
