#include "base/slab.h"

#include <algorithm>
#include <new>

#include "base/check.h"

namespace weir {

void SlabStore::Destroy::operator()(Slab* slab) const {
    if (slab->is_pipe()) slab->pipe().~Pipe();
    slab->~Slab();
    ::operator delete(slab);
}

SlabStore::~SlabStore() {
    CHECK(bytes_in_use_ == 0 && pipes_in_use() == 0);
    if (quota_ != nullptr) quota_->give_back(quota_taken_);
}

void SlabStore::share(Quota& quota, unsigned stores) {
    CHECK(bytes_in_use_ == 0);
    quota_ = &quota;
    quota_step_ = std::clamp<size_t>(quota.limit() / 8 / stores, 1, kQuotaStep);
    settle_above_ = 0;
}

// In steps, and down only when two of them are free: an atomic number that all workers share is not for every slab.
void SlabStore::settle_quota() {
    const size_t wanted = (bytes_in_use_ / quota_step_ + 1) * quota_step_;
    if (wanted > quota_taken_) quota_->take(wanted - quota_taken_);
    if (wanted < quota_taken_) quota_->give_back(quota_taken_ - wanted);
    quota_taken_ = wanted;
    settle_above_ = wanted;
    settle_below_ = wanted > 2 * quota_step_ ? wanted - 2 * quota_step_ : 0;
}

SlabRef SlabStore::take() {
    bytes_in_use_ += kCapacity;
    if (bytes_in_use_ > settle_above_) settle_quota();
    if (auto spare = spare_.take()) return SlabRef(spare.release());
    return SlabRef(new (::operator new(kSlabBytes)) Slab(*this, kCapacity));
}

SlabRef SlabStore::take(size_t capacity) {
    if (capacity <= kCapacity) return take();
    bytes_in_use_ += capacity;
    if (bytes_in_use_ > settle_above_) settle_quota();
    return SlabRef(new (::operator new(sizeof(Slab) + capacity)) Slab(*this, capacity));
}

SlabRef SlabStore::take_pipe() {
    if (!spare_pipes_.empty()) {
        Slab* slab = spare_pipes_.back().release();
        spare_pipes_.pop_back();
        return SlabRef(slab);
    }
    if (pipes_ >= most_pipes_) return SlabRef();
    auto* slab = new (::operator new(sizeof(Slab) + sizeof(Pipe))) Slab(*this, 0);
    new (slab + 1) Pipe();
    if (!slab->pipe().is_open()) {
        Destroy()(slab);
        return SlabRef();
    }
    ++pipes_;
    return SlabRef(slab);
}

void SlabStore::give_back(Slab* slab) {
    bytes_in_use_ -= slab->capacity();
    if (bytes_in_use_ < settle_below_) settle_quota();
    std::unique_ptr<Slab, Destroy> ours(slab);
    if (slab->capacity() == kCapacity) {
        spare_.give_back(std::move(ours));
    } else if (slab->is_pipe()) {
        give_back_pipe(std::move(ours));
    }
}

// One with bytes left would give them to its next user.
void SlabStore::give_back_pipe(std::unique_ptr<Slab, Destroy> slab) {
    if (slab->pipe().empty()) return spare_pipes_.push_back(std::move(slab));
    --pipes_;
}

}  // namespace weir
