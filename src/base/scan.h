// Block: sixteen bytes looked at together, for the scans that reading a message costs. Every question answers with a
// mask: bit i speaks of byte i. Two classes with the same questions: SseBlock where the machine has SSE2 (every x86-64)
// and PortableBlock anywhere; the algorithms over them are written once and tests run them over both.
// The one place outside net/ that asks what it is compiled for. No state, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::scan {

inline bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
inline bool is_printable(char c) {
    return c >= 0x20 && c < 0x7f;  // char is signed: what is above 0x7f is below 0
}
inline bool is_visible(char c) {
    return c > 0x20 && c < 0x7f;
}
inline bool is_letter_digit_dash(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

class PortableBlock final {
 public:
    static constexpr size_t kBytes = 16;
    static constexpr uint32_t kAll = 0xffff;

    explicit PortableBlock(const char* at) { memcpy(bytes_, at, kBytes); }
    uint32_t equal(char c) const {
        return mask([c](char byte) { return byte == c; });
    }
    // Not in 0x20..0x7e.
    uint32_t not_printable() const {
        return mask([](char byte) { return !is_printable(byte); });
    }
    // Not in 0x21..0x7e.
    uint32_t not_visible() const {
        return mask([](char byte) { return !is_visible(byte); });
    }
    uint32_t letters_digits_dashes() const { return mask(is_letter_digit_dash); }
    // Every byte, with the bits of `fold` set, equals that of `text`.
    bool matches(const char* text, const char* fold) const {
        int differs = 0;
        for (size_t i = 0; i < kBytes; ++i) differs |= (bytes_[i] | fold[i]) ^ text[i];
        return differs == 0;
    }

 private:
    template <typename Question>
    uint32_t mask(Question question) const {
        uint32_t found = 0;
        for (size_t i = 0; i < kBytes; ++i) found |= static_cast<uint32_t>(question(bytes_[i])) << i;
        return found;
    }
    char bytes_[kBytes];
};

#if defined(__SSE2__)
class SseBlock final {
 public:
    static constexpr size_t kBytes = 16;
    static constexpr uint32_t kAll = 0xffff;

    explicit SseBlock(const char* at) : bytes_(load(at)) {}
    uint32_t equal(char c) const { return mask(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c))); }
    uint32_t not_printable() const { return not_from(0x20); }
    uint32_t not_visible() const { return not_from(0x21); }
    uint32_t letters_digits_dashes() const {
        const __m128i letter = up_to(_mm_sub_epi8(_mm_or_si128(bytes_, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')), 25);
        const __m128i digit = up_to(_mm_sub_epi8(bytes_, _mm_set1_epi8('0')), 9);
        const __m128i dash = _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('-'));
        return mask(_mm_or_si128(_mm_or_si128(letter, digit), dash));
    }
    bool matches(const char* text, const char* fold) const {
        return mask(_mm_cmpeq_epi8(_mm_or_si128(bytes_, load(fold)), load(text))) == kAll;
    }

 private:
    static __m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
    static uint32_t mask(__m128i found) { return static_cast<uint32_t>(_mm_movemask_epi8(found)); }
    // The bytes from 0x7f on become negative, all others one more.
    uint32_t not_from(char least) const {
        const __m128i next = _mm_add_epi8(bytes_, _mm_set1_epi8(1));
        return mask(_mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(least + 1)), next));
    }
    static __m128i up_to(__m128i bytes, char most) {  // unsigned
        return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(most)), bytes);
    }
    __m128i bytes_;
};
using Block = SseBlock;
#else
using Block = PortableBlock;
#endif

// The first byte that is not printable ASCII, or `end`.
template <typename B = Block>
inline const char* find_not_printable(const char* at, const char* end) {
    for (; static_cast<size_t>(end - at) >= B::kBytes; at += B::kBytes) {
        const uint32_t found = B(at).not_printable();
        if (found != 0) return at + __builtin_ctz(found);
    }
    while (at != end && is_printable(*at)) ++at;
    return at;
}

// The first byte that is a space or not printable ASCII, or `end`.
template <typename B = Block>
inline const char* find_not_visible(const char* at, const char* end) {
    for (; static_cast<size_t>(end - at) >= B::kBytes; at += B::kBytes) {
        const uint32_t found = B(at).not_visible();
        if (found != 0) return at + __builtin_ctz(found);
    }
    while (at != end && is_visible(*at)) ++at;
    return at;
}

// The first byte that a field value may not hold (a control byte other than HT, RFC 9110 5.5), or `end`.
template <typename B = Block>
inline const char* find_control(const char* at, const char* end) {
    for (;; ++at) {
        at = find_not_printable<B>(at, end);
        if (at == end || (is_control(*at) && *at != '\t')) return at;
    }
}

}  // namespace weir::scan
