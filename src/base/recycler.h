// Recycler: used objects wait here for their next use, with the memory they have grown. A crowd leaves many behind:
// trim(), called now and then, deletes those that nobody needs any more. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace weir {

template <typename T, typename Delete = std::default_delete<T>>
class Recycler final {
 public:
    using Owned = std::unique_ptr<T, Delete>;
    static constexpr size_t kKept = 8;  // whatever trim() finds

    explicit Recycler(size_t most = 256) : most_(most) {}

    // A used one, as it was given back, or null.
    Owned take() {
        if (spare_.empty()) return nullptr;
        Owned object = std::move(spare_.back());
        spare_.pop_back();
        least_ = std::min(least_, spare_.size());
        return object;
    }
    void give_back(Owned object) {
        if (spare_.size() < most_) spare_.push_back(std::move(object));
    }
    // Deletes what lay here unused since it was called last, but for kKept. Returns how many went.
    size_t trim() {
        const size_t unused = least_ > kKept ? least_ - kKept : 0;
        spare_.erase(spare_.begin(), spare_.begin() + static_cast<ptrdiff_t>(unused));
        least_ = spare_.size();
        return unused;
    }
    // trim() may find something, if not now then the next time.
    bool may_trim() const { return spare_.size() > kKept; }

 private:
    std::vector<Owned> spare_;
    size_t most_;
    size_t least_ = 0;  // that were spare since the last trim()
};

}  // namespace weir
