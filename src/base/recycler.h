// Recycler: used objects wait here for their next use, with the memory they have grown. One thread.
#pragma once

#include <memory>
#include <vector>

namespace weir {

template <typename T>
class Recycler final {
 public:
    explicit Recycler(size_t most = 256) : most_(most) {}

    // A used one, as it was given back, or null.
    std::unique_ptr<T> take() {
        if (spare_.empty()) return nullptr;
        std::unique_ptr<T> object = std::move(spare_.back());
        spare_.pop_back();
        return object;
    }
    void give_back(std::unique_ptr<T> object) {
        if (spare_.size() < most_) spare_.push_back(std::move(object));
    }

 private:
    std::vector<std::unique_ptr<T>> spare_;
    size_t most_;
};

}  // namespace weir
