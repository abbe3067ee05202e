#include "base/placeholder_text.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace weir {

namespace {

using Kind = PlaceholderText::Kind;
using Part = PlaceholderText::Part;

struct Word {
    std::string_view text;
    Kind kind;
};
constexpr Word kWords[] = {
    {"host", Kind::host},           {"uri", Kind::uri},
    {"path", Kind::path},           {"query", Kind::query},
    {"method", Kind::method},       {"scheme", Kind::scheme},
    {"client_ip", Kind::client_ip}, {"request_id", Kind::request_id},
    {"route", Kind::route},
};

bool word_byte(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.';
}

Result<Part> parse_word(std::string_view word) {
    std::vector<std::string_view> known;
    for (const auto& [text, kind] : kWords) {
        if (word == text) return Part{{}, kind, {}};
        known.push_back(text);
    }
    for (const auto& [prefix, kind] : {Word{"header.", Kind::header}, Word{"cookie.", Kind::cookie}}) {
        if (word.size() > prefix.size() && word.substr(0, prefix.size()) == prefix)
            return Part{{}, kind, std::string(word.substr(prefix.size()))};
    }
    const std::string_view near = closest(word, known);
    const std::string meant = near.empty() ? "expected one such as {host}, {client_ip} or {header.NAME}"
                                           : "did you mean {" + std::string(near) + "}?";
    return fail("{" + std::string(word) + "} is no placeholder (" + meant + ")");
}

}  // namespace

Result<PlaceholderText> PlaceholderText::parse(std::string_view text) {
    PlaceholderText made;
    while (!text.empty()) {
        const size_t open = text.find('{');
        if (open == text.npos) break;
        const auto* const word = text.data() + open + 1;
        const auto* const end = std::find_if_not(word, text.data() + text.size(), word_byte);
        const auto size = static_cast<size_t>(end - word);
        made.rest += text.substr(0, open);
        if (size == 0 || end == text.data() + text.size() || *end != '}') {
            made.rest += '{';
            text.remove_prefix(open + 1);
            continue;
        }
        Result<Part> part = parse_word({word, size});
        if (!part) return Unexpected{part.error()};
        part->before = std::exchange(made.rest, std::string());
        made.parts.push_back(std::move(*part));
        text.remove_prefix(open + size + 2);
    }
    made.rest += text;
    return made;
}

}  // namespace weir
