#include "config/path.h"

namespace weir::config {

std::string quoted(std::string_view text) {
    constexpr size_t kShown = 80;
    const bool whole = text.size() <= kShown;
    return "\"" + std::string(text.substr(0, kShown)) + (whole ? "\"" : "...\"");
}

std::string meant(std::string_view word) {
    return word.empty() ? "" : " (did you mean " + quoted(word) + "?)";
}

std::string key_path(std::string_view path, std::string_view key) {
    constexpr std::string_view kBare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    std::string out(path);
    if (key.empty() || key.find_first_not_of(kBare) != std::string_view::npos) return out + "[" + quoted(key) + "]";
    if (!out.empty()) out += '.';
    return out.append(key);
}

std::string item_path(std::string_view path, size_t index) {
    return std::string(path) + "[" + std::to_string(index) + "]";
}

}  // namespace weir::config
