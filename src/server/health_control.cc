#include "server/health_control.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace weir::server {

namespace {

using upstream::EndpointState;

upstream::StatusRange range_of(std::string_view text) {
    const size_t dash = text.find('-');
    const auto number = [](std::string_view part) { return static_cast<uint16_t>(parse_decimal(part).value_or(0)); };
    if (dash == text.npos) return {number(text), number(text)};
    return {number(text.substr(0, dash)), number(text.substr(dash + 1))};
}

upstream::HealthPlan plan_of(const config::Health& from) {
    upstream::HealthPlan plan;
    plan.path = from.path;
    plan.interval = from.interval;
    plan.timeout = from.timeout;
    plan.rise = from.rise;
    plan.fall = from.fall;
    plan.start_down = from.start == config::HealthStart::down;
    plan.lenient = !from.written;
    for (const std::string& range : from.expect.status) plan.status.push_back(range_of(range));
    if (plan.status.empty()) plan.status.push_back({200, 299});
    plan.body = from.expect.body;
    plan.json.assign(from.expect.json.begin(), from.expect.json.end());
    return plan;
}

// What a probe says in Host: who checks it knows its own address and port.
std::string host_of(const config::Endpoint& from) {
    return from.address.rfind("unix:", 0) == 0 ? "localhost" : from.address;
}

}  // namespace

void HealthControl::watch(const config::Config& config) {
    for (const auto& [name, pool] : config.pools)
        if (pool.health) watch(name, pool);
}

void HealthControl::watch(const std::string& name, const config::Pool& from) {
    if (prober_ == nullptr) {
        Prober::Parts parts;
        parts.on_state = [this](const upstream::Endpoint& endpoint, EndpointState state, std::string reason) {
            loop_.post([this, id = endpoint.id, state, reason = std::move(reason)]() mutable {
                change(id, state, std::move(reason));
            });
        };
        parts.on_no_route = [this](const upstream::Endpoint& endpoint, std::string reason) {
            loop_.post([this, id = endpoint.id, reason = std::move(reason)] { say_no_route(id, reason); });
        };
        prober_ = std::make_unique<Prober>(std::move(parts));
    }
    upstream::Pool& pool = *living_.pools.at(name);
    const upstream::HealthPlan& plan = plans_[name] = plan_of(*from.health);
    const EndpointState first = plan.start_down ? EndpointState::down : EndpointState::unknown;
    for (size_t i = 0; i < from.endpoints.size(); ++i) {
        upstream::Endpoint& endpoint = *pool.members()[i].endpoint;
        telemetry::HealthSeries& series = living_.registry.health(name, endpoint.name);
        series.cells(0).state.store(static_cast<uint8_t>(first), std::memory_order_relaxed);
        records_.emplace(endpoint.id, Record{&pool, &endpoint, &series, first, "not asked yet", loop_.wall()});
        pool.set_state(endpoint, first);
        prober_->watch({endpoint, plan, host_of(from.endpoints[i]), series, living_.registry.probes(name)});
    }
    pool.renew();
}

void HealthControl::on_addresses(upstream::Endpoint& endpoint, const upstream::Whereabouts& now) {
    if (prober_ != nullptr) prober_->move(endpoint, now);
}

void HealthControl::change(uint32_t id, EndpointState state, std::string reason) {
    Record& record = records_.at(id);
    const EndpointState before = std::exchange(record.state, state);
    record.reason = std::move(reason);
    record.since = loop_.wall();
    telemetry::HealthCells& cells = record.series->cells(0);
    cells.state.store(static_cast<uint8_t>(state), std::memory_order_relaxed);
    cells.up.store(state == EndpointState::up || state == EndpointState::degraded, std::memory_order_relaxed);
    record.pool->set_state(*record.endpoint, state);
    renew(*record.pool);
    // Who leaves on purpose and then is gone did well.
    const bool bad = state == EndpointState::degraded || (state == EndpointState::down && takes_requests(before));
    if (bad) {
        LOG(warn, "endpoint {} of pool {} is {}: {}", record.endpoint->name, record.pool->name(), name_of(state),
            record.reason);
    } else {
        LOG(info, "endpoint {} of pool {} is {}: {}", record.endpoint->name, record.pool->name(), name_of(state),
            record.reason);
    }
}

// All that changed in one turn is one set.
void HealthControl::renew(upstream::Pool& pool) {
    if (std::find(changed_.begin(), changed_.end(), &pool) != changed_.end()) return;
    changed_.push_back(&pool);
    if (changed_.size() > 1) return;
    loop_.post([this] {
        for (upstream::Pool* changed : std::exchange(changed_, {})) publisher_.publish(*changed);
    });
}

// One line for a pool: its endpoints run one app.
void HealthControl::say_no_route(uint32_t id, const std::string& reason) {
    const Record& record = records_.at(id);
    if (std::find(told_.begin(), told_.end(), record.pool) != told_.end()) return;
    told_.push_back(record.pool);
    LOG(info, "pool {} has no health route: GET {} of {} is answered with {}; whether it answers is all that counts",
        record.pool->name(), plans_.at(record.pool->name()).path, record.endpoint->name, reason);
}

}  // namespace weir::server
