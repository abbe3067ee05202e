// Pool: a named group of endpoints with its balancer. A living thing, found by name; a config only points at it.
// PoolPlan is what a config says about it, compiled: part of a snapshot, handed along with each use. Control makes and
// owns pools; workers pick from them without locks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/h1_parser.h"
#include "upstream/balancer/round_robin.h"
#include "upstream/endpoint.h"

namespace weir::upstream {

// The endpoints of a pool at one moment. Immutable: a change makes a new one.
struct EndpointSet {
    std::vector<Endpoint*> endpoints;  // in the order of the config
};

class Pool final {
 public:
    Pool(std::string name, telemetry::PoolSeries& series) : name_(std::move(name)), series_(series) {}

    const std::string& name() const { return name_; }
    telemetry::PoolSeries& series() const { return series_; }
    // The endpoint for the next request, or null when there is none. Any worker.
    Endpoint* pick();
    // Control, before workers see the pool.
    Endpoint& add(uint32_t id, std::string name, const net::Address& address, telemetry::EndpointSeries& series);

 private:
    std::string name_;
    telemetry::PoolSeries& series_;
    std::vector<std::unique_ptr<Endpoint>> owned_;
    EndpointSet set_;
    RoundRobin balancer_;
};

// What a config says of a pool (contract section 2). Times are how long at most.
struct PoolPlan {
    Pool* pool = nullptr;
    Duration connect_timeout{};
    Duration response_timeout{};  // to the first byte of the response; 0: no limit
    Duration read_timeout{};      // silence within a response body; 0: no limit
    Duration idle_timeout{};      // 0: no limit
    size_t idle = 0;              // spare connections per endpoint of this worker; 0 keeps none
    http::HeadLimits head;
};

}  // namespace weir::upstream
