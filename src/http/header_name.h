// The header names weir knows by heart. A known name is compared as one byte ever after; an unknown one is `other`.
// Names here are lower case, as HTTP/2 writes them. No values, no meaning: those are framing's and forwarding's.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::http {

enum class HeaderName : uint8_t {
    other,
    accept,
    accept_encoding,
    accept_language,
    age,
    alt_svc,
    authorization,
    cache_control,
    connection,
    content_encoding,
    content_length,
    content_type,
    cookie,
    date,
    etag,
    expect,
    expires,
    forwarded,
    host,
    http2_settings,
    idempotency_key,
    if_match,
    if_modified_since,
    if_none_match,
    if_range,
    if_unmodified_since,
    keep_alive,
    last_modified,
    location,
    max_forwards,
    origin,
    pragma,
    proxy_authenticate,
    proxy_authorization,
    proxy_connection,
    proxy_status,
    range,
    referer,
    retry_after,
    sec_websocket_key,
    sec_websocket_version,
    server,
    set_cookie,
    te,
    traceparent,
    trailer,
    transfer_encoding,
    upgrade,
    user_agent,
    vary,
    via,
    x_accel_buffering,
    x_forwarded_for,
    x_forwarded_host,
    x_forwarded_port,
    x_forwarded_proto,
    x_real_ip,
    x_request_id,
    count_
};

// The id of a name, whatever its case; `other` for a name weir does not know.
HeaderName find_header_name(std::string_view name);
// The lower-case text of a known name; empty for `other`.
std::string_view text_of(HeaderName name);

// A set of known names, tested with one shift.
class HeaderSet final {
 public:
    constexpr HeaderSet() = default;
    template <typename... Names>
    constexpr explicit HeaderSet(Names... names) : bits_(((uint64_t{1} << static_cast<unsigned>(names)) | ... | 0)) {}
    constexpr bool has(HeaderName name) const { return (bits_ >> static_cast<unsigned>(name)) & 1; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr void add(HeaderName name) { bits_ |= uint64_t{1} << static_cast<unsigned>(name); }
    // Adds `name`, to `again` too when it is here already.
    constexpr void add(HeaderName name, HeaderSet& again) {
        if (has(name)) again.add(name);
        add(name);
    }
    friend constexpr HeaderSet operator&(HeaderSet a, HeaderSet b) {
        HeaderSet both;
        both.bits_ = a.bits_ & b.bits_;
        return both;
    }

 private:
    uint64_t bits_ = 0;
};
static_assert(static_cast<unsigned>(HeaderName::count_) <= 64);

}  // namespace weir::http
