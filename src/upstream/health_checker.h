// HealthChecker: probes the endpoints of all pools and says when the state of one has changed. Probes are spread over
// time and run on its own loop, so that a thousand of them cost little and no worker waits for any. It decides about
// endpoints by the answers alone; a hint only makes it ask. It changes no pool: whoever hears a verdict does.
// One a daemon, on the prober's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/log_pace.h"
#include "base/scratch.h"
#include "net/loop.h"
#include "net/transport.h"
#include "telemetry/registry.h"
#include "upstream/endpoint.h"
#include "upstream/health_hints.h"
#include "upstream/health_plan.h"
#include "upstream/whereabouts.h"

namespace weir::upstream {

class EndpointProbe;

// Somebody to probe. What it points at lives as long as the checker.
struct HealthTarget {
    const Endpoint& endpoint;
    const HealthPlan& plan;
    std::string host;  // what a probe says in Host
    telemetry::HealthSeries& series;
    telemetry::ProbeSeries& probes;  // of the pool
};

class HealthChecker final {
 public:
    class Owner {
     public:
        // The state of `endpoint` is another one now. On the checker's thread.
        virtual void on_state(const Endpoint& endpoint, EndpointState state, std::string reason) = 0;
        // There is no health route: only whether it answers counts from now on.
        virtual void on_no_route(const Endpoint& endpoint, std::string reason) = 0;

     protected:
        ~Owner() = default;
    };

    // `seed`: of the jitter.
    HealthChecker(net::Loop& loop, net::Dialer& dialer, Owner& owner, uint64_t seed);
    ~HealthChecker();

    // Probes it from now on, the first time within a moment.
    void watch(HealthTarget target);
    // Where it is from now on. For one that nobody watches nothing happens, here and below.
    void move(uint32_t endpoint, Whereabouts to);
    // Something speaks for a fresh look.
    void hint(uint32_t endpoint, HealthHint what);

 private:
    friend class EndpointProbe;
    // A random part of `whole`.
    Duration part_of(Duration whole);

    net::Loop& loop_;
    net::Dialer& dialer_;
    Owner& owner_;
    Scratch scratch_;
    uint64_t random_;
    LogPace told_want_;                                   // of descriptors or memory
    std::vector<std::unique_ptr<EndpointProbe>> probes_;  // by Endpoint::id; null: not watched
};

}  // namespace weir::upstream
