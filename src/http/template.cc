#include "http/template.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace weir::http {

namespace {

bool word_byte(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.';
}

// All fields of this name, as the one they mean (RFC 9110 5.3).
std::string_view header_value(const Fields& fields, std::string_view name, Arena& arena) {
    std::string_view all;
    for (const Field& field : fields) {
        if (!equal_ignoring_case(field.name(), name)) continue;
        all = all.empty() ? field.value() : arena.join(all, std::string_view(", "), field.value());
    }
    return all;
}

// RFC 6265 4.2.1; the first of that name.
std::string_view cookie_value(const Fields& fields, std::string_view name) {
    for (const Field& field : fields) {
        if (field.id() != HeaderName::cookie) continue;
        for (std::string_view rest = field.value(); !rest.empty();) {
            const size_t semicolon = rest.find(';');
            const std::string_view pair = trim(rest.substr(0, semicolon));
            rest = semicolon == rest.npos ? std::string_view() : rest.substr(semicolon + 1);
            const size_t equals = pair.find('=');
            if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
        }
    }
    return {};
}

}  // namespace

const Template::Word Template::kWords[] = {
    {"host", Kind::host},           {"uri", Kind::uri},
    {"path", Kind::path},           {"query", Kind::query},
    {"method", Kind::method},       {"scheme", Kind::scheme},
    {"client_ip", Kind::client_ip}, {"request_id", Kind::request_id},
    {"route", Kind::route},
};

Result<Template::Part> Template::parse_word(std::string_view word) {
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

Result<Template> Template::parse(std::string_view text) {
    Template made;
    while (!text.empty()) {
        const size_t open = text.find('{');
        if (open == text.npos) break;
        const auto* const word = text.data() + open + 1;
        const auto* const end = std::find_if_not(word, text.data() + text.size(), word_byte);
        const auto size = static_cast<size_t>(end - word);
        made.rest_ += text.substr(0, open);
        if (size == 0 || end == text.data() + text.size() || *end != '}') {
            made.rest_ += '{';
            text.remove_prefix(open + 1);
            continue;
        }
        Result<Part> part = parse_word({word, size});
        if (!part) return Unexpected{part.error()};
        part->before = std::exchange(made.rest_, std::string());
        made.parts_.push_back(std::move(*part));
        text.remove_prefix(open + size + 2);
    }
    made.rest_ += text;
    return made;
}

std::string_view Template::value_of(const Part& part, const Source& source, Arena& arena) {
    const Target& target = source.request.target;
    switch (part.kind) {
        case Kind::host:
            return target.host;
        case Kind::uri:
            return target.query.empty() ? target.forward_path : arena.join(target.forward_path, target.query);
        case Kind::path:
            return target.path;
        case Kind::query:
            return target.query.empty() ? target.query : target.query.substr(1);
        case Kind::method:
            return source.request.method_text;
        case Kind::scheme:
            return source.hop.scheme;
        case Kind::client_ip:
            return source.hop.client;
        case Kind::request_id:
            return source.hop.request_id;
        case Kind::route:
            return source.route;
        case Kind::header:
            return header_value(source.request.fields, part.name, arena);
        case Kind::cookie:
            return cookie_value(source.request.fields, part.name);
    }
    return {};
}

std::string_view Template::render(const Source& source, Arena& arena) const {
    std::string_view text;
    for (const Part& part : parts_)
        text = arena.join(text, std::string_view(part.before), value_of(part, source, arena));
    if (parts_.empty()) return rest_;
    return rest_.empty() ? text : arena.join(text, std::string_view(rest_));
}

}  // namespace weir::http
