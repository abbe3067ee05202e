#include "admin/host.h"

#include <arpa/inet.h>

#include <string>

#include "base/text.h"

namespace weir::admin {

namespace {

bool is_address(int family, std::string_view text) {
    in6_addr address;  // room for either
    return ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

}  // namespace

bool literal_or_localhost(std::string_view host) {
    if (host.empty()) return false;
    const size_t colon = host.rfind(':');
    if (colon != host.npos && host.back() != ']') {
        const std::string_view port = host.substr(colon + 1);
        if (!port.empty() && !parse_decimal(port)) return false;
        host = host.substr(0, colon);
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return is_address(AF_INET6, host.substr(1, host.size() - 2));
    }
    return equal_ignoring_case(host, "localhost") || is_address(AF_INET, host);
}

}  // namespace weir::admin
