// Text: the small questions about ASCII text that headers, config and logs all ask. No locale, no allocation except
// where a std::string is appended to, and no exceptions. Knows no protocol. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Letters A to Z and a to z are the same; every other byte is only itself.
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// Without the spaces and tabs around it (RFC 9110 5.6.3).
constexpr std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// All of `text` as a number of digits alone: no sign, no space, nothing that 64 bits do not hold.
std::optional<uint64_t> parse_decimal(std::string_view text);

// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}
// Writes two lower-case digits a byte and returns where it stopped.
char* write_hex(std::span<const unsigned char> bytes, char* to);
// Writes the digits (20 at most) and returns where it stopped.
char* write_decimal(uint64_t number, char* to);

// The elements of a comma list, without the white space around them; empty ones do not count (RFC 9110 5.6.1).
// Commas in quotes are commas: for lists of tokens and addresses only.
//     for (CommaList list(text); list.next(element);) ...
class CommaList final {
 public:
    explicit CommaList(std::string_view text) : rest_(text) {}
    bool next(std::string_view& element);

 private:
    std::string_view rest_;
};

// The length of the UTF-8 sequence that `text` begins with (RFC 3629), or 0 when it begins with none.
size_t utf8_length(std::string_view text);

// The candidate that `name` was probably meant to be, or an empty view when none is near.
std::string_view closest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace weir
