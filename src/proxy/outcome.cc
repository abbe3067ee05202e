#include "proxy/outcome.h"

#include <cerrno>

#include "net/transport.h"
#include "upstream/dial_error.h"

namespace weir::proxy {

Outcome outcome_of_connect_error(int error) {
    if (upstream::is_refusal(error)) return Outcome::connection_refused;
    if (upstream::is_our_lack(error)) return Outcome::connection_limit_reached;
    switch (error) {
        case net::kNameFailed:
            return Outcome::dns_error;
        case net::kNameTimedOut:
            return Outcome::dns_timeout;
        case ETIMEDOUT:
            return Outcome::connection_timeout;
        case EKEYREJECTED:
            return Outcome::tls_certificate_error;
        case EPROTO:
            return Outcome::tls_protocol_error;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EADDRNOTAVAIL:
        case EACCES:
            return Outcome::destination_ip_unroutable;
        default:
            return Outcome::connection_terminated;
    }
}

}  // namespace weir::proxy
