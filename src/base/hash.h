// A fast hash of text under a secret seed, for tables keyed by what clients send: without the seed nobody can choose
// keys that collide. For tables in memory only: not a digest, and not the same after a restart. Any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir {

namespace hash_detail {

// Both halves of the 128-bit product, mixed: every bit of the result depends on all of both factors.
inline uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}
template <typename Word>
uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}
// Up to eight bytes as one number; texts of one size give the same only when they are the same.
inline uint64_t load_short(const char* at, size_t size) {
    if (size >= 4) return load<uint32_t>(at) << 32 | load<uint32_t>(at + size - 4);
    if (size == 0) return 0;
    return load<uint8_t>(at) << 16 | load<uint8_t>(at + size / 2) << 8 | load<uint8_t>(at + size - 1);
}

}  // namespace hash_detail

inline uint64_t seeded_hash(std::string_view text, uint64_t seed) {
    using hash_detail::fold;
    constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;  // the golden ratio
    const uint64_t factor = seed ^ kOdd;
    // Begins with the size, so that what is read twice below is told apart.
    uint64_t state = seed ^ fold(text.size() ^ kOdd, factor);
    const char* at = text.data();
    size_t left = text.size();
    for (; left > 8; at += 8, left -= 8) state = fold(state ^ hash_detail::load<uint64_t>(at), factor);
    state = fold(state ^ hash_detail::load_short(at, left), factor);
    return fold(state, kOdd);
}

}  // namespace weir
