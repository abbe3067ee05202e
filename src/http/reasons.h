// Reason: everything for which the parser, framing and the chunked decoder refuse a message, one reason for one check.
// The tests have a row for each, and tests/unit/http/mutate takes every check out once to see its rows fail.
// Refusals of targets and hosts stand with the code that makes them (target.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "http/refusal.h"

namespace weir::http {

enum class Reason : uint8_t {
    empty_lines,
    bare_lf,
    bare_cr,
    method_missing,
    method_not_token,
    target_missing,
    target_byte,
    request_line_space,
    version_missing,
    version_malformed,
    version_unsupported,
    request_line_too_long,
    status_malformed,
    status_out_of_range,
    status_line_space,
    reason_control,
    space_before_first_field,
    obs_fold,
    name_missing,
    name_space,
    name_not_token,
    name_too_long,
    colon_missing,
    value_control,
    too_many_fields,
    head_too_long,
    host_missing,
    host_repeated,
    expectation_unknown,
    options_too_many,
    coding_in_http10,
    coding_with_length,
    coding_repeated,
    coding_not_chunked,
    length_repeated,
    length_malformed,
    length_too_large,
    informational_framed,
    trailer_forbidden,
    chunk_size_missing,
    chunk_size_malformed,
    chunk_size_too_large,
    chunk_size_too_long,
    chunk_line_end,
    extension_malformed,
    extension_control,
    extension_too_long,
    extensions_too_long,
    chunk_data_end,
    count_
};

// By Reason.
inline constexpr std::array<Refusal, static_cast<size_t>(Reason::count_)> kRefusals = {{
    {400, "more than two empty lines before a request line", "RFC 9112 2.2"},
    {400, "a line ends in LF without CR", "RFC 9112 2.2"},
    {400, "CR without LF", "RFC 9112 2.2"},
    {400, "a request line without a method", "RFC 9112 3"},
    {400, "a method that is no token", "RFC 9112 3.1"},
    {400, "a request line without a target", "RFC 9112 3.2"},
    {400, "a target with a byte that is not printable ASCII", "RFC 9112 3.2"},
    {400, "other white space in a request line than two single spaces", "RFC 9112 3"},
    {400, "a request line without an HTTP version", "RFC 9112 3"},
    {400, "an HTTP version that is malformed", "RFC 9112 2.3"},
    {505, "an HTTP version other than 1.0 and 1.1", "RFC 9110 15.6.6"},
    {414, "a request line longer than a head may be", "RFC 9112 3"},
    {400, "a status that is not three digits", "RFC 9112 4"},
    {400, "a status below 100 or above 599", "RFC 9110 15"},
    {400, "no single space between version, status and reason", "RFC 9112 4"},
    {400, "a control byte in a reason phrase", "RFC 9112 4"},
    {400, "white space before the first field", "RFC 9112 2.2"},
    {400, "a field folded over two lines", "RFC 9112 5.2"},
    {400, "a field without a name", "RFC 9110 5.1"},
    {400, "white space in or behind a field name", "RFC 9112 5.1"},
    {400, "a field name that is no token", "RFC 9110 5.1"},
    {431, "a field name of 64 KiB", "RFC 6585 5"},
    {400, "a field line without a colon", "RFC 9112 5"},
    {400, "a control byte in a field value", "RFC 9110 5.5"},
    {431, "too many fields", "RFC 6585 5"},
    {431, "a head that is too long", "RFC 6585 5"},
    {400, "no Host in an HTTP/1.1 request", "RFC 9112 3.2"},
    {400, "more than one Host", "RFC 9112 3.2"},
    {417, "an expectation other than 100-continue", "RFC 9110 10.1.1"},
    {400, "Connection names more than 100 fields", "RFC 9110 7.6.1"},
    {400, "Transfer-Encoding in HTTP/1.0", "RFC 9112 6.1"},
    {400, "Transfer-Encoding together with Content-Length", "RFC 9112 6.3"},
    {400, "more than one Transfer-Encoding", "RFC 9112 6.1"},
    {400, "a Transfer-Encoding other than chunked", "RFC 9112 6.1"},
    {400, "more than one Content-Length", "RFC 9112 6.3"},
    {400, "a Content-Length that is no number", "RFC 9112 6.3"},
    {400, "a Content-Length of 2^63 or more", "RFC 9110 8.6"},
    {400, "Content-Length or Transfer-Encoding in a 1xx response", "RFC 9110 8.6"},
    {400, "a framing, routing or authentication field in a trailer section", "RFC 9110 6.5.1"},
    {400, "a chunk that does not begin with its size", "RFC 9112 7.1"},
    {400, "a chunk size with something behind its digits", "RFC 9112 7.1"},
    {400, "a chunk size of 2^63 or more", "RFC 9112 7.1"},
    {400, "a chunk size of more than 16 digits", "RFC 9112 7.1"},
    {400, "a chunk line that ends in CR or LF alone", "RFC 9112 7.1"},
    {400, "a chunk extension that is malformed", "RFC 9112 7.1.1"},
    {400, "a control byte in a chunk extension", "RFC 9112 7.1.1"},
    {400, "more than 256 bytes of extensions in a chunk", "RFC 9112 7.1.1"},
    {400, "more than 16 KiB of chunk extensions in a body", "RFC 9112 7.1.1"},
    {400, "chunk data with something else than CRLF behind it", "RFC 9112 7.1"},
}};

constexpr bool every_reason_has_its_refusal() {
    for (const Refusal& refusal : kRefusals)
        if (refusal.reason[0] == '\0' || refusal.rfc[0] == '\0') return false;
    return true;
}
static_assert(every_reason_has_its_refusal());

constexpr const Refusal& refusal_of(Reason reason) {
    return kRefusals[static_cast<size_t>(reason)];
}

}  // namespace weir::http
