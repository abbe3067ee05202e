// The words that diagnostics point with: `pools.app.endpoints[0]`, `pools["a.b"]`, and a text in quotes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir::config {

// `text` in quotes, its tail left out when it is long.
std::string quoted(std::string_view text);
// ` (did you mean "word"?)`, or nothing for an empty word.
std::string meant(std::string_view word);
// The path of `key` in the map at `path`.
std::string key_path(std::string_view path, std::string_view key);
// The path of an item of the list at `path`.
std::string item_path(std::string_view path, size_t index);

}  // namespace weir::config
