// Living: what outlives a config: the counters, the pools with their endpoints, the listeners, each found by name. A
// snapshot only points here. Owned by the Server, changed by control alone; workers hold references.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/quota.h"
#include "proxy/snapshot.h"
#include "telemetry/registry.h"
#include "upstream/pool.h"

namespace weir::server {

struct Living {
    explicit Living(unsigned workers);

    telemetry::Registry registry;
    Quota connections;                                                   // of clients
    Quota buffers;                                                       // bytes
    std::map<std::string, std::unique_ptr<net::TlsClient>> tls_clients;  // by pool, of those that speak TLS
    std::map<std::string, std::string> sticky_secrets;                   // by pool, of those that have one
    std::map<std::string, std::unique_ptr<upstream::Pool>> pools;
    std::map<std::string, std::unique_ptr<proxy::ListenerPlan>> listeners;
    uint32_t endpoints = 0;  // ids given out so far, of all pools
};

}  // namespace weir::server
