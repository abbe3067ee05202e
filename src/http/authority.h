// Authority: `host[:port]` of a Host field or a request target, checked (RFC 9110 7.2, RFC 3986 3.2.2).
// It says what the host is; lower case and IPv6's one spelling are made only where they are not there already.
// No user information, no names beyond letters, digits and the signs of RFC 3986, no resolving. Any thread; views.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/refusal.h"

namespace weir::http {

struct Authority {
    std::string_view host;  // as it came, without port, brackets and one trailing dot
    uint16_t port = 0;      // 0: not given
    bool ipv6 = false;
    bool normal = true;  // `host` is in its normal form already
};

// Refuses, with 400: an empty host, an empty label, a sign that no host name has, an invalid IPv6 literal, a port that
// is not 1 to 65535. An empty port (`host:`) is legal and counts as none (RFC 3986 3.2.3).
const Refusal* read_authority(std::string_view text, Authority& into);

// Appends the normal form of the host: lower case; an IP literal in the one spelling of Ip.
void append_normal_host(const Authority& authority, std::string& to);

}  // namespace weir::http
