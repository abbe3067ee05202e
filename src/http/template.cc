#include "http/template.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "http/cookies.h"

namespace weir::http {

namespace {

// All fields of this name, as the one they mean (RFC 9110 5.3). In one go: joined one by one a head of many would take
// many times its size.
std::string_view header_value(const Fields& fields, std::string_view name, Arena& arena) {
    constexpr std::string_view kBetween = ", ";
    const Field* only = nullptr;
    size_t size = 0;
    size_t count = 0;
    for (const Field& field : fields) {
        if (!equal_ignoring_case(field.name(), name)) continue;
        only = &field;
        size += field.value().size() + kBetween.size();
        ++count;
    }
    if (count < 2) return only == nullptr ? std::string_view() : only->value();
    char* const all = arena.take(size);
    char* end = all;
    for (const Field& field : fields) {
        if (!equal_ignoring_case(field.name(), name)) continue;
        if (end != all) end = std::copy(kBetween.begin(), kBetween.end(), end);
        end = std::copy(field.value().begin(), field.value().end(), end);
    }
    return {all, static_cast<size_t>(end - all)};
}

// RFC 6265 4.2.1; the first of that name.
std::string_view cookie_value(const Fields& fields, std::string_view name) {
    std::string_view value;
    return Cookies(fields, name).next(value) ? value : std::string_view();
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
    Result<PlaceholderText> parsed = PlaceholderText::parse(text);
    if (!parsed) return Unexpected{parsed.error()};
    Template made;
    made.text_ = std::move(*parsed);
    return made;
}

std::string_view Template::value_of(const PlaceholderText::Part& part, const Source& source, Arena& arena) {
    using Kind = PlaceholderText::Kind;
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
    for (const auto& part : text_.parts)
        text = arena.join(text, std::string_view(part.before), value_of(part, source, arena));
    if (text_.parts.empty()) return text_.rest;
    return text_.rest.empty() ? text : arena.join(text, std::string_view(text_.rest));
}

}  // namespace weir::http
