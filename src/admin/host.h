// The names that the admin answers to.
#pragma once

#include <string_view>

namespace weir::admin {

// Whether the value of a Host field is an IP literal or localhost, with or without a port. Everything else may be a
// name that an attacker's DNS points here (DNS rebinding).
bool literal_or_localhost(std::string_view host);

}  // namespace weir::admin
