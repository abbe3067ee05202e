// Prober: the thread that asks endpoints for their health, with a loop of its own. It brings workers' hints to the
// HealthChecker and verdicts to control. Owned by HealthControl; what is called from elsewhere posts.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "net/event_poller.h"
#include "net/socket_transport.h"
#include "upstream/health_checker.h"

namespace weir::server {

class Prober final : public upstream::HealthHints, private upstream::HealthChecker::Owner {
 public:
    struct Parts {
        // Called on the prober's thread.
        std::function<void(const upstream::Endpoint&, upstream::EndpointState, std::string reason)> on_state;
        std::function<void(const upstream::Endpoint&, std::string reason)> on_no_route;
    };

    // The thread begins at once.
    explicit Prober(Parts parts);
    ~Prober();  // stops and joins

    // Any thread.
    void watch(upstream::HealthTarget target);
    void move(const upstream::Endpoint& endpoint, upstream::Whereabouts to);
    void hint(const upstream::Endpoint& endpoint, upstream::HealthHint what) override;

 private:
    void run();
    void on_state(const upstream::Endpoint& endpoint, upstream::EndpointState state, std::string reason) override {
        parts_.on_state(endpoint, state, std::move(reason));
    }
    void on_no_route(const upstream::Endpoint& endpoint, std::string reason) override {
        parts_.on_no_route(endpoint, std::move(reason));
    }

    Parts parts_;
    SystemClock clock_;
    net::EventPoller poller_;
    net::Loop loop_;
    net::SocketDialer dialer_;
    std::unique_ptr<upstream::HealthChecker> checker_;  // the thread's own, made and destroyed on it
    std::thread thread_;                                // last: it uses all of the above
};

}  // namespace weir::server
