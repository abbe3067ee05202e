#include "upstream/health_checker.h"

#include <algorithm>

#include "upstream/endpoint_probe.h"

namespace weir::upstream {

HealthChecker::HealthChecker(net::Loop& loop, net::Dialer& dialer, Owner& owner, uint64_t seed)
    : loop_(loop), dialer_(dialer), owner_(owner), scratch_(loop.slabs()), random_(seed | 1) {}

HealthChecker::~HealthChecker() = default;

void HealthChecker::watch(HealthTarget target) {
    const uint32_t id = target.endpoint.id;
    if (id >= probes_.size()) probes_.resize(id + 1);
    probes_[id] = std::make_unique<EndpointProbe>(*this, std::move(target));
}

void HealthChecker::move(uint32_t endpoint, Whereabouts to) {
    if (endpoint < probes_.size() && probes_[endpoint] != nullptr) probes_[endpoint]->move_to(std::move(to));
}

void HealthChecker::hint(uint32_t endpoint, HealthHint what) {
    if (endpoint < probes_.size() && probes_[endpoint] != nullptr) probes_[endpoint]->hint(what);
}

// xorshift64: it only has to spread.
Duration HealthChecker::part_of(Duration whole) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return Duration(
        static_cast<Duration::rep>(random_ % static_cast<uint64_t>(std::max<Duration::rep>(whole.count(), 1))));
}

}  // namespace weir::upstream
