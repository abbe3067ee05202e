// Destination: where an endpoint is: an address, or the name of a host and a port there. A name stands for the
// addresses that it has at the moment; which these are it does not know. Any thread; a value.
#pragma once

#include <string>
#include <string_view>

#include "net/address.h"

namespace weir::net {

struct Destination {
    Destination(const Address& at) : address(at) {}
    Destination(std::string_view name, uint16_t at) : host(name), port(at) {}
    // As Address::parse has it, or "app.internal:3000"; the config has looked at the form of the name.
    static Result<Destination> parse(std::string_view text);

    Address address;    // none where there is a name
    std::string host;   // empty where there is an address
    uint16_t port = 0;  // at that host
};

}  // namespace weir::net
