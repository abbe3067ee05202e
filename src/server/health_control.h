// HealthControl: control's side of health: it has the endpoints of a config probed, keeps what is known of each with
// its reason and time, says every change in the log, and has the workers go by it. Owned by the Server; the control
// thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "server/living.h"
#include "server/prober.h"
#include "server/publisher.h"
#include "upstream/names.h"

namespace weir::server {

class HealthControl final : public upstream::Names::Listener {
 public:
    struct Record {
        upstream::Pool* pool;
        upstream::Endpoint* endpoint;
        telemetry::HealthSeries* series;
        upstream::EndpointState state;
        std::string reason;  // why it is in that state
        WallTime since;
    };

    // All three outlive it.
    HealthControl(net::Loop& loop, Living& living, Publisher& publisher)
        : loop_(loop), living_(living), publisher_(publisher) {}

    // Probes begin for the pools of `config` that have a health; they are in `living` already. Before workers are.
    void watch(const config::Config& config);
    void on_addresses(upstream::Endpoint& endpoint, const upstream::Whereabouts& now) override;
    // Where workers say what they see; null while nobody is probed.
    upstream::HealthHints* hints() { return prober_.get(); }
    // By Endpoint::id, the endpoints that are probed.
    const std::map<uint32_t, Record>& records() const { return records_; }

 private:
    void watch(const std::string& name, const config::Pool& from);
    void change(uint32_t id, upstream::EndpointState state, std::string reason);
    void say_no_route(uint32_t id, const std::string& reason);
    void renew(upstream::Pool& pool);

    net::Loop& loop_;
    Living& living_;
    Publisher& publisher_;
    std::map<std::string, upstream::HealthPlan> plans_;  // by pool
    std::map<uint32_t, Record> records_;
    std::vector<upstream::Pool*> changed_;     // to be published in the next turn
    std::vector<const upstream::Pool*> told_;  // of whose missing health route the log has a line
    std::unique_ptr<Prober> prober_;           // last: its thread ends before the rest goes
};

}  // namespace weir::server
