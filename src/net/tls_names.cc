#include "net/tls_names.h"

#include "base/ip.h"

namespace weir::net {

bool TlsNames::cover(std::string_view host) const {
    if (names_.count(host) > 0) return true;
    const std::string wildcard = wildcard_of(host);
    return !wildcard.empty() && names_.count(wildcard) > 0;
}

std::string wildcard_of(std::string_view host) {
    const size_t dot = host.find('.');
    if (dot == std::string_view::npos || dot == 0 || Ip::parse(host)) return {};
    // "*.com" would stand for everybody there.
    if (host.find('.', dot + 1) == std::string_view::npos) return {};
    return "*" + std::string(host.substr(dot));
}

}  // namespace weir::net
