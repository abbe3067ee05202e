// Slabs: the blocks that bytes from the network are read into. A body stays in them until it has left again; a head
// stays until nobody looks at it any more, what is sent of it is a copy. Heads on their way out are written into slabs
// too (Scratch). A SlabRef counts its slab, so a head and a queued body may share one; the last reference gives it back
// to its store. One store per worker, one thread, no locks.
// This file does not know what the bytes mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir {

class SlabStore;

// A block of bytes. Made by a SlabStore only.
class Slab final {
 public:
    char* data() { return reinterpret_cast<char*>(this + 1); }
    size_t capacity() const { return capacity_; }

 private:
    friend class SlabStore;
    friend class SlabRef;
    Slab(SlabStore& store, size_t capacity) : store_(store), capacity_(static_cast<uint32_t>(capacity)) {}
    SlabStore& store_;
    uint32_t refs_ = 0;
    uint32_t capacity_;
};

// A counted reference, null when default made. Not for other threads.
class SlabRef final {
 public:
    SlabRef() = default;
    explicit SlabRef(Slab* slab) : slab_(slab) {
        if (slab_ != nullptr) ++slab_->refs_;
    }
    SlabRef(const SlabRef& other) : SlabRef(other.slab_) {}
    SlabRef(SlabRef&& other) noexcept : slab_(std::exchange(other.slab_, nullptr)) {}
    SlabRef& operator=(SlabRef other) noexcept {
        std::swap(slab_, other.slab_);
        return *this;
    }
    ~SlabRef() {
        if (slab_ != nullptr && --slab_->refs_ == 0) give_back();
    }

    explicit operator bool() const { return slab_ != nullptr; }
    Slab* operator->() const { return slab_; }
    Slab* get() const { return slab_; }
    // True when nobody else looks into the slab, so its bytes may be overwritten.
    bool alone() const { return slab_ != nullptr && slab_->refs_ == 1; }

 private:
    void give_back();
    Slab* slab_ = nullptr;
};

// The slabs of one worker. Must outlive every SlabRef it gave out.
class SlabStore final {
 public:
    static constexpr size_t kSlabBytes = 16 * 1024;                 // as malloc sees it
    static constexpr size_t kCapacity = kSlabBytes - sizeof(Slab);  // what a plain slab holds
    static constexpr size_t kSpare = 256;                           // slabs kept for the next taker: 4 MiB

    SlabStore() = default;
    ~SlabStore();
    SlabStore(const SlabStore&) = delete;
    SlabStore& operator=(const SlabStore&) = delete;

    // A slab of kCapacity bytes, uninitialised.
    SlabRef take();
    // A slab of at least `capacity` bytes, for what does not fit in a plain one; not kept as a spare.
    SlabRef take(size_t capacity);
    // Bytes lent out now, in slabs of any size.
    size_t bytes_in_use() const { return bytes_in_use_; }

 private:
    friend class SlabRef;
    void give_back(Slab* slab);
    std::vector<Slab*> spare_;
    size_t bytes_in_use_ = 0;
};

inline void SlabRef::give_back() {
    slab_->store_.give_back(slab_);
}

}  // namespace weir
