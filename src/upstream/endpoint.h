// Endpoint: one member of a pool: an address, or a host's name, whose addresses are tried until one answers (Names). A
// living thing: it outlives configs that name it, so its counters do too. What is known of its health stands in the
// EndpointSet of the moment. Made by control, read by every worker; what workers change of it are atomics, each with
// its reason. Owned by its Pool.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/tls_client.h"
#include "telemetry/registry.h"

namespace weir::upstream {

// What is known of an endpoint. Control decides it; only the first three are asked.
enum class EndpointState : uint8_t {
    unknown,  // nobody has found out yet
    up,
    degraded,  // it answers, but says that it is not well: half its weight
    draining,  // it is leaving: what runs may end, nothing new
    down,
    count_
};

inline constexpr std::array<std::string_view, static_cast<size_t>(EndpointState::count_)> kStateNames = {
    "unknown", "up", "degraded", "draining", "down"};

constexpr std::string_view name_of(EndpointState state) {
    return kStateNames[static_cast<size_t>(state)];
}
constexpr bool takes_requests(EndpointState state) {
    return state <= EndpointState::degraded;
}

struct Endpoint {
    const uint32_t id;  // dense over all pools of the process: the index of a worker's connection pool
    const std::string name;
    const net::Address address;  // none where it has a host name
    telemetry::EndpointSeries& series;
    const net::TlsClient* tls = nullptr;  // how TLS is spoken with it; null: it is not
    const std::string host = {};          // its name, in lower case; empty where it has an address
    const uint16_t port = 0;              // at that host
};

}  // namespace weir::upstream
