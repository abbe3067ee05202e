// What is looked up in the text of a YAML file itself, beside what a parser tells: bytes that may not be in it, tabs,
// the words that a parser takes for nothing, and better words for a parser's complaints. Pure functions of the text;
// places are offsets in bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

struct TextFault {
    size_t offset = 0;
    std::string message;
};

// The first byte that may not stand there: not UTF-8, a control byte, a tab in an indentation, a directive.
std::optional<TextFault> find_fault(std::string_view text);

// The tab between the node at `at` and what stands before it on its line, npos when there is none.
size_t tab_before(std::string_view text, size_t at);

// The `-`, `,` or `[` that an empty item of a list stands behind, when `at` is where the next thing stands.
size_t empty_item(std::string_view text, size_t at);

// The key that ends at `end` has no value because what follows begins a comment (`#`) or is an anchor (`&`).
bool hidden_value(std::string_view text, size_t end);

// False when a quote begins at `at` and none ends it.
bool closes_quote(std::string_view text, size_t at);

// The place behind an anchor (`&name` and blanks) that begins at `at`, or `at`.
size_t skip_anchor(std::string_view text, size_t at);

// `null`, `Null`, `NULL` or `~` when that is the whole plain scalar at `at`, else empty.
std::string_view null_word(std::string_view text, size_t at);

// What a parser meant with `complaint` about the place `at`, and where the cause stands.
TextFault explain(std::string_view text, size_t at, std::string_view complaint);

}  // namespace weir::config
