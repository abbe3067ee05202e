#include "http/message.h"

#include <iterator>

namespace weir::http {

Method find_method(std::string_view token) {
    switch (token.size()) {
        case 3:
            if (token == "GET") return Method::get;
            if (token == "PUT") return Method::put;
            break;
        case 4:
            if (token == "POST") return Method::post;
            if (token == "HEAD") return Method::head;
            break;
        case 5:
            if (token == "PATCH") return Method::patch;
            if (token == "TRACE") return Method::trace;
            break;
        case 6:
            if (token == "DELETE") return Method::delete_;
            break;
        case 7:
            if (token == "OPTIONS") return Method::options;
            if (token == "CONNECT") return Method::connect;
            break;
        default:
            break;
    }
    return Method::other;
}

bool idempotent(Method method) {
    switch (method) {
        case Method::get:
        case Method::head:
        case Method::put:
        case Method::delete_:
        case Method::options:
        case Method::trace:
            return true;
        case Method::other:
        case Method::post:
        case Method::patch:
        case Method::connect:
            return false;
    }
    return false;
}

void RequestHead::clear() {
    method = Method::other;
    method_text = {};
    target_text = {};
    target.clear();
    minor_version = 1;
    fields.clear();
    body = {};
    keep_alive = true;
    expect_continue = false;
    bytes = SlabRef();
}

void RequestHead::shrink(Arena& arena) {
    constexpr HeaderName kLogged[] = {HeaderName::user_agent, HeaderName::referer};
    Field logged[std::size(kLogged)];
    for (size_t i = 0; i < std::size(kLogged); ++i)
        if (const Field* field = fields.find(kLogged[i]))
            logged[i] = Field(kLogged[i], text_of(kLogged[i]), arena.copy(field->value()));
    method_text = arena.copy(method_text);
    const std::string_view host = arena.copy(target.host);
    const std::string_view path = arena.copy(target.path);
    target_text = {};
    target.clear();
    target.host = host;
    target.path = path;
    fields.clear();
    for (const Field& field : logged)
        if (field.id() != HeaderName::other) fields.add(field);
    bytes = SlabRef();
}

void ResponseHead::clear() {
    status = 0;
    reason = {};
    minor_version = 1;
    fields.clear();
    body = {};
    keep_alive = true;
    bytes = SlabRef();
}

}  // namespace weir::http
