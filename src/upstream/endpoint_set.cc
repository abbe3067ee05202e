#include "upstream/endpoint_set.h"

#include <algorithm>
#include <utility>

#include "upstream/balancer/hash_places.h"
#include "upstream/balancer/schedule.h"

namespace weir::upstream {

EndpointSet::EndpointSet(std::vector<Member> members, Balance balance)
    : members_(std::move(members)), balance_(balance) {
    const auto primary = [](const Member& member) { return !member.backup && takes_requests(member.state); };
    const bool backups = std::none_of(members_.begin(), members_.end(), primary);
    std::vector<unsigned> weights;
    for (const Member& member : members_) {
        if (!member.token.empty()) sticky_.add(*member.endpoint, member.token, takes_requests(member.state));
        if (!takes_requests(member.state)) continue;
        if (member.backup != backups) {
            if (member.backup) reserve_.push_back(member.endpoint);
            continue;
        }
        active_.push_back(member.endpoint);
        weights.push_back(member.state == EndpointState::degraded ? member.weight : 2 * member.weight);
    }
    sticky_.sort();
    schedule_ = make_schedule(weights);
    if (balance_ == Balance::ip_hash) places_ = make_hash_places(active_, weights);
}

}  // namespace weir::upstream
