// Tokens, the words that methods, names and options are made of (RFC 9110 5.6.2), and the white space between them.
#pragma once

#include <array>
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

}  // namespace weir::http
