#include "net/destination.h"

namespace weir::net {

Result<Destination> Destination::parse(std::string_view text) {
    Result<Address> address = Address::parse(text);
    if (address) return Destination(*address);
    const size_t colon = text.rfind(':');
    const std::string_view host = text.substr(0, colon);
    const bool name = colon != text.npos && !host.empty() && host.find_first_of(":[]/") == host.npos;
    const std::optional<uint16_t> port = name ? Address::parse_port(text.substr(colon + 1)) : std::nullopt;
    if (!port) return Unexpected{address.error()};
    return Destination(host, *port);
}

}  // namespace weir::net
