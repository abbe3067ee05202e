#include "proxy/outcome.h"

#include <cerrno>

#include "net/transport.h"

namespace weir::proxy {

Outcome outcome_of_connect_error(int error) {
    switch (error) {
        case net::kNameFailed:
            return Outcome::dns_error;
        case net::kNameTimedOut:
            return Outcome::dns_timeout;
        case ECONNREFUSED:
        case ENOENT:  // a unix socket that is not there
            return Outcome::connection_refused;
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
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
        case EAGAIN:  // a unix socket whose backlog is full
            return Outcome::connection_limit_reached;
        default:
            return Outcome::connection_terminated;
    }
}

}  // namespace weir::proxy
