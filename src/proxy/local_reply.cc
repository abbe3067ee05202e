#include "proxy/local_reply.h"

#include "base/text.h"

namespace weir::proxy {

namespace {

struct Phrase {
    int status;
    std::string_view text;
};
constexpr Phrase kPhrases[] = {
    {204, "No Content"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {508, "Loop Detected"},
};

// "text/html; q=0", "text/html;q=0.000": not wanted (RFC 9110 12.4.2).
bool weighs_nothing(std::string_view range) {
    const size_t semicolon = range.rfind(';');
    if (semicolon == range.npos) return false;
    const std::string_view weight = trim(range.substr(semicolon + 1));
    return starts_with_ignoring_case(weight, "q=0") && weight.find_first_not_of("0.", 2) == weight.npos;
}

// A browser asks for text/html by name; everything else is served the problem document.
bool wants_html(const http::RequestHead& request) {
    for (const http::Field& field : request.fields) {
        if (field.id() != http::HeaderName::accept) continue;
        std::string_view range;
        for (CommaList list(field.value()); list.next(range);)
            if (starts_with_ignoring_case(range, "text/html") && !weighs_nothing(range)) return true;
    }
    return false;
}

std::string_view number(Arena& arena, uint64_t value) {
    char* at = arena.take(20);
    return {at, static_cast<size_t>(write_decimal(value, at) - at)};
}

std::string_view body_text(bool html, std::string_view status, std::string_view phrase, std::string_view id,
                           Arena& arena) {
    if (html)
        return arena.join("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>", status, " ", phrase,
                          "</title><h1>", status, " ", phrase, "</h1><p>Request id: <code>", id,
                          "</code></p></html>\n");
    return arena.join("{\"type\":\"about:blank\",\"title\":\"", phrase, "\",\"status\":", status, ",\"request_id\":\"",
                      id, "\"}\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
    for (const Phrase& phrase : kPhrases)
        if (phrase.status == status) return phrase.text;
    return "Unknown";
}

Piece make_local_reply(const LocalReply& reply, const http::RequestHead& request, std::string_view request_id,
                       std::string_view date, Arena& arena, Scratch& scratch, http::ResponseHead& head) {
    using http::HeaderName;
    const OutcomeRow& row = row_of(reply.outcome);
    head.clear();
    head.status = reply.status != 0 ? reply.status : row.status;
    head.reason = reason_phrase(head.status);
    head.fields.add(http::Field(HeaderName::date, "Date", date));
    head.fields.add(http::Field(HeaderName::x_request_id, "X-Request-Id", request_id));
    if (head.status >= 400 && !row.token.empty())
        head.fields.add(http::Field(HeaderName::proxy_status, "Proxy-Status", arena.join("weir; error=", row.token)));
    for (const http::Field& field : reply.fields) head.fields.add(field);
    if (head.status == 204 || head.status == 304) return {};  // have no content
    Piece body;
    if (reply.body != nullptr) {
        body = *reply.body;
    } else {
        const bool html = wants_html(request);
        head.fields.add(http::Field(HeaderName::content_type, "Content-Type",
                                    html ? "text/html; charset=utf-8" : "application/problem+json"));
        const std::string_view status = number(arena, static_cast<uint64_t>(head.status));
        body = scratch.copy(body_text(html, status, head.reason, request_id, arena));
    }
    if (request.method == http::Method::head) {
        head.body = {http::BodyLength::Kind::none, body.size, true};
        return {};
    }
    head.body = {http::BodyLength::Kind::sized, body.size};
    return body;
}

}  // namespace weir::proxy
