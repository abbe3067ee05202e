// Registry: everything that is counted, by label. One per process; it outlives workers, snapshots and reloads, so a
// series goes on counting when the route or pool it is about was loaded anew.
// Control finds or makes a series under a mutex and hands the reference to whoever counts; the counting itself takes
// no lock (counters.h). Knows no HTTP: methods and outcomes are indexes into the names it was given.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "telemetry/cells.h"
#include "telemetry/counters.h"

namespace weir {
class LogWriter;
}

namespace weir::telemetry {

// One thing that is counted: its labels and every worker's cells.
template <typename LabelsOf, typename CellsOf>
class Series final {
 public:
    using Labels = LabelsOf;
    using Cells = CellsOf;
    Series(Labels labels, unsigned workers) : labels_(std::move(labels)), cells_(workers) {}

    const Labels& labels() const { return labels_; }
    // This worker's block, made at first use. On that worker's thread; valid as long as the registry.
    Cells& cells(unsigned worker) { return cells_.of(worker); }
    // Calls visit(const Cells&) for each block there is and returns their number. Any thread.
    template <typename Visit>
    unsigned each(Visit visit) const {
        return cells_.each(visit);
    }

 private:
    const Labels labels_;
    PerWorker<Cells> cells_;
};

struct RouteLabels {
    std::string route;
    std::string pool;
    friend bool operator<(const RouteLabels& a, const RouteLabels& b) {
        return std::tie(a.route, a.pool) < std::tie(b.route, b.pool);
    }
};
struct EndpointLabels {
    std::string pool;
    std::string endpoint;
    friend bool operator<(const EndpointLabels& a, const EndpointLabels& b) {
        return std::tie(a.pool, a.endpoint) < std::tie(b.pool, b.endpoint);
    }
};

using RouteSeries = Series<RouteLabels, RouteCells>;
using PoolSeries = Series<std::string, PoolCells>;
using EndpointSeries = Series<EndpointLabels, EndpointCells>;
using ListenerSeries = Series<std::string, ListenerCells>;
// These have one block, of the prober: cells(0).
using HealthSeries = Series<EndpointLabels, HealthCells>;
using ProbeSeries = Series<std::string, ProbeCells>;

class Registry final {
 public:
    using Names = std::span<const std::string_view>;

    // `methods` and `outcomes` name the indexes that RouteCells are given; the views live as long as the registry.
    Registry(unsigned workers, Names methods, Names outcomes, std::string version = "");
    ~Registry();

    // Found by its labels, or made. Any thread but a worker's; the reference is valid as long as the registry.
    RouteSeries& route(std::string_view name, std::string_view pool);
    PoolSeries& pool(std::string_view name);
    EndpointSeries& endpoint(std::string_view pool, std::string_view endpoint);
    ListenerSeries& listener(std::string_view name);
    HealthSeries& health(std::string_view pool, std::string_view endpoint);
    ProbeSeries& probes(std::string_view pool);
    // Names the indexes of HealthCells; the views live as long as the registry. Before there are any.
    void name_health(Names states, Names results);
    // A worker's own block, on its thread.
    WorkerCells& worker(unsigned index) { return workers_[index]; }
    // Whose dropped lines are shown; null, or alive as long as the registry is rendered.
    void show_log(const LogWriter* log);

    // For exposition: a worker's block from any thread, and visit(const ...Series&) for all there are, in order of
    // their labels.
    std::span<const WorkerCells> workers() const { return workers_; }
    template <typename Visit>
    void each_route(Visit visit) const {
        each(routes_, visit);
    }
    template <typename Visit>
    void each_pool(Visit visit) const {
        each(pools_, visit);
    }
    template <typename Visit>
    void each_endpoint(Visit visit) const {
        each(endpoints_, visit);
    }
    template <typename Visit>
    void each_listener(Visit visit) const {
        each(listeners_, visit);
    }
    template <typename Visit>
    void each_health(Visit visit) const {
        each(health_, visit);
    }
    template <typename Visit>
    void each_probes(Visit visit) const {
        each(probes_, visit);
    }
    Names methods() const { return methods_; }
    Names outcomes() const { return outcomes_; }
    Names health_states() const { return health_states_; }
    Names health_results() const { return health_results_; }
    const std::string& version() const { return version_; }
    const LogWriter* log() const;

 private:
    template <typename S>
    using Table = std::map<typename S::Labels, std::unique_ptr<S>>;

    template <typename S>
    S& find(Table<S>& table, typename S::Labels labels, size_t blocks);
    template <typename S>
    S& find(Table<S>& table, typename S::Labels labels) {
        return find<S>(table, std::move(labels), workers_.size());
    }
    template <typename T, typename Visit>
    void each(const T& table, Visit visit) const {
        const std::lock_guard lock(mutex_);
        for (const auto& [labels, series] : table) visit(*series);
    }

    const std::vector<std::string_view> methods_;
    const std::vector<std::string_view> outcomes_;
    const std::string version_;
    std::vector<std::string_view> health_states_;
    std::vector<std::string_view> health_results_;
    std::vector<WorkerCells> workers_;

    mutable std::mutex mutex_;  // guards the tables, not what the series count
    Table<RouteSeries> routes_;
    Table<PoolSeries> pools_;
    Table<EndpointSeries> endpoints_;
    Table<ListenerSeries> listeners_;
    Table<HealthSeries> health_;
    Table<ProbeSeries> probes_;
    const LogWriter* log_ = nullptr;
};

}  // namespace weir::telemetry
