#include "base/escape.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/text.h"

namespace weir {

namespace {

enum class Quotes : uint8_t { escape, keep };

constexpr std::string_view kCut = "...";

constexpr uint64_t repeat(uint8_t byte) {
    return 0x0101010101010101u * byte;
}
// The high bit of some byte is set where `word` has a zero byte, and none is where it has none.
constexpr uint64_t zero_bytes(uint64_t word) {
    return (word - repeat(0x01)) & ~word & repeat(0x80);
}
// Whether one of eight bytes is a control, a quote, a backslash, DEL or not ASCII.
constexpr bool special(uint64_t word) {
    const uint64_t control = (word - repeat(0x20)) & ~word;
    const uint64_t other =
        zero_bytes(word ^ repeat('"')) | zero_bytes(word ^ repeat('\\')) | zero_bytes(word ^ repeat(0x7f));
    return ((control | other | word) & repeat(0x80)) != 0;
}

static_assert(std::endian::native == std::endian::little);

template <typename Word>
Word load_word(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// The first eight bytes; what a shorter text lacks is filled up with spaces.
uint64_t load(std::string_view text) {
    const char* const at = text.data();
    const size_t size = text.size();
    if (size >= 8) return load_word<uint64_t>(at);
    uint64_t word = repeat(' ') << (8 * size);
    if (size >= 4) {
        word |= load_word<uint32_t>(at) | uint64_t{load_word<uint32_t>(at + size - 4)} << (8 * (size - 4));
    } else {
        for (size_t i = 0; i < size; ++i) word |= uint64_t{static_cast<uint8_t>(at[i])} << (8 * i);
    }
    return word;
}

// One character as it is written, and how many bytes of the text it was.
struct Unit {
    char bytes[6];
    uint8_t size;
    uint8_t taken;
};

Unit hex_unit(uint8_t code, uint8_t taken) {
    constexpr char kHex[] = "0123456789abcdef";
    return {{'\\', 'u', '0', '0', kHex[code >> 4], kHex[code & 15]}, 6, taken};
}

Unit next_unit(std::string_view text, Quotes quotes) {
    const auto lead = static_cast<uint8_t>(text[0]);
    if (lead == '"' || lead == '\\') {
        if (quotes == Quotes::keep) return {{text[0]}, 1, 1};
        return {{'\\', text[0]}, 2, 1};
    }
    if (lead >= 0x20 && lead < 0x7f) return {{text[0]}, 1, 1};
    if (lead == '\n') return {{'\\', 'n'}, 2, 1};
    if (lead == '\r') return {{'\\', 'r'}, 2, 1};
    if (lead == '\t') return {{'\\', 't'}, 2, 1};
    if (lead <= 0x7f) return hex_unit(lead, 1);
    const size_t length = utf8_length(text);
    if (length == 0) return hex_unit(lead, 1);
    if (lead == 0xc2 && static_cast<uint8_t>(text[1]) < 0xa0) return hex_unit(static_cast<uint8_t>(text[1]), 2);
    Unit unit{{}, static_cast<uint8_t>(length), static_cast<uint8_t>(length)};
    std::memcpy(unit.bytes, text.data(), length);
    return unit;
}

char* escape(std::string_view text, char* at, char* end, Quotes quotes) {
    CHECK(end - at >= 8);
    char* const limit = end - kCut.size();
    for (;;) {
        while (!text.empty() && limit - at >= 8) {
            const uint64_t word = load(text);
            if (special(word)) break;
            std::memcpy(at, &word, 8);
            const size_t taken = std::min<size_t>(text.size(), 8);
            at += taken;
            text.remove_prefix(taken);
        }
        if (text.empty()) return at;
        const Unit unit = next_unit(text, quotes);
        if (limit - at < unit.size) {
            std::memcpy(at, kCut.data(), kCut.size());
            return at + kCut.size();
        }
        std::memcpy(at, unit.bytes, unit.size);
        at += unit.size;
        text.remove_prefix(unit.taken);
    }
}

}  // namespace

char* escape_json(std::string_view text, char* at, char* end) {
    return escape(text, at, end, Quotes::escape);
}

char* escape_controls(std::string_view text, char* at, char* end) {
    return escape(text, at, end, Quotes::keep);
}

}  // namespace weir
