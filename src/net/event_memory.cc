#include "net/event_memory.h"

#include <event2/event.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace weir::net {

namespace {

// Before every allocation, because free() is not told the size.
struct alignas(std::max_align_t) Header {
    size_t size;
};

constexpr size_t kStep = 16;
constexpr size_t kSmall = 48;  // bytes; what is larger is malloc's
constexpr size_t kChunk = 64 * 1024;

// Blocks of a few sizes, cut from chunks that are never freed; what comes back is lent again.
class SmallBlocks final {
 public:
    Header* take(size_t size) {
        const std::lock_guard lock(mutex_);
        Free*& first = free_[index(size)];
        if (first != nullptr) return reinterpret_cast<Header*>(std::exchange(first, first->next));
        const size_t bytes = sizeof(Header) + (index(size) + 1) * kStep;
        if (left_ < bytes && !grow()) return nullptr;
        left_ -= bytes;
        return reinterpret_cast<Header*>(std::exchange(next_, next_ + bytes));
    }
    void give_back(Header* block, size_t size) {
        const std::lock_guard lock(mutex_);
        Free*& first = free_[index(size)];
        first = new (block) Free{first};
    }

 private:
    struct Free {
        Free* next;
    };
    static size_t index(size_t size) { return size == 0 ? 0 : (size - 1) / kStep; }
    bool grow() {
        auto* chunk = static_cast<char*>(std::malloc(kChunk));
        if (chunk == nullptr) return false;
        next_ = chunk;
        left_ = kChunk;
        return true;
    }

    std::mutex mutex_;
    std::array<Free*, kSmall / kStep> free_{};
    char* next_ = nullptr;
    size_t left_ = 0;
};

SmallBlocks& small_blocks() {
    static auto* blocks = new SmallBlocks;  // to the end: bases of static objects go late
    return *blocks;
}

void* take(size_t size) {
    auto* header =
        size <= kSmall ? small_blocks().take(size) : static_cast<Header*>(std::malloc(sizeof(Header) + size));
    if (header == nullptr) return nullptr;
    header->size = size;
    return header + 1;
}

void give_back(void* memory) {
    if (memory == nullptr) return;
    Header* header = static_cast<Header*>(memory) - 1;
    if (header->size > kSmall) return std::free(header);
    small_blocks().give_back(header, header->size);
}

void* resize(void* memory, size_t size) {
    void* wider = take(size);
    if (wider == nullptr || memory == nullptr) return wider;
    std::memcpy(wider, memory, std::min((static_cast<Header*>(memory) - 1)->size, size));
    give_back(memory);
    return wider;
}

}  // namespace

void give_libevent_its_memory() {
    static std::once_flag once;
    std::call_once(once, [] { event_set_mem_functions(&take, &resize, &give_back); });
}

}  // namespace weir::net
