// Arena: a bump allocator for the few texts an exchange makes itself (forwarded headers, ids, normalised paths).
// The first block is inline; what it gave lives until reset() or its end. No destructors are run. One thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir {

class Arena final {
 public:
    static constexpr size_t kInline = 768;

    // `size` bytes, uninitialised, not aligned for anything but char.
    char* take(size_t size) {
        if (size > left_) return take_block(size);
        char* at = next_;
        next_ += size;
        left_ -= size;
        return at;
    }
    std::string_view copy(std::string_view text) {
        char* at = take(text.size());
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        return {at, text.size()};
    }
    // The parts one behind the other.
    template <typename... Parts>
    std::string_view join(Parts... parts) {
        const size_t size = (std::string_view(parts).size() + ... + 0);
        char* at = take(size);
        char* end = at;
        ((end = append(end, std::string_view(parts))), ...);
        return {at, size};
    }
    // Forgets everything; views into it are void.
    void reset() {
        blocks_.clear();
        next_ = inline_;
        left_ = kInline;
    }

 private:
    static char* append(char* at, std::string_view text) {
        if (!text.empty()) std::memcpy(at, text.data(), text.size());
        return at + text.size();
    }
    [[gnu::cold]] char* take_block(size_t size) {
        constexpr size_t kBlock = 4096;
        if (size > kBlock / 2) {
            blocks_.push_back(std::make_unique<char[]>(size));
            return blocks_.back().get();
        }
        blocks_.push_back(std::make_unique<char[]>(kBlock));
        next_ = blocks_.back().get();
        left_ = kBlock;
        return take(size);
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = inline_;
    size_t left_ = kInline;
    char inline_[kInline];
};

}  // namespace weir
