// Outcome: how an exchange ended, one of a fixed list. One row each says what the log, the metrics and the client are
// told, in an answer or in the reset of one that was cut; a new way to fail is a new row (contract section 5; tokens
// are those of RFC 9209 2.3). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/stream.h"

namespace weir::proxy {

enum class Outcome : uint8_t {
    ok,
    client_abort,
    client_timeout,
    local,
    shutdown,
    http_request_error,
    destination_unavailable,
    dns_error,
    dns_timeout,
    connection_refused,
    connection_timeout,
    connection_terminated,
    destination_ip_unroutable,
    connection_limit_reached,
    http_response_incomplete,
    http_response_timeout,
    http_protocol_error,
    http_response_header_section_size,
    tls_certificate_error,
    tls_protocol_error,
    proxy_loop_detected,
    proxy_internal_error,
    node_400,
    node_408,
    node_431,
    node_503,
    count_
};

struct OutcomeRow {
    Outcome outcome;
    std::string_view name;   // in log and metrics; for errors the RFC 9209 token
    uint16_t status;         // of the local reply, or of the log line where there is none; 0: the exchange's own
    std::string_view token;  // in Proxy-Status of the reply when it is an error; empty: none
    http::ResetReason reset = http::ResetReason::internal;  // of a response that it cut
};

// The last ones are answers of Node's own (node_said.h); they pass as they are. `local` cuts an answer when a policy
// refuses what still comes of its request.
inline constexpr std::array<OutcomeRow, static_cast<size_t>(Outcome::count_)> kOutcomes{{
    {Outcome::ok, "ok", 0, ""},
    {Outcome::client_abort, "client_abort", 499, "", http::ResetReason::cancel},
    {Outcome::client_timeout, "client_timeout", 408, "http_request_error", http::ResetReason::too_slow},
    {Outcome::local, "local", 0, "http_request_error", http::ResetReason::cancel},
    {Outcome::shutdown, "shutdown", 503, "destination_unavailable", http::ResetReason::cancel},
    {Outcome::http_request_error, "http_request_error", 400, "http_request_error", http::ResetReason::protocol},
    {Outcome::destination_unavailable, "destination_unavailable", 503, "destination_unavailable"},
    {Outcome::dns_error, "dns_error", 502, "dns_error"},
    {Outcome::dns_timeout, "dns_timeout", 504, "dns_timeout"},
    {Outcome::connection_refused, "connection_refused", 502, "connection_refused"},
    {Outcome::connection_timeout, "connection_timeout", 504, "connection_timeout"},
    {Outcome::connection_terminated, "connection_terminated", 502, "connection_terminated"},
    {Outcome::destination_ip_unroutable, "destination_ip_unroutable", 502, "destination_ip_unroutable"},
    {Outcome::connection_limit_reached, "connection_limit_reached", 503, "connection_limit_reached"},
    {Outcome::http_response_incomplete, "http_response_incomplete", 502, "http_response_incomplete"},
    {Outcome::http_response_timeout, "http_response_timeout", 504, "http_response_timeout"},
    {Outcome::http_protocol_error, "http_protocol_error", 502, "http_protocol_error"},
    {Outcome::http_response_header_section_size, "http_response_header_section_size", 502,
     "http_response_header_section_size"},
    {Outcome::tls_certificate_error, "tls_certificate_error", 502, "tls_certificate_error"},
    {Outcome::tls_protocol_error, "tls_protocol_error", 502, "tls_protocol_error"},
    {Outcome::proxy_loop_detected, "proxy_loop_detected", 508, "proxy_loop_detected"},
    {Outcome::proxy_internal_error, "proxy_internal_error", 500, "proxy_internal_error"},
    {Outcome::node_400, "node_400", 400, ""},
    {Outcome::node_408, "node_408", 408, ""},
    {Outcome::node_431, "node_431", 431, ""},
    {Outcome::node_503, "node_503", 503, ""},
}};

constexpr bool outcomes_in_order() {
    for (size_t i = 0; i < kOutcomes.size(); ++i)
        if (kOutcomes[i].outcome != static_cast<Outcome>(i) || kOutcomes[i].name.empty()) return false;
    return true;
}
static_assert(outcomes_in_order(), "every Outcome has its row, in the order of the enum");

constexpr const OutcomeRow& row_of(Outcome outcome) {
    return kOutcomes[static_cast<size_t>(outcome)];
}

// What a failed connect (an errno or a net::DialFault) is called.
Outcome outcome_of_connect_error(int error);

}  // namespace weir::proxy
