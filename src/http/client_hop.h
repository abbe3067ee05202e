// ClientHop: what the connection says of the request that came by it, and client_ip: who stands at its far end when
// proxies that we trust stand between. Names no socket. Borrowed texts; one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/cidr_set.h"
#include "http/message.h"

namespace weir::http {

struct ClientHop {
    std::string_view peer;             // address of the connection's peer, no port; empty: a unix socket
    const CidrSet* proxies = nullptr;  // trusted_proxies, set only when the peer itself is one: then it is believed
    std::string_view scheme = "http";  // how the client reached us: "http" or "https"
    uint16_t port = 0;                 // the port it reached; 0: none
    std::string_view pseudonym;        // ours in Via: one word, this process's own
    std::string_view client;           // client_ip() of it
    std::string_view request_id;       // the one that was kept or made

    bool trusted() const { return proxies != nullptr; }
};

// The first address from the right that is not trusted: the peer, then X-Forwarded-For, or Forwarded where only that
// came. An element that is no address ends the search at the one behind it; when all are trusted it is the leftmost.
// The result is in its normal form, in `arena` or where it came from. Empty for a unix peer that names nobody.
std::string_view client_ip(const Fields& fields, const ClientHop& hop, Arena& arena);

// The request id that came, when the peer is trusted and the id is sane (1 to 128 letters, digits and -_.~+/=:@); else
// empty.
std::string_view kept_request_id(const Fields& fields, const ClientHop& hop);

}  // namespace weir::http
