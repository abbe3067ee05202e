#include "base/slab.h"

#include <new>

#include "base/check.h"

namespace weir {

namespace {
void destroy(Slab* slab) {
    if (slab->is_pipe()) slab->pipe().~Pipe();
    slab->~Slab();
    ::operator delete(slab);
}
}  // namespace

SlabStore::~SlabStore() {
    CHECK(bytes_in_use_ == 0 && pipes_in_use() == 0);
    for (Slab* slab : spare_) destroy(slab);
    for (Slab* slab : spare_pipes_) destroy(slab);
}

SlabRef SlabStore::take() {
    bytes_in_use_ += kCapacity;
    if (!spare_.empty()) {
        Slab* slab = spare_.back();
        spare_.pop_back();
        return SlabRef(slab);
    }
    return SlabRef(new (::operator new(kSlabBytes)) Slab(*this, kCapacity));
}

SlabRef SlabStore::take(size_t capacity) {
    if (capacity <= kCapacity) return take();
    bytes_in_use_ += capacity;
    return SlabRef(new (::operator new(sizeof(Slab) + capacity)) Slab(*this, capacity));
}

SlabRef SlabStore::take_pipe() {
    if (!spare_pipes_.empty()) {
        Slab* slab = spare_pipes_.back();
        spare_pipes_.pop_back();
        return SlabRef(slab);
    }
    if (pipes_ >= most_pipes_) return SlabRef();
    auto* slab = new (::operator new(sizeof(Slab) + sizeof(Pipe))) Slab(*this, 0);
    new (slab + 1) Pipe();
    if (!slab->pipe().is_open()) {
        destroy(slab);
        return SlabRef();
    }
    ++pipes_;
    return SlabRef(slab);
}

void SlabStore::give_back(Slab* slab) {
    bytes_in_use_ -= slab->capacity();
    if (slab->capacity() == kCapacity && spare_.size() < kSpare) {
        spare_.push_back(slab);
    } else if (slab->is_pipe()) {
        give_back_pipe(slab);
    } else {
        destroy(slab);
    }
}

// One with bytes left would give them to its next user.
void SlabStore::give_back_pipe(Slab* slab) {
    if (slab->pipe().empty()) return spare_pipes_.push_back(slab);
    destroy(slab);
    --pipes_;
}

}  // namespace weir
