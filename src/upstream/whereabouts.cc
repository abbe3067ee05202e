#include "upstream/whereabouts.h"

#include <algorithm>
#include <utility>

#include "net/race.h"
#include "upstream/endpoint.h"

namespace weir::upstream {

Whereabouts Whereabouts::of(const Endpoint& endpoint) {
    Whereabouts known;
    if (endpoint.host.empty()) known.addresses.push_back(endpoint.address);
    return known;
}

std::unique_ptr<net::Transport> Whereabouts::dial(net::Loop& loop, net::Dialer& dialer) const {
    if (addresses.size() == 1) return dialer.dial(addresses.front());
    return std::make_unique<net::Race>(loop, dialer, addresses, fault);
}

bool Whereabouts::contain(const net::Address& address) const {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

void Whereabouts::prefer(const net::Address& address) {
    const auto found = std::find(addresses.begin(), addresses.end(), address);
    if (found != addresses.end()) std::rotate(addresses.begin(), found, found + 1);
}

void Whereabouts::become(Whereabouts now) {
    const Whereabouts before = std::exchange(*this, std::move(now));
    if (!before.addresses.empty()) prefer(before.addresses.front());
}

}  // namespace weir::upstream
