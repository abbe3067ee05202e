// Endpoint: one address of a pool. A living thing: it outlives configs that name it, so its counters and (later) its
// health do too. Made by control, read by every worker; what workers change of it are atomics, each with its reason.
// Owned by its Pool.
#pragma once

#include <cstdint>
#include <string>

#include "net/address.h"
#include "telemetry/registry.h"

namespace weir::upstream {

struct Endpoint {
    const uint32_t id;  // dense over all pools of the process: the index of a worker's connection pool
    const std::string name;
    const net::Address address;
    telemetry::EndpointSeries& series;
};

}  // namespace weir::upstream
