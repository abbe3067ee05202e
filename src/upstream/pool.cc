#include "upstream/pool.h"

#include <utility>

#include "base/check.h"

namespace weir::upstream {

Pool::Pool(uint32_t id, std::string name, telemetry::PoolSeries& series, Balance balance)
    : id_(id), name_(std::move(name)), series_(series), balance_(balance) {}

Endpoint& Pool::add(uint32_t id, std::string name, const net::Destination& at, telemetry::EndpointSeries& series,
                    Share share, const net::TlsClient* tls) {
    owned_.push_back(
        std::make_unique<Endpoint>(Endpoint{id, std::move(name), at.address, series, tls, at.host, at.port}));
    members_.push_back(
        {owned_.back().get(), share.weight, share.backup, EndpointState::unknown, std::move(share.token)});
    return *owned_.back();
}

void Pool::set_state(const Endpoint& endpoint, EndpointState state) {
    for (EndpointSet::Member& member : members_) {
        if (member.endpoint != &endpoint) continue;
        member.state = state;
        return;
    }
    CHECK(false);
}

std::unique_ptr<const EndpointSet> Pool::renew() {
    return std::exchange(set_, std::make_unique<const EndpointSet>(members_, balance_));
}

}  // namespace weir::upstream
