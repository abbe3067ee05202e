#include "http/live_stream.h"

#include <algorithm>

#include "base/text.h"

namespace weir::http {

namespace {

bool live_type(std::string_view content_type) {
    const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
    return equal_ignoring_case(type, "text/event-stream") || equal_ignoring_case(type, "application/x-ndjson") ||
           equal_ignoring_case(type, "text/x-component") || starts_with_ignoring_case(type, "application/grpc");
}

bool says_live(const Field& field) {
    if (field.id() == HeaderName::content_type) return live_type(field.value());
    return field.id() == HeaderName::x_accel_buffering && equal_ignoring_case(field.value(), "no");
}

bool asks_for_component(const Field& field) {
    return field.id() == HeaderName::other && equal_ignoring_case(field.name(), "RSC");
}

}  // namespace

bool is_live(const RequestHead& request, const ResponseHead& response) {
    const bool endless =
        response.body.kind == BodyLength::Kind::chunked || response.body.kind == BodyLength::Kind::until_close;
    if (!endless) return false;
    return std::any_of(response.fields.begin(), response.fields.end(), says_live) ||
           std::any_of(request.fields.begin(), request.fields.end(), asks_for_component);
}

}  // namespace weir::http
