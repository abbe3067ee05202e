#include "upstream/roster.h"

#include <algorithm>

#include "upstream/balancer/hash_places.h"

namespace weir::upstream {

void Roster::adopt(const EndpointSet& set) {
    set_ = &set;
    passed_.clear();
}

size_t Roster::first(const Choice& choice) {
    return set_->balance() == Balance::ip_hash ? set_->by_hash(hash_of_client(choice.client))
                                               : set_->by_slot(pool_.next_slot());
}

Endpoint* Roster::pick(const Choice& choice, TimePoint now) {
    const std::span<Endpoint* const> active = set_->active();
    if (active.empty()) return nullptr;
    if (choice.own != nullptr && rank(*choice.own, choice) == Rank::free) return choice.own;
    const size_t from = first(choice);
    if (choice.tried.empty() && passed_.empty()) return active[from];

    passed_.erase(std::remove_if(passed_.begin(), passed_.end(), [now](const Passed& p) { return p.until <= now; }),
                  passed_.end());
    Endpoint* best = active[from];
    for (size_t i = 0; i < active.size() + set_->reserve().size(); ++i) {
        Endpoint* const next =
            i < active.size() ? active[(from + i) % active.size()] : set_->reserve()[i - active.size()];
        if (rank(*next, choice) > rank(*best, choice)) best = next;
        if (rank(*best, choice) == Rank::free) break;
    }
    return best;
}

Roster::Rank Roster::rank(const Endpoint& endpoint, const Choice& choice) const {
    if (std::find(choice.tried.begin(), choice.tried.end(), &endpoint) != choice.tried.end()) return Rank::tried;
    const bool passed =
        std::any_of(passed_.begin(), passed_.end(), [&endpoint](const Passed& p) { return p.endpoint == &endpoint; });
    return passed ? Rank::passed_over : Rank::free;
}

void Roster::pass_over(const Endpoint& endpoint, TimePoint until) {
    for (Passed& passed : passed_) {
        if (passed.endpoint != &endpoint) continue;
        passed.until = std::max(passed.until, until);
        return;
    }
    passed_.push_back({&endpoint, until});
}

}  // namespace weir::upstream
