// Whereabouts: where an endpoint is to be found at the moment: its address, or those behind its host's name, which
// control works out (Names) and hands to whoever opens connections to it. These remember which address answered last.
// A value; whoever has one uses it on one thread.
#pragma once

#include <memory>
#include <vector>

#include "net/address.h"
#include "net/loop.h"
#include "net/transport.h"

namespace weir::upstream {

struct Endpoint;

struct Whereabouts {
    // What is known of the endpoint without asking anybody.
    static Whereabouts of(const Endpoint& endpoint);

    // A connection to it; of several addresses the first that answers. Without any it fails, as every dial does.
    std::unique_ptr<net::Transport> dial(net::Loop& loop, net::Dialer& dialer) const;
    bool contain(const net::Address& address) const;
    // This one answered: it is tried first from now on.
    void prefer(const net::Address& address);
    // The endpoint is there now. The address that answered last stays the first where it is still one.
    void become(Whereabouts now);

    std::vector<net::Address> addresses;        // in the order to try them (RFC 8305 4)
    net::DialFault fault = net::kNameTimedOut;  // why there are none
};

}  // namespace weir::upstream
