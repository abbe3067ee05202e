#include "telemetry/exposition.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <utility>
#include <vector>

#include "base/log_writer.h"
#include "telemetry/process.h"
#include "telemetry/registry.h"

namespace weir::telemetry {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using LabelList = std::vector<ClientMetric::Label>;

// Every worker's histogram of one thing.
struct HistogramSum {
    std::array<uint64_t, Histogram::kBounds.size() + 1> buckets{};
    uint64_t nanoseconds = 0;

    void add(const Histogram& histogram) {
        for (size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
        nanoseconds += histogram.nanoseconds();
    }
};

// A family on its way into the answer.
class Family final {
 public:
    Family(const char* name, const char* help, MetricType type) {
        family_.name = name;
        family_.help = help;
        family_.type = type;
    }
    void add(LabelList labels, double value) {
        ClientMetric& metric = family_.metric.emplace_back();
        metric.label = std::move(labels);
        metric.counter.value = metric.gauge.value = value;
    }
    void add(LabelList labels, uint64_t value) { add(std::move(labels), static_cast<double>(value)); }
    void add(LabelList labels, int64_t value) { add(std::move(labels), static_cast<double>(value)); }
    // Nothing when nothing was observed.
    void add(LabelList labels, const HistogramSum& sum) {
        ClientMetric::Histogram out;
        for (size_t i = 0; i < sum.buckets.size(); ++i) {
            out.sample_count += sum.buckets[i];
            if (i == Histogram::kBounds.size()) break;  // the serializer makes +Inf of the count
            const double bound = static_cast<double>(Histogram::kBounds[i].count()) / 1e9;
            out.bucket.push_back({out.sample_count, bound});
        }
        if (out.sample_count == 0) return;
        out.sample_sum = static_cast<double>(sum.nanoseconds) / 1e9;
        ClientMetric& metric = family_.metric.emplace_back();
        metric.label = std::move(labels);
        metric.histogram = std::move(out);
    }
    // A family without a series is not shown.
    void move_to(std::vector<MetricFamily>& all) {
        if (!family_.metric.empty()) all.push_back(std::move(family_));
    }

 private:
    MetricFamily family_;
};

Family counter(const char* name, const char* help) {
    return {name, help, MetricType::Counter};
}
Family gauge(const char* name, const char* help) {
    return {name, help, MetricType::Gauge};
}
Family histogram(const char* name, const char* help) {
    return {name, help, MetricType::Histogram};
}

std::string code_label(size_t index) {
    return index == kOtherStatus ? "other" : std::to_string(kKnownStatus[index]);
}

// Metrics without the label `pool`: a route may have several.
struct RouteTotals {
    uint64_t bytes_in = 0;
    uint64_t bytes_out = 0;
    int64_t active = 0;
    std::array<uint64_t, RouteCells::kMaxOutcomes> outcomes{};
};

class Exposition final : public prometheus::Collectable {
 public:
    explicit Exposition(const Registry& registry) : registry_(registry) {}

    std::vector<MetricFamily> Collect() const override {
        std::vector<MetricFamily> all;
        Family build = gauge("weir_build_info", "The version that runs; always 1.");
        build.add({{"version", registry_.version()}}, uint64_t{1});
        build.move_to(all);
        add_requests(all);
        add_pools(all);
        add_listeners(all);
        add_handshakes(all);
        add_endpoints(all);
        add_health(all);
        add_loop_lag(all);
        add_logs(all);
        add_process(all);
        return all;
    }

 private:
    void add_requests(std::vector<MetricFamily>& all) const {
        Family requests = counter("weir_http_requests_total", "Requests answered.");
        Family duration = histogram("weir_http_request_duration_seconds",
                                    "Whole exchanges, from the request's head to the response's end.");
        std::map<std::string, RouteTotals> totals;
        registry_.each_route([&](const RouteSeries& series) {
            const auto& [route, pool] = series.labels();
            HistogramSum took;
            if (series.each([&](const RouteCells& cells) { took.add(cells.duration()); }) == 0) return;
            duration.add({{"route", route}, {"pool", pool}}, took);
            add_route_requests(requests, series);
            RouteTotals& total = totals[route];
            series.each([&](const RouteCells& cells) {
                total.bytes_in += cells.bytes_in();
                total.bytes_out += cells.bytes_out();
                total.active += cells.active();
                for (unsigned i = 0; i < total.outcomes.size(); ++i) total.outcomes[i] += cells.outcome(i);
            });
        });
        requests.move_to(all);
        duration.move_to(all);
        add_route_totals(all, totals);
    }

    void add_route_requests(Family& requests, const RouteSeries& series) const {
        for (unsigned method = 0; method < registry_.methods().size(); ++method) {
            std::array<uint64_t, kStatusCodes> codes{};
            series.each([&](const RouteCells& cells) {
                const RouteCells::StatusRow* row = cells.row(method);
                if (row == nullptr) return;
                for (size_t i = 0; i < codes.size(); ++i) codes[i] += (*row)[i].value();
            });
            for (size_t i = 0; i < codes.size(); ++i) {
                if (codes[i] == 0) continue;
                requests.add({{"route", series.labels().route},
                              {"pool", series.labels().pool},
                              {"method", std::string(registry_.methods()[method])},
                              {"code", code_label(i)}},
                             codes[i]);
            }
        }
    }

    void add_route_totals(std::vector<MetricFamily>& all, const std::map<std::string, RouteTotals>& totals) const {
        Family in = counter("weir_http_request_bytes_total", "HTTP bytes received from clients.");
        Family out = counter("weir_http_response_bytes_total", "HTTP bytes sent to clients.");
        Family ended = counter("weir_exchanges_total", "Exchanges that ended, by how.");
        Family active = gauge("weir_exchanges_active", "Exchanges that run now.");
        for (const auto& [route, total] : totals) {
            in.add({{"route", route}}, total.bytes_in);
            out.add({{"route", route}}, total.bytes_out);
            active.add({{"route", route}}, total.active);
            for (size_t i = 0; i < registry_.outcomes().size(); ++i) {
                if (total.outcomes[i] == 0) continue;
                ended.add({{"route", route}, {"outcome", std::string(registry_.outcomes()[i])}}, total.outcomes[i]);
            }
        }
        in.move_to(all);
        out.move_to(all);
        ended.move_to(all);
        active.move_to(all);
    }

    void add_pools(std::vector<MetricFamily>& all) const {
        Family response = histogram("weir_upstream_response_seconds",
                                    "From sending a request's head to the backend's response head.");
        Family retries = counter("weir_retries_total", "Tries that failed and were made again, by why.");
        Family exhausted =
            counter("weir_retry_budget_exhausted_total", "Tries that were not made again for want of retry_budget.");
        registry_.each_pool([&](const PoolSeries& series) {
            HistogramSum took;
            std::array<uint64_t, kRetryReasons.size()> again{};
            uint64_t refused = 0;
            series.each([&](const PoolCells& cells) {
                took.add(cells.response);
                for (size_t i = 0; i < again.size(); ++i) again[i] += cells.retries[i].value();
                refused += cells.retry_budget_exhausted.value();
            });
            response.add({{"pool", series.labels()}}, took);
            for (size_t i = 0; i < again.size(); ++i)
                if (again[i] > 0)
                    retries.add({{"pool", series.labels()}, {"reason", std::string(kRetryReasons[i])}}, again[i]);
            if (refused > 0) exhausted.add({{"pool", series.labels()}}, refused);
        });
        for (Family* family : {&response, &retries, &exhausted}) family->move_to(all);
    }

    void add_listeners(std::vector<MetricFamily>& all) const {
        Family active = gauge("weir_connections_active", "Client connections that are open now.");
        Family total = counter("weir_connections_total", "Client connections accepted.");
        registry_.each_listener([&](const ListenerSeries& series) {
            int64_t open = 0;
            uint64_t accepted = 0;
            const unsigned blocks = series.each([&](const ListenerCells& cells) {
                open += cells.connections_active.value();
                accepted += cells.connections_total.value();
            });
            if (blocks == 0) return;
            active.add({{"listener", series.labels()}}, open);
            total.add({{"listener", series.labels()}}, accepted);
        });
        active.move_to(all);
        total.move_to(all);
    }

    void add_handshakes(std::vector<MetricFamily>& all) const {
        Family handshakes = counter("weir_tls_handshakes_total", "TLS handshakes with clients, done or failed.");
        Family resumed = counter("weir_tls_resumed_total", "TLS handshakes that resumed a session.");
        registry_.each_listener([&](const ListenerSeries& series) {
            for (size_t i = 0; i < kTlsVersions.size(); ++i) {
                uint64_t done = 0, failed = 0, again = 0;
                series.each([&](const ListenerCells& cells) {
                    done += cells.tls[i].done.value();
                    failed += cells.tls[i].failed.value();
                    again += cells.tls[i].resumed.value();
                });
                const LabelList labels = {{"listener", series.labels()}, {"version", std::string(kTlsVersions[i])}};
                const auto with = [labels](const char* result) {
                    LabelList all_labels = labels;
                    all_labels.push_back({"result", result});
                    return all_labels;
                };
                if (done > 0) handshakes.add(with("ok"), done);
                if (failed > 0) handshakes.add(with("failed"), failed);
                if (done > 0) resumed.add(labels, again);
            }
        });
        handshakes.move_to(all);
        resumed.move_to(all);
    }

    void add_endpoints(std::vector<MetricFamily>& all) const {
        Family requests = counter("weir_endpoint_requests_total", "Requests sent to the endpoint.");
        Family running = gauge("weir_endpoint_requests_active", "Requests the endpoint has not finished.");
        Family connections = gauge("weir_upstream_connections", "Connections to the endpoint, idle or in use.");
        Family opened = counter("weir_upstream_connections_total", "Connections opened to the endpoint.");
        Family reused = counter("weir_upstream_reuse_total", "Requests sent on a connection that was there already.");
        registry_.each_endpoint([&](const EndpointSeries& series) {
            uint64_t sent = 0, connects = 0, reuses = 0;
            int64_t open = 0, idle = 0, busy = 0;
            const unsigned blocks = series.each([&](const EndpointCells& cells) {
                sent += cells.requests_total.value();
                open += cells.requests_active.value();
                idle += cells.connections_idle.value();
                busy += cells.connections_active.value();
                connects += cells.connections_total.value();
                reuses += cells.reuse_total.value();
            });
            if (blocks == 0) return;
            const auto& [pool, endpoint] = series.labels();
            const LabelList labels = {{"pool", pool}, {"endpoint", endpoint}};
            requests.add(labels, sent);
            running.add(labels, open);
            connections.add({{"pool", pool}, {"endpoint", endpoint}, {"state", "idle"}}, idle);
            connections.add({{"pool", pool}, {"endpoint", endpoint}, {"state", "active"}}, busy);
            opened.add(labels, connects);
            reused.add(labels, reuses);
        });
        for (Family* family : {&requests, &running, &connections, &opened, &reused}) family->move_to(all);
    }

    void add_health(std::vector<MetricFamily>& all) const {
        Family up = gauge("weir_endpoint_up", "1 while the endpoint is up or degraded, else 0.");
        Family state =
            gauge("weir_endpoint_state", "What is known of the endpoint: 1 for its state, 0 for the others.");
        Family checks = counter("weir_health_checks_total", "Probes of the endpoint's health, by how they ended.");
        Family took = histogram("weir_health_check_duration_seconds", "Whole probes, connecting included.");
        registry_.each_health([&](const HealthSeries& series) {
            const EndpointLabels& of = series.labels();
            const auto labelled = [&of](const char* label, std::string_view name) {
                return LabelList{{"pool", of.pool}, {"endpoint", of.endpoint}, {label, std::string(name)}};
            };
            series.each([&](const HealthCells& cells) {
                up.add({{"pool", of.pool}, {"endpoint", of.endpoint}}, uint64_t{cells.up.load()});
                const size_t now = cells.state.load();
                for (size_t i = 0; i < registry_.health_states().size(); ++i)
                    state.add(labelled("state", registry_.health_states()[i]), uint64_t{i == now});
                for (size_t i = 0; i < registry_.health_results().size(); ++i)
                    if (const uint64_t count = cells.results[i].value(); count > 0)
                        checks.add(labelled("result", registry_.health_results()[i]), count);
            });
        });
        registry_.each_probes([&](const ProbeSeries& series) {
            HistogramSum sum;
            series.each([&](const ProbeCells& cells) { sum.add(cells.took); });
            took.add({{"pool", series.labels()}}, sum);
        });
        for (Family* family : {&up, &state, &checks, &took}) family->move_to(all);
    }

    void add_loop_lag(std::vector<MetricFamily>& all) const {
        Family lag = histogram("weir_worker_loop_lag_seconds", "From the poller's return to the end of that turn.");
        for (size_t worker = 0; worker < registry_.workers().size(); ++worker) {
            HistogramSum sum;
            sum.add(registry_.workers()[worker].loop_lag);
            lag.add({{"worker", std::to_string(worker)}}, sum);
        }
        lag.move_to(all);
    }

    void add_logs(std::vector<MetricFamily>& all) const {
        const LogWriter* log = registry_.log();
        if (log == nullptr) return;
        const LogWriter::Dropped dropped = log->dropped();
        Family error = counter("weir_log_dropped_total", "Log lines that could not be written.");
        Family access = counter("weir_access_log_dropped_total", "Access-log lines that could not be written.");
        error.add({}, dropped.error);
        access.add({}, dropped.access);
        error.move_to(all);
        access.move_to(all);
    }

    void add_process(std::vector<MetricFamily>& all) const {
        const ProcessUsage usage = read_process_usage();
        const auto add = [&all](Family family, double value) {
            family.add({}, value);
            family.move_to(all);
        };
        add(counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds."), usage.cpu_seconds);
        add(gauge("process_resident_memory_bytes", "Memory that is in RAM."),
            static_cast<double>(usage.resident_bytes));
        add(gauge("process_virtual_memory_bytes", "Address space."), static_cast<double>(usage.virtual_bytes));
        add(gauge("process_open_fds", "Open file descriptors."), static_cast<double>(usage.open_fds));
        add(gauge("process_max_fds", "Most file descriptors that may be open."), static_cast<double>(usage.max_fds));
        add(gauge("process_start_time_seconds", "When the process started, in seconds since 1970."),
            usage.start_time_seconds);
    }

    const Registry& registry_;
};

}  // namespace

std::string render(const Registry& registry) {
    return prometheus::TextSerializer().Serialize(Exposition(registry).Collect());
}

}  // namespace weir::telemetry
