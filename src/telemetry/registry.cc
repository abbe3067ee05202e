#include "telemetry/registry.h"

#include "base/check.h"

namespace weir::telemetry {

Registry::Registry(unsigned workers, Names methods, Names outcomes, std::string version)
    : methods_(methods.begin(), methods.end()),
      outcomes_(outcomes.begin(), outcomes.end()),
      version_(std::move(version)),
      workers_(workers) {
    CHECK(methods_.size() <= RouteCells::kMaxMethods);
    CHECK(outcomes_.size() <= RouteCells::kMaxOutcomes);
}

Registry::~Registry() = default;

template <typename S>
S& Registry::find(Table<S>& table, typename S::Labels labels, size_t blocks) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<S>& series = table[labels];
    if (series == nullptr) series = std::make_unique<S>(std::move(labels), static_cast<unsigned>(blocks));
    return *series;
}

RouteSeries& Registry::route(std::string_view name, std::string_view pool) {
    return find<RouteSeries>(routes_, {std::string(name), std::string(pool)});
}

PoolSeries& Registry::pool(std::string_view name) {
    return find<PoolSeries>(pools_, std::string(name));
}

EndpointSeries& Registry::endpoint(std::string_view pool, std::string_view endpoint) {
    return find<EndpointSeries>(endpoints_, {std::string(pool), std::string(endpoint)});
}

ListenerSeries& Registry::listener(std::string_view name) {
    return find<ListenerSeries>(listeners_, std::string(name));
}

HealthSeries& Registry::health(std::string_view pool, std::string_view endpoint) {
    return find<HealthSeries>(health_, {std::string(pool), std::string(endpoint)}, 1);
}

ProbeSeries& Registry::probes(std::string_view pool) {
    return find<ProbeSeries>(probes_, std::string(pool), 1);
}

void Registry::name_health(Names states, Names results) {
    CHECK(states.size() <= HealthCells::kMaxStates && results.size() <= HealthCells::kMaxResults);
    health_states_.assign(states.begin(), states.end());
    health_results_.assign(results.begin(), results.end());
}

void Registry::show_log(const LogWriter* log) {
    const std::lock_guard lock(mutex_);
    log_ = log;
}

const LogWriter* Registry::log() const {
    const std::lock_guard lock(mutex_);
    return log_;
}

}  // namespace weir::telemetry
