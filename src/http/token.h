// Tokens and lists of them, the small words of every header (RFC 9110 5.6). No meaning of any header.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::http {

namespace token_detail {
constexpr std::array<bool, 256> make_token_bytes() {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
    for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}
inline constexpr std::array<bool, 256> kTokenBytes = make_token_bytes();
}  // namespace token_detail

// tchar of RFC 9110 5.6.2.
constexpr bool is_token_byte(char c) {
    return token_detail::kTokenBytes[static_cast<unsigned char>(c)];
}

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// `text` is `lower` but for the case of its ASCII letters.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i)
        if (to_lower(text[i]) != lower[i]) return false;
    return true;
}

// Without white space at either end.
constexpr std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Calls visit(element) for every element of a comma-separated list that is not empty (RFC 9110 5.6.1). Knows no quotes:
// for lists of tokens.
template <typename Visit>
constexpr void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const size_t comma = list.find(',');
        const std::string_view element = trim(list.substr(0, comma));
        if (!element.empty()) visit(element);
        if (comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

}  // namespace weir::http
