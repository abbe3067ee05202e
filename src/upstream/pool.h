// Pool: a named group of endpoints. A living thing, found by name; a config only points at it. Control makes and owns
// pools, and says who of them may be asked by handing workers a new EndpointSet; workers share the slot of round robin
// and nothing else.
// PoolPlan is what a config says about a pool, compiled: part of a snapshot, handed along with each use.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/h1_parser.h"
#include "net/destination.h"
#include "upstream/endpoint.h"
#include "upstream/endpoint_set.h"
#include "upstream/retry_budget.h"

namespace weir::upstream {

// When a request is sent again that its method does not allow to be repeated.
enum class ReplayRule : uint8_t {
    proven,  // it never came to a backend that acts
    likely,  // also when its connection was reset before any answer
    never,
};

// What a config says of an endpoint's share of the requests.
struct Share {
    unsigned weight = 1;
    bool backup = false;
    std::string token = {};  // of a sticky pool
};

class Pool final {
 public:
    // `id` is dense over all pools of the process.
    Pool(uint32_t id, std::string name, telemetry::PoolSeries& series, Balance balance = Balance::round_robin);

    uint32_t id() const { return id_; }
    const std::string& name() const { return name_; }
    telemetry::PoolSeries& series() const { return series_; }
    // Any worker.
    RetryBudget& retry_budget() { return retry_budget_; }
    // The next slot of the schedule, exact over all workers. Any worker.
    uint64_t next_slot() { return slot_.fetch_add(1, std::memory_order_relaxed); }

    // --- control ---------------------------------------------------------------------------------------------------
    // Known to workers from the next set on.
    Endpoint& add(uint32_t id, std::string name, const net::Destination& at, telemetry::EndpointSeries& series,
                  Share share = {}, const net::TlsClient* tls = nullptr);
    const std::vector<EndpointSet::Member>& members() const { return members_; }
    // The endpoint is one of this pool's.
    void set_state(const Endpoint& endpoint, EndpointState state);
    // What is true of the members is the set from now on. Returns the one before, which workers may still look at.
    std::unique_ptr<const EndpointSet> renew();
    const EndpointSet& set() const { return *set_; }

 private:
    const uint32_t id_;
    const std::string name_;
    telemetry::PoolSeries& series_;
    const Balance balance_;
    std::vector<std::unique_ptr<Endpoint>> owned_;
    std::vector<EndpointSet::Member> members_;  // in the order of the config
    std::unique_ptr<const EndpointSet> set_ = std::make_unique<const EndpointSet>();
    // Shared by all workers, because a cursor for each would give every endpoint its turn only per worker. On its own
    // cache line, so that sharing it costs that one line and no neighbour.
    alignas(64) std::atomic<uint64_t> slot_{0};
    RetryBudget retry_budget_;
};

// The cookie that brings a client back to its endpoint.
struct StickyCookie {
    std::string name;
    std::string attributes;  // as they stand in Set-Cookie behind its value, but for Secure
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
    ReplayRule replay = ReplayRule::proven;
    Percent retry_budget;
    std::optional<StickyCookie> sticky = {};
};

}  // namespace weir::upstream
