// Slabs: the blocks that bytes from the network are read into. A body stays in them until it has left again; a head
// stays until nobody looks at it any more, what is sent of it is a copy. Heads on their way out are written into slabs
// too (Scratch). A SlabRef counts its slab, so a head and a queued body may share one; the last reference gives it back
// to its store. A slab may also stand for a pipe, whose bytes nobody here can see. One store per worker, one thread, no
// locks. This file does not know what the bytes mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/pipe.h"
#include "base/quota.h"
#include "base/recycler.h"

namespace weir {

class SlabStore;

// A block of bytes, in memory or in a pipe. Made by a SlabStore only.
class Slab final {
 public:
    char* data() { return reinterpret_cast<char*>(this + 1); }
    size_t capacity() const { return capacity_; }  // of its memory
    bool is_pipe() const { return capacity_ == 0; }
    // Only where is_pipe().
    Pipe& pipe() { return *std::launder(reinterpret_cast<Pipe*>(this + 1)); }

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
    static constexpr size_t kSpare = 256;                           // slabs kept for the next taker, at most: 4 MiB
    static constexpr size_t kPipes = 128;                           // of a process, over all its stores
    static constexpr size_t kQuotaStep = 128 * 1024;                // what a store takes of its quota at once, at most

    SlabStore() = default;
    ~SlabStore();
    SlabStore(const SlabStore&) = delete;
    SlabStore& operator=(const SlabStore&) = delete;

    // A slab of kCapacity bytes, uninitialised.
    SlabRef take();
    // A slab of at least `capacity` bytes, for what does not fit in a plain one; not kept as a spare.
    SlabRef take(size_t capacity);
    // An empty pipe, or null where there is none left.
    SlabRef take_pipe();
    // How many pipes it may have open, in use and spare; none at first.
    void allow_pipes(size_t most) { most_pipes_ = most; }
    // What is lent out is taken from `quota` too, which outlives the store and has `stores` of them: in steps, so that
    // all of them together take up to three eighths of it too early. Before anything is lent.
    void share(Quota& quota, unsigned stores);
    // All stores of the quota together have lent out all that they may: who can wait takes nothing. Remembered for
    // was_short().
    bool is_short() {
        if (quota_ == nullptr || !quota_->used_up()) return false;
        return was_short_ = true;
    }
    // Somebody was told so since this was asked last.
    bool was_short() { return std::exchange(was_short_, false); }
    // Frees slabs that nobody needed since it was called last; returns their bytes.
    size_t trim() { return spare_.trim() * kSlabBytes; }
    bool may_trim() const { return spare_.may_trim(); }
    // Bytes lent out now, in slabs of any size; of pipes their number.
    size_t bytes_in_use() const { return bytes_in_use_; }
    size_t pipes_in_use() const { return pipes_ - spare_pipes_.size(); }

 private:
    friend class SlabRef;
    struct Destroy {
        void operator()(Slab* slab) const;
    };
    void give_back(Slab* slab);
    void give_back_pipe(std::unique_ptr<Slab, Destroy> slab);
    [[gnu::cold]] void settle_quota();
    Recycler<Slab, Destroy> spare_{kSpare};
    std::vector<std::unique_ptr<Slab, Destroy>> spare_pipes_;
    size_t bytes_in_use_ = 0;
    Quota* quota_ = nullptr;
    size_t quota_step_ = 0;
    size_t quota_taken_ = 0;
    size_t settle_above_ = SIZE_MAX;  // bytes in use at which the quota is looked at
    size_t settle_below_ = 0;
    bool was_short_ = false;
    size_t pipes_ = 0;  // open ones
    size_t most_pipes_ = 0;
};

inline void SlabRef::give_back() {
    slab_->store_.give_back(slab_);
}

}  // namespace weir
