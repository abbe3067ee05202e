#include "proxy/snapshot.h"

namespace weir::proxy {

// The text is in normal form, without brackets or port (http/ip_text.h).
bool TrustedNetworks::trusts(std::string_view ip) const {
    const auto address = net::Address::parse_host(ip);
    return address && networks_.contains(*address);
}

}  // namespace weir::proxy
