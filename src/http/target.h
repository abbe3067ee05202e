// The request target in its one normal form (RFC 9110 7.1, RFC 9112 3.2, RFC 3986 5 and 6): host, port, path, query.
// Made once; routing, policies, forwarding, cache key and log all read this. Views into the head where nothing had to
// be changed, into `rewritten` where it had: a Target may be moved, not copied. How a path and a host are made normal
// is in path.h and authority.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/refusal.h"

namespace weir::http {

struct RequestHead;

struct Target {
    enum class Form : uint8_t { origin, absolute, authority, asterisk };
    Form form = Form::origin;
    std::string_view scheme;     // absolute form only, lower case: "http" or "https"
    std::string_view authority;  // Host as passed on: host[:port] as it came (absolute form wins over Host)
    std::string_view host;       // lower case, no port, no trailing dot; "[::1]" without brackets
    uint16_t port = 0;           // 0: not given
    // What is matched: dot segments removed, unreserved escapes decoded, `;parameters` cut. "*" in asterisk form, empty
    // in authority form.
    std::string_view path;
    // What the backend gets: the bytes that came, or, where normalising changed them, the result with its parameters.
    std::string_view forward_path;
    std::string_view query;  // with its `?`; empty when there is none, "?" when it is empty
    std::string rewritten;   // owns path, forward_path and host where they differ from what came

    void clear();  // keeps capacity
};

// Fills `head.target` from target_text, the method and the one Host field (which may be missing in HTTP/1.0 only; that
// and a second one were refused before). Refuses what the contract's path and host rules refuse: 400, with the RFC
// section. Costs one scan of each and allocates nothing where both are normal already.
const Refusal* normalise_target(RequestHead& head);

}  // namespace weir::http
