#include "upstream/pool.h"

namespace weir::upstream {

Endpoint* Pool::pick() {
    const auto& endpoints = set_.endpoints;
    if (endpoints.empty()) return nullptr;
    return endpoints[balancer_.next(endpoints.size())];
}

Endpoint& Pool::add(uint32_t id, std::string name, const net::Address& address, telemetry::EndpointSeries& series) {
    owned_.push_back(std::make_unique<Endpoint>(Endpoint{id, std::move(name), address, series}));
    set_.endpoints.push_back(owned_.back().get());
    return *owned_.back();
}

}  // namespace weir::upstream
