#include "http/framing.h"

#include "base/text.h"
#include "http/connection_options.h"
#include "http/reasons.h"

namespace weir::http {

namespace {

// Fields that would change how a message is delimited, routed or authorised if a reader took trailers for headers.
constexpr HeaderSet kNotInTrailers(HeaderName::content_length, HeaderName::transfer_encoding, HeaderName::trailer,
                                   HeaderName::te, HeaderName::connection, HeaderName::keep_alive,
                                   HeaderName::proxy_connection, HeaderName::upgrade, HeaderName::http2_settings,
                                   HeaderName::expect, HeaderName::host, HeaderName::max_forwards, HeaderName::via,
                                   HeaderName::forwarded, HeaderName::x_forwarded_for, HeaderName::x_forwarded_host,
                                   HeaderName::x_forwarded_port, HeaderName::x_forwarded_proto, HeaderName::x_real_ip,
                                   HeaderName::authorization, HeaderName::proxy_authenticate,
                                   HeaderName::proxy_authorization, HeaderName::cookie, HeaderName::set_cookie);

[[gnu::cold]] const Refusal* refuse(Reason reason) {
    return &refusal_of(reason);
}

// One Content-Length into `body.bytes`: digits and nothing else, also no list of the same number twice.
const Refusal* read_length(const Fields& fields, BodyLength& body) {
    if (fields.repeats(HeaderName::content_length)) return refuse(Reason::length_repeated);
    const std::string_view text = fields.find(HeaderName::content_length)->value();
    if (text.empty()) return refuse(Reason::length_malformed);
    constexpr uint64_t kMost = INT64_MAX;
    uint64_t bytes = 0;
    for (const char c : text) {
        if (!is_digit(c)) return refuse(Reason::length_malformed);
        const bool overflows = bytes > kMost / 10;
        bytes = bytes * 10 + static_cast<uint64_t>(c - '0');
        if (overflows || bytes > kMost) return refuse(Reason::length_too_large);
    }
    body.bytes = bytes;
    return nullptr;
}

// The framing fields of a head into `body`: chunked, sized, or as it was. Both at once, or a coding that we do not
// decode, is a message whose end two readers find at two places (RFC 9112 6.3, 11.2).
const Refusal* read_framing(const Fields& fields, uint8_t minor_version, BodyLength& body) {
    constexpr HeaderSet kFraming(HeaderName::content_length, HeaderName::transfer_encoding);
    if (!fields.has_any(kFraming)) return nullptr;
    if (fields.has(HeaderName::transfer_encoding)) {
        if (minor_version == 0) return refuse(Reason::coding_in_http10);
        if (fields.has(HeaderName::content_length)) return refuse(Reason::coding_with_length);
        if (fields.repeats(HeaderName::transfer_encoding)) return refuse(Reason::coding_repeated);
        const std::string_view coding = fields.find(HeaderName::transfer_encoding)->value();
        if (!equal_ignoring_case(coding, "chunked")) return refuse(Reason::coding_not_chunked);
        body.kind = BodyLength::Kind::chunked;
        return nullptr;
    }
    body.kind = BodyLength::Kind::sized;
    return read_length(fields, body);
}

// RFC 9112 9.3. A close anywhere wins; HTTP/1.0 lives on only where keep-alive was asked for.
const Refusal* read_persistence(const Fields& fields, uint8_t minor_version, bool& keep) {
    keep = minor_version >= 1;
    const Field* first = fields.find(HeaderName::connection);
    if (first == nullptr) return nullptr;
    if (first->value() == "keep-alive" && !fields.repeats(HeaderName::connection)) {  // what browsers send
        keep = true;
        return nullptr;
    }
    bool close = false;
    size_t names = 0;
    for (const Field& field : fields) {
        if (field.id() != HeaderName::connection) continue;
        std::string_view option;
        for (CommaList options(field.value()); options.next(option);) {
            if (equal_ignoring_case(option, "close")) {
                close = true;
            } else if (equal_ignoring_case(option, "keep-alive")) {
                keep = true;
            } else if (++names > ConnectionOptions::kMost) {
                return refuse(Reason::options_too_many);
            }
        }
    }
    keep = keep && !close;
    return nullptr;
}

// RFC 9110 10.1.1; an HTTP/1.0 client does not wait for the 100 it asks for.
const Refusal* read_expectations(RequestHead& head) {
    for (const Field& field : head.fields) {
        if (field.id() != HeaderName::expect) continue;
        if (!equal_ignoring_case(field.value(), "100-continue")) return refuse(Reason::expectation_unknown);
    }
    head.expect_continue = head.minor_version >= 1;
    return nullptr;
}

}  // namespace

const Refusal* frame_request(RequestHead& head) {
    const Fields& fields = head.fields;
    if (!fields.has(HeaderName::host) && head.minor_version >= 1) return refuse(Reason::host_missing);
    if (fields.repeats(HeaderName::host)) return refuse(Reason::host_repeated);
    if (const Refusal* refusal = read_framing(fields, head.minor_version, head.body)) return refusal;
    if (const Refusal* refusal = read_persistence(fields, head.minor_version, head.keep_alive)) return refusal;
    if (const Refusal* refusal = normalise_target(head)) return refusal;
    if (!fields.has(HeaderName::expect)) return nullptr;
    return read_expectations(head);
}

const Refusal* frame_response(ResponseHead& head, Method to) {
    const Fields& fields = head.fields;
    BodyLength& body = head.body;
    if (const Refusal* refusal = read_framing(fields, head.minor_version, body)) return refusal;
    const bool framed = body.kind != BodyLength::Kind::none;
    if (head.informational() && framed) return refuse(Reason::informational_framed);
    if (const Refusal* refusal = read_persistence(fields, head.minor_version, head.keep_alive)) return refusal;
    const bool tunnel = to == Method::connect && head.status / 100 == 2;
    if (head.informational() || head.status == 204 || head.status == 304 || to == Method::head || tunnel) {
        // RFC 9112 6.3, rules 1 and 2. A length of a 204 may mean that bytes follow: nothing is read after it.
        if ((head.status == 204 && (body.bytes > 0 || body.kind == BodyLength::Kind::chunked)) || tunnel)
            head.keep_alive = false;
        body.declared = body.kind == BodyLength::Kind::sized && head.status != 204 && !tunnel;
        body.kind = BodyLength::Kind::none;
        return nullptr;
    }
    if (!framed) {
        body.kind = BodyLength::Kind::until_close;
        head.keep_alive = false;
    }
    return nullptr;
}

const Refusal* check_trailers(const Fields& trailers) {
    if (trailers.has_any(kNotInTrailers)) return refuse(Reason::trailer_forbidden);
    return nullptr;
}

}  // namespace weir::http
