#include "base/piece.h"

#include <utility>

#include "base/check.h"

namespace weir {

namespace {
constexpr uint32_t kFirstCapacity = 8;  // a power of two, as every capacity
}

PieceQueue::PieceQueue(PieceQueue&& other) noexcept
    : ring_(std::move(other.ring_)),
      capacity_(std::exchange(other.capacity_, 0)),
      first_(std::exchange(other.first_, 0)),
      count_(std::exchange(other.count_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}

PieceQueue& PieceQueue::operator=(PieceQueue&& other) noexcept {
    ring_ = std::move(other.ring_);
    capacity_ = std::exchange(other.capacity_, 0);
    first_ = std::exchange(other.first_, 0);
    count_ = std::exchange(other.count_, 0);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
}

void PieceQueue::push(Piece piece) {
    if (piece.size == 0) return;
    bytes_ += piece.size;
    if (count_ > 0) {
        Piece& last = ring_[(first_ + count_ - 1) & (capacity_ - 1)];
        if (last.slab.get() == piece.slab.get() && last.data + last.size == piece.data) {
            last.size += piece.size;
            return;
        }
    }
    if (count_ == capacity_) grow();
    ring_[(first_ + count_) & (capacity_ - 1)] = std::move(piece);
    ++count_;
}

int PieceQueue::segments(struct iovec* into, int max) const {
    int filled = 0;
    for (uint32_t i = 0; i < count_ && filled < max; ++i, ++filled) {
        const Piece& piece = ring_[(first_ + i) & (capacity_ - 1)];
        into[filled] = {const_cast<char*>(piece.data), piece.size};
    }
    return filled;
}

void PieceQueue::consume(size_t count) {
    CHECK(count <= bytes_);
    bytes_ -= count;
    while (count > 0) {
        Piece& front = ring_[first_];
        if (count < front.size) {
            front.data += count;
            front.size -= count;
            return;
        }
        count -= front.size;
        front = Piece{};
        first_ = (first_ + 1) & (capacity_ - 1);
        --count_;
    }
    if (count_ == 0) clear();
}

void PieceQueue::clear() {
    ring_.reset();
    capacity_ = first_ = count_ = 0;
    bytes_ = 0;
}

void PieceQueue::grow() {
    const uint32_t wider = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    auto ring = std::make_unique<Piece[]>(wider);
    for (uint32_t i = 0; i < count_; ++i) ring[i] = std::move(ring_[(first_ + i) & (capacity_ - 1)]);
    ring_ = std::move(ring);
    capacity_ = wider;
    first_ = 0;
}

}  // namespace weir
