// The admin's listening socket and the names it answers to. Control thread, at start.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace weir::admin {

// A listening, non-blocking socket and where it listens. Whoever takes it closes it.
struct Bound {
    int fd = -1;
    uint16_t port = 0;
};

// "127.0.0.1:9180", "[::1]:9180", ":9180" or "9180" (both families); port 0 lets the kernel choose. No names, no unix
// paths. An error carries the errno: EINVAL for text that is no address, EADDRINUSE ("address in use"), ...
Result<Bound> bind_address(std::string_view text);

// Whether the value of a Host field is an IP literal or localhost, with or without a port. Everything else may be a
// name that an attacker's DNS points here (DNS rebinding).
bool literal_or_localhost(std::string_view host);

}  // namespace weir::admin
