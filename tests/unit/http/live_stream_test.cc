#include "http/live_stream.h"

#include "tests/support/doctest.h"

using namespace weir::http;

TEST_CASE("a live stream is known by what it says of itself") {
    using Kind = BodyLength::Kind;
    struct Row {
        HeaderName id;
        std::string_view name;
        std::string_view value;
        Kind kind;
        bool live;
    };
    const Row rows[] = {
        {HeaderName::content_type, "Content-Type", "text/event-stream", Kind::chunked, true},
        {HeaderName::content_type, "Content-Type", "Text/Event-Stream; charset=utf-8", Kind::until_close, true},
        {HeaderName::content_type, "Content-Type", "application/x-ndjson", Kind::chunked, true},
        {HeaderName::content_type, "Content-Type", "text/x-component", Kind::chunked, true},
        {HeaderName::content_type, "Content-Type", "application/grpc+proto", Kind::chunked, true},
        {HeaderName::x_accel_buffering, "X-Accel-Buffering", "no", Kind::chunked, true},
        {HeaderName::x_accel_buffering, "X-Accel-Buffering", "yes", Kind::chunked, false},
        {HeaderName::content_type, "Content-Type", "text/html", Kind::chunked, false},
        {HeaderName::content_type, "Content-Type", "text/event-stream-like", Kind::chunked, false},
        {HeaderName::content_type, "Content-Type", "text/event-stream", Kind::sized, false},  // it has an end
        {HeaderName::content_type, "Content-Type", "text/event-stream", Kind::none, false},   // HEAD, 304
    };
    for (const Row& row : rows) {
        CAPTURE(row.value);
        RequestHead request;
        ResponseHead response;
        response.fields.add(Field(row.id, row.name, row.value));
        response.body.kind = row.kind;
        CHECK_EQ(is_live(request, response), row.live);
    }
    RequestHead asks;
    asks.fields.add(Field(HeaderName::other, "rsc", "1"));
    ResponseHead component;
    component.body.kind = Kind::chunked;
    CHECK(is_live(asks, component));
    CHECK_FALSE(is_live(RequestHead(), component));
}
