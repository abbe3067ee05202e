#include "proxy/snapshot.h"

namespace weir::proxy {

// The text is in normal form, without brackets or port (http/ip_text.h).
bool TrustedNetworks::trusts(std::string_view ip) const {
    const bool v6 = ip.find(':') != std::string_view::npos;
    std::string with_port = v6 ? "[" : "";
    with_port += ip;
    with_port += v6 ? "]:1" : ":1";
    const auto address = net::Address::parse(with_port);
    return address && networks_.contains(*address);
}

}  // namespace weir::proxy
