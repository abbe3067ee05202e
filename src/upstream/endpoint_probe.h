// EndpointProbe: asks one endpoint for its health, again and again, and knows what came of it. It keeps its connection
// between probes; every tenth probe and every one of an endpoint that is changing goes over a fresh one, for what an
// old one says may be true of no new one. Owned by a HealthChecker; the prober's thread.
#pragma once

#include <memory>

#include "upstream/health_checker.h"
#include "upstream/probe_connection.h"
#include "upstream/rise_and_fall.h"
#include "upstream/whereabouts.h"

namespace weir::upstream {

class EndpointProbe final : private net::TimerOwner, private ProbeConnection::Owner {
 public:
    static constexpr unsigned kFreshEvery = 10;
    // An endpoint that is changing is asked four times as often, but not more often than this.
    static constexpr Duration kFastest = std::chrono::milliseconds(250);
    // Probes come in beats, so that one turn of the loop serves several.
    static constexpr Duration kBeat = std::chrono::milliseconds(32);
    // From a probe to one that a hint asks for.
    static constexpr Duration kRest = std::chrono::milliseconds(50);

    EndpointProbe(HealthChecker& checker, HealthTarget target);
    ~EndpointProbe() { drop(kept_), drop(asked_); }

    void hint(HealthHint what);
    // Where it is from now on.
    void move_to(Whereabouts now);

 private:
    using Connection = std::unique_ptr<ProbeConnection>;

    void on_timer(net::Timer& timer) override;
    void on_probe(ProbeConnection& connection, ProbeConnection::Event event) override;
    void ask_soon();
    // The time between two probes while it is changing.
    Duration pace() const;
    void begin();
    void ask(Connection connection);
    Connection dial();
    void drop(Connection& connection);
    bool worth_keeping() const;
    void on_answer();
    void on_no_connection(int error);
    void on_cut();
    void put_off(int error);
    int64_t busy() const;
    void finish(const HealthFinding& finding);
    void wait(bool changed);
    bool asking() const { return asked_ != nullptr; }
    TimePoint now() const { return checker_.loop_.now(); }

    HealthChecker& checker_;
    const HealthTarget target_;
    const std::unique_ptr<net::TlsDialer> tls_;  // null: the endpoint does not speak TLS
    RiseAndFall state_;
    http::RequestHead head_;
    Whereabouts at_;
    net::Timer timer_;          // while asking: the end of the probe; else the next one
    Connection kept_;           // idle, for the next probe
    Connection asked_;          // what this probe goes over
    TimePoint started_{};       // of the last probe
    TimePoint answered_{};      // a worker last had an answer though connects are refused
    unsigned closed_idle_ = 0;  // kept connections that it closed before they were asked again, in a row
    unsigned probes_ = 0;
    bool fresh_ = true;            // the next probe goes over a fresh connection
    bool hinted_ = false;          // a hint has asked for the next probe, or asked for the last one
    bool again_ = false;           // behind this probe another one at once
    bool refused_before_ = false;  // the last probe was
    bool refused_ = false;         // in this probe, and now an old connection is asked
    bool any_answer_ = false;      // there is no health route
    bool told_no_route_ = false;
};

}  // namespace weir::upstream
