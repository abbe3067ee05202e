#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

namespace weir {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// Both digits of every byte: ids are written with every request.
constexpr std::array<char, 512> make_hex_pairs() {
    std::array<char, 512> pairs{};
    for (size_t byte = 0; byte < 256; ++byte) {
        pairs[2 * byte] = kHexDigits[byte >> 4];
        pairs[2 * byte + 1] = kHexDigits[byte & 15];
    }
    return pairs;
}
constexpr std::array<char, 512> kHexPairs = make_hex_pairs();

bool continues(std::string_view text, size_t at, unsigned char least = 0x80, unsigned char most = 0xbf) {
    if (at >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte >= least && byte <= most;
}

// How many characters must be inserted, removed, replaced or swapped with their neighbour to make `a` of `b`.
size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        before.swap(last);
        last.swap(row);
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = last[j - 1] + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a == b || (a.size() == b.size() && starts_with_ignoring_case(a, b));
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    if (text.size() < prefix.size()) return false;
    for (size_t i = 0; i < prefix.size(); ++i)
        if (lower(text[i]) != lower(prefix[i])) return false;
    return true;
}

std::optional<uint64_t> parse_decimal(std::string_view text) {
    uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) return {};
    return number;
}

char* write_hex(std::span<const unsigned char> bytes, char* to) {
    for (const unsigned char byte : bytes) {
        std::memcpy(to, &kHexPairs[size_t{2} * byte], 2);
        to += 2;
    }
    return to;
}

char* write_decimal(uint64_t number, char* to) {
    for (uint64_t rest = number; rest >= 10; rest /= 10) ++to;
    char* const end = to + 1;
    for (; number >= 10; number /= 10) *to-- = static_cast<char>('0' + number % 10);
    *to = static_cast<char>('0' + number);
    return end;
}

bool CommaList::next(std::string_view& element) {
    while (!rest_.empty()) {
        const size_t comma = rest_.find(',');
        element = trim(rest_.substr(0, comma));
        rest_ = comma == rest_.npos ? std::string_view() : rest_.substr(comma + 1);
        if (!element.empty()) return true;
    }
    return false;
}

size_t utf8_length(std::string_view text) {
    if (text.empty()) return 0;
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    if (first < 0xe0) return continues(text, 1) ? 2 : 0;
    // The second byte is bounded where a shorter form, a surrogate or a number past U+10FFFF would begin (RFC 3629 4).
    const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (!continues(text, 1, least, most) || !continues(text, 2)) return 0;
    if (first < 0xf0) return 3;
    return continues(text, 3) ? 4 : 0;
}

std::string_view closest(std::string_view name, std::span<const std::string_view> candidates) {
    constexpr size_t kLongest = 64;  // longer ones are not typing mistakes
    if (name.empty() || name.size() > kLongest) return {};
    std::string_view best;
    size_t best_distance = std::max<size_t>(1, name.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > kLongest) continue;
        const size_t d = distance(name, candidate);
        if (d >= best_distance || d >= candidate.size()) continue;
        best = candidate;
        best_distance = d;
    }
    return best;
}

}  // namespace weir
