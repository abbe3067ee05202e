#include "upstream/roster.h"

#include <algorithm>

#include "upstream/balancer/hash_places.h"

namespace weir::upstream {

void Roster::adopt(const EndpointSet& set) {
    set_ = &set;
    passed_.clear();
}

// Of active(): the one that the balancer names, and those that it would name in its place.
size_t Roster::nth(const Choice& choice, uint64_t n) {
    if (set_->balance() != Balance::ip_hash) return set_->by_slot(pool_.next_slot());
    constexpr uint64_t kApart = 0x9E3779B97F4A7C15;  // odd: each n gives another hash
    return set_->by_hash(hash_of_client(choice.client) + n * kApart);
}

Endpoint* Roster::pick(const Choice& choice, TimePoint now) {
    const std::span<Endpoint* const> active = set_->active();
    if (active.empty()) return nullptr;
    passed_.erase(std::remove_if(passed_.begin(), passed_.end(), [now](const Passed& p) { return p.until <= now; }),
                  passed_.end());
    if (choice.own != nullptr && rank(*choice.own, choice) == Rank::free) return choice.own;
    const size_t from = nth(choice, 0);
    if (choice.tried.empty() && passed_.empty()) return active[from];

    Endpoint* best = active[from];
    // Its share goes to the others by their weights; then to whoever is left.
    for (uint64_t n = 1; n <= kOtherChoices && rank(*best, choice) != Rank::free; ++n)
        if (Endpoint* const next = active[nth(choice, n)]; rank(*next, choice) > rank(*best, choice)) best = next;
    for (size_t i = 0; i < active.size() + set_->reserve().size(); ++i) {
        Endpoint* const next =
            i < active.size() ? active[(from + i) % active.size()] : set_->reserve()[i - active.size()];
        if (rank(*next, choice) > rank(*best, choice)) best = next;
        if (rank(*best, choice) == Rank::free) break;
    }
    return best;
}

Roster::Rank Roster::rank(const Endpoint& endpoint, const Choice& choice) const {
    const bool tried = std::find(choice.tried.begin(), choice.tried.end(), &endpoint) != choice.tried.end();
    const bool passed =
        std::any_of(passed_.begin(), passed_.end(), [&endpoint](const Passed& p) { return p.endpoint == &endpoint; });
    if (tried) return passed ? Rank::tried_and_passed : Rank::tried;
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
