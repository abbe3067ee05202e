// Snapshot: the config as the way of a request reads it: compiled, immutable, shared by all workers. It points at
// living things (pools, series), which outlive it. Made by server/compile; an exchange pins the one it was born under.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/cidr_set.h"
#include "base/clock.h"
#include "http/h1_parser.h"
#include "policy/policy.h"
#include "proxy/client_counts.h"
#include "proxy/retry.h"
#include "routing/router.h"
#include "telemetry/registry.h"
#include "upstream/pool.h"

namespace weir::proxy {

// What a listener asks of its connections. A living thing: a connection may outlive the config it came in under.
struct ListenerPlan {
    std::string name;
    uint16_t port = 0;
    uint16_t https_port = 0;   // where everything is redirected to; 0: nothing is
    bool tls = false;          // nothing else is spoken there
    bool client_auth = false;  // clients may or must show a certificate
    http::HeadLimits head;
    Duration header_timeout{};  // 0 in all of these: no limit
    Duration body_timeout{};
    Duration keepalive_timeout{};
    uint64_t min_rate = 0;  // bytes a second of a request body
    unsigned connections_per_client = 0;
    mutable ClientCounts clients;  // used only where connections_per_client is set
    telemetry::ListenerSeries* series = nullptr;
};

struct RoutePlan {
    std::string name;
    uint32_t pool = 0;             // index into Snapshot::pools
    Duration timeout{};            // of the whole exchange; 0: no limit
    Duration stream_idle{};        // silence of a live stream; 0: no limit
    bool finish_on_abort = false;  // a backend that works for a client that has gone may end
    RetryPlan retry;
    size_t buffer = 0;  // bytes of a request body that are kept while they are sent
    std::vector<std::unique_ptr<const policy::Policy>> policies;  // in the order they are asked
    telemetry::RouteSeries* series = nullptr;
};

struct Snapshot {
    std::vector<upstream::PoolPlan> pools;
    std::vector<RoutePlan> routes;
    std::vector<RoutePlan> calls;                // where policies' calls go
    routing::Router router;                      // gives an index into routes
    telemetry::RouteSeries* no_route = nullptr;  // where exchanges without a route are counted
    CidrSet trusted_proxies;
};

}  // namespace weir::proxy
