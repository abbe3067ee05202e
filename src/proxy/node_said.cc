#include "proxy/node_said.h"

#include "base/text.h"

namespace weir::proxy {

namespace {

struct Said {
    int status;
    std::string_view reason;
    Outcome outcome;
};
constexpr Said kSaid[] = {
    {400, "Bad Request", Outcome::node_400},
    {408, "Request Timeout", Outcome::node_408},
    {431, "Request Header Fields Too Large", Outcome::node_431},
    {503, "Service Unavailable", Outcome::node_503},
};

bool says_close(const http::Field& field) {
    return field.id() == http::HeaderName::connection && equal_ignoring_case(field.value(), "close");
}

// The parser's: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" and nothing else.
bool is_bare(const http::Fields& fields) {
    return fields.size() == 1 && says_close(fields[0]);
}

// What a server says over its maxRequestsPerSocket.
bool is_dropped(const http::Fields& fields) {
    return fields.size() == 3 && fields[0].id() == http::HeaderName::date && says_close(fields[1]) &&
           fields[2].id() == http::HeaderName::transfer_encoding;
}

}  // namespace

std::optional<Outcome> node_said(const http::ResponseHead& head) {
    for (const Said& said : kSaid) {
        if (head.status != said.status) continue;
        const bool its_own = is_bare(head.fields) || (said.status == 503 && is_dropped(head.fields));
        if (its_own && head.reason == said.reason) return said.outcome;
    }
    return std::nullopt;
}

}  // namespace weir::proxy
