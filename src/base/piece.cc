#include "base/piece.h"

#include <utility>

#include "base/check.h"

namespace weir {

void PieceQueue::push(Piece piece) {
    if (piece.size == 0) return;
    bytes_ += piece.size;
    if (count_ > 0) {
        Piece& last = at(count_ - 1);
        const char* const goes_on = last.is_in_pipe() ? nullptr : last.data + last.size;
        if (last.slab.get() == piece.slab.get() && goes_on == piece.data) {
            last.size += piece.size;
            return;
        }
    }
    if (count_ == capacity_) grow();
    at(count_) = std::move(piece);
    ++count_;
}

int PieceQueue::segments(struct iovec* into, int max) const {
    int filled = 0;
    for (uint32_t i = 0; i < count_ && filled < max; ++i, ++filled) {
        const Piece& piece = at(i);
        if (piece.is_in_pipe()) break;
        into[filled] = {const_cast<char*>(piece.data), piece.size};
    }
    return filled;
}

void PieceQueue::consume(size_t count) {
    CHECK(count <= bytes_);
    bytes_ -= count;
    while (count > 0) {
        Piece& front = at(0);
        if (count < front.size) {
            if (!front.is_in_pipe()) front.data += count;
            front.size -= count;
            return;
        }
        count -= front.size;
        front.slab = SlabRef();
        first_ = (first_ + 1) & (capacity_ - 1);
        --count_;
    }
    if (count_ == 0) give_back();
}

void PieceQueue::clear() {
    for (uint32_t i = 0; i < count_; ++i) at(i).slab = SlabRef();
    count_ = 0;
    bytes_ = 0;
    give_back();
}

void PieceQueue::grow() {
    std::unique_ptr<Piece[]> wider;
    if (capacity_ == 0) wider = rings_.take();
    const uint32_t capacity = capacity_ == 0 ? kRing : 2 * capacity_;
    if (wider == nullptr) wider = std::make_unique<Piece[]>(capacity);
    for (uint32_t i = 0; i < count_; ++i) wider[i] = std::move(at(i));
    give_back();
    ring_ = std::move(wider);
    capacity_ = capacity;
}

// The ring, of which no piece holds a slab any more.
void PieceQueue::give_back() {
    if (capacity_ == kRing) rings_.give_back(std::move(ring_));
    ring_.reset();
    capacity_ = first_ = 0;
}

}  // namespace weir
