// Roster: who of a pool may be asked, as one worker sees it: the set of the moment, which control hands it, and whom
// this worker passes over until more is known. It picks the endpoint for a request and opens no connection. One a pool
// and worker, owned by its engine; one thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "upstream/pool.h"

namespace weir::upstream {

// What a pick looks at.
struct Choice {
    std::string_view client;                // its address, for ip_hash
    std::span<Endpoint* const> tried = {};  // by this exchange: another one is taken where there is one
    Endpoint* own = nullptr;                // that it is kept on, if that takes requests; null: none
};

class Roster final {
 public:
    // Both outlive it; `set` until another one is adopted.
    Roster(Pool& pool, const EndpointSet& set) : pool_(pool), set_(&set) {}

    // What is known of the endpoints now; it is newer than why any was passed over.
    void adopt(const EndpointSet& set);
    const EndpointSet& set() const { return *set_; }

    // The endpoint for a request, or null when nobody takes any. One that is passed over comes behind the pool's
    // backups, one that was tried already last; then one that took a connection first.
    Endpoint* pick(const Choice& choice, TimePoint now);
    // It did not take a connection: others come first until `until`, or until more is known.
    void pass_over(const Endpoint& endpoint, TimePoint until);

 private:
    // How willingly an endpoint is taken.
    enum class Rank : uint8_t { tried_and_passed, tried, passed_over, free };
    static constexpr uint64_t kOtherChoices = 8;  // of the balancer, before one after the other is looked at
    struct Passed {
        const Endpoint* endpoint;
        TimePoint until;
    };

    size_t nth(const Choice& choice, uint64_t n);
    Rank rank(const Endpoint& endpoint, const Choice& choice) const;

    Pool& pool_;
    const EndpointSet* set_;
    std::vector<Passed> passed_;
};

}  // namespace weir::upstream
