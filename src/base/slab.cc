#include "base/slab.h"

#include <new>

#include "base/check.h"

namespace weir {

namespace {
void destroy(Slab* slab) {
    slab->~Slab();
    ::operator delete(slab);
}
}  // namespace

SlabStore::~SlabStore() {
    CHECK(bytes_in_use_ == 0);
    for (Slab* slab : spare_) destroy(slab);
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

void SlabStore::give_back(Slab* slab) {
    bytes_in_use_ -= slab->capacity();
    if (slab->capacity() == kCapacity && spare_.size() < kSpare) {
        spare_.push_back(slab);
    } else {
        destroy(slab);
    }
}

}  // namespace weir
