#include "telemetry/exposition.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "base/log_writer.h"
#include "telemetry/process.h"
#include "telemetry/registry.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::telemetry;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 3> kMethods = {"other", "GET", "POST"};
constexpr std::array<std::string_view, 3> kOutcomes = {"ok", "client_abort", "connection_refused"};

// The text taken apart: samples by "name{labels}", and which families were announced.
struct Parsed {
    explicit Parsed(const std::string& text) {
        REQUIRE_FALSE(text.empty());
        REQUIRE_EQ(text.back(), '\n');
        for (size_t at = 0; at < text.size();) {
            const size_t end = text.find('\n', at);
            const std::string line = text.substr(at, end - at);
            at = end + 1;
            if (line.rfind("# TYPE ", 0) == 0) {
                REQUIRE(types.insert(line.substr(7)).second);
            } else if (line.rfind("#", 0) != 0) {
                const size_t space = line.rfind(' ');
                REQUIRE(space != std::string::npos);
                char* stop = nullptr;
                const double value = std::strtod(line.c_str() + space + 1, &stop);
                REQUIRE_EQ(*stop, '\0');
                REQUIRE(samples.emplace(line.substr(0, space), value).second);
            }
        }
    }
    double at(const std::string& sample) const {
        INFO(sample);
        const auto found = samples.find(sample);
        REQUIRE(found != samples.end());
        return found->second;
    }
    bool mentions(const std::string& name) const {
        const auto next = samples.lower_bound(name);
        return next != samples.end() && next->first.rfind(name, 0) == 0;
    }
    std::map<std::string, double> samples;
    std::set<std::string> types;
};

// One of everything.
void count_something(Registry& registry) {
    for (unsigned worker : {0u, 1u}) {
        RouteCells& route = registry.route("shop.example/api", "app").cells(worker);
        route.count_request(1, 200);
        route.count_request(1, 999);
        route.observe_duration(3ms);
        route.observe_duration(2min);
        route.add_bytes(100, 1000);
        route.count_outcome(0);
        route.active(+1);
    }
    RouteCells& canary = registry.route("shop.example/api", "canary").cells(0);
    canary.count_request(2, 499);
    canary.add_bytes(1, 2);
    canary.count_outcome(1);
    registry.pool("app").cells(0).observe_response(1ms);
    EndpointCells& endpoint = registry.endpoint("app", "10.0.0.1:3000").cells(1);
    endpoint.requests_total.add(7);
    endpoint.requests_active.add(1);
    endpoint.connections_idle.add(4);
    endpoint.connections_active.add(2);
    endpoint.connections_total.add(6);
    endpoint.reuse_total.add(5);
    ListenerCells& listener = registry.listener("public").cells(0);
    listener.connections_active.add(9);
    listener.connections_total.add(12);
    registry.worker(1).loop_lag.observe(500us);
}

}  // namespace

TEST_CASE("exposition shows the sum over all workers") {
    Registry registry(2, kMethods, kOutcomes, "1.2.3");
    count_something(registry);
    const Parsed text(render(registry));
    CHECK_EQ(text.at(R"(weir_build_info{version="1.2.3"})"), 1);
    const std::string labels = R"({route="shop.example/api",pool="app")";
    CHECK_EQ(text.at("weir_http_requests_total" + labels + R"(,method="GET",code="200"})"), 2);
    CHECK_EQ(text.at("weir_http_requests_total" + labels + R"(,method="GET",code="other"})"), 2);
    CHECK_EQ(text.at(R"(weir_http_requests_total{route="shop.example/api",pool="canary",method="POST",code="499"})"),
             1);
    CHECK_EQ(text.at("weir_http_request_duration_seconds_count" + labels + "}"), 4);
    CHECK_EQ(text.at("weir_http_request_duration_seconds_sum" + labels + "}"), doctest::Approx(240.006));
    CHECK_EQ(text.at(R"(weir_upstream_response_seconds_count{pool="app"})"), 1);
    CHECK_EQ(text.at(R"(weir_connections_active{listener="public"})"), 9);
    CHECK_EQ(text.at(R"(weir_connections_total{listener="public"})"), 12);
    const std::string endpoint = R"({pool="app",endpoint="10.0.0.1:3000")";
    CHECK_EQ(text.at("weir_endpoint_requests_total" + endpoint + "}"), 7);
    CHECK_EQ(text.at("weir_endpoint_requests_active" + endpoint + "}"), 1);
    CHECK_EQ(text.at("weir_upstream_connections" + endpoint + R"(,state="idle"})"), 4);
    CHECK_EQ(text.at("weir_upstream_connections" + endpoint + R"(,state="active"})"), 2);
    CHECK_EQ(text.at("weir_upstream_connections_total" + endpoint + "}"), 6);
    CHECK_EQ(text.at("weir_upstream_reuse_total" + endpoint + "}"), 5);
    CHECK_EQ(text.at(R"(weir_worker_loop_lag_seconds_count{worker="1"})"), 1);
}

TEST_CASE("exposition shows what is known of an endpoint's health") {
    constexpr std::array<std::string_view, 3> kStates = {"unknown", "up", "down"};
    constexpr std::array<std::string_view, 2> kResults = {"ok", "refused"};
    Registry registry(1, kMethods, kOutcomes);
    registry.name_health(kStates, kResults);
    HealthCells& health = registry.health("app", "one").cells(0);
    health.state = 1;
    health.up = true;
    health.results[0].add(3);
    registry.health("app", "two").cells(0).state = 2;
    registry.probes("app").cells(0).took.observe(2ms);
    const Parsed text(render(registry));
    CHECK_EQ(text.at(R"(weir_endpoint_up{pool="app",endpoint="one"})"), 1);
    CHECK_EQ(text.at(R"(weir_endpoint_up{pool="app",endpoint="two"})"), 0);
    CHECK_EQ(text.at(R"(weir_endpoint_state{pool="app",endpoint="one",state="up"})"), 1);
    CHECK_EQ(text.at(R"(weir_endpoint_state{pool="app",endpoint="one",state="unknown"})"), 0);
    CHECK_EQ(text.at(R"(weir_endpoint_state{pool="app",endpoint="two",state="down"})"), 1);
    CHECK_EQ(text.at(R"(weir_health_checks_total{pool="app",endpoint="one",result="ok"})"), 3);
    CHECK_FALSE(text.mentions(R"(weir_health_checks_total{pool="app",endpoint="two")"));
    CHECK_EQ(text.at(R"(weir_health_check_duration_seconds_count{pool="app"})"), 1);
}

TEST_CASE("metrics that have no pool are summed over the pools of a route") {
    Registry registry(2, kMethods, kOutcomes);
    count_something(registry);
    const Parsed text(render(registry));
    CHECK_EQ(text.at(R"(weir_http_request_bytes_total{route="shop.example/api"})"), 201);
    CHECK_EQ(text.at(R"(weir_http_response_bytes_total{route="shop.example/api"})"), 2002);
    CHECK_EQ(text.at(R"(weir_exchanges_active{route="shop.example/api"})"), 2);
    CHECK_EQ(text.at(R"(weir_exchanges_total{route="shop.example/api",outcome="ok"})"), 2);
    CHECK_EQ(text.at(R"(weir_exchanges_total{route="shop.example/api",outcome="client_abort"})"), 1);
}

TEST_CASE("histograms are cumulative and have the documented bounds") {
    Registry registry(2, kMethods, kOutcomes);
    count_something(registry);
    const Parsed text(render(registry));
    const std::pair<const char*, double> buckets[] = {
        {"0.001", 0}, {"0.0025", 0}, {"0.005", 2}, {"0.01", 2}, {"0.025", 2}, {"0.05", 2}, {"0.1", 2}, {"0.25", 2},
        {"0.5", 2},   {"1", 2},      {"2.5", 2},   {"5", 2},    {"10", 2},    {"30", 2},   {"60", 2},  {"+Inf", 4}};
    for (const auto& [bound, count] : buckets) {
        CHECK_EQ(text.at(std::string(
                             R"(weir_http_request_duration_seconds_bucket{route="shop.example/api",pool="app",le=")") +
                         bound + "\"}"),
                 count);
    }
}

TEST_CASE("what was never counted has no line") {
    Registry registry(2, kMethods, kOutcomes);
    registry.route("a", "b");
    registry.pool("b");
    registry.endpoint("b", "c");
    registry.listener("d");
    const Parsed none(render(registry));
    CHECK_FALSE(none.mentions("weir_http"));
    CHECK_FALSE(none.mentions("weir_exchanges"));
    CHECK_FALSE(none.mentions("weir_endpoint"));
    CHECK_FALSE(none.mentions("weir_upstream"));
    CHECK_FALSE(none.mentions("weir_connections"));
    CHECK_FALSE(none.mentions("weir_worker"));
    CHECK_FALSE(none.mentions("weir_log"));
    count_something(registry);
    const Parsed some(render(registry));
    CHECK_FALSE(some.mentions(R"(weir_exchanges_total{route="shop.example/api",outcome="connection_refused")"));
    CHECK_FALSE(some.mentions(R"(weir_worker_loop_lag_seconds_count{worker="0")"));
    CHECK_FALSE(some.mentions(R"(weir_http_requests_total{route="a")"));
}

TEST_CASE("label values are escaped") {
    Registry registry(1, kMethods, kOutcomes);
    registry.listener("a\"b\\c\nd").cells(0).connections_total.add();
    const Parsed text(render(registry));
    CHECK_EQ(text.at(R"(weir_connections_total{listener="a\"b\\c\nd"})"), 1);
}

TEST_CASE("dropped log lines are shown once there is a log") {
    Registry registry(1, kMethods, kOutcomes);
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE_GE(full, 0);
    {
        LogWriter log(2, full);
        registry.show_log(&log);
        {
            LogWriter::Attachment lanes = log.attach();
            lanes.access().write("lost\n");
        }
        REQUIRE(log.flush(30s));
        const Parsed text(render(registry));
        CHECK_EQ(text.at("weir_access_log_dropped_total"), 1);
        CHECK_EQ(text.at("weir_log_dropped_total"), 0);
        registry.show_log(nullptr);
    }
    ::close(full);
}

TEST_CASE("the process tells about itself") {
    const ProcessUsage usage = read_process_usage();
    CHECK_GT(usage.resident_bytes, 1 << 20);
    CHECK_GE(usage.virtual_bytes, usage.resident_bytes);
    CHECK_GE(usage.open_fds, 3);
    CHECK_GT(usage.max_fds, usage.open_fds);
    CHECK_GT(usage.start_time_seconds, 1'600'000'000);
    CHECK_GE(usage.cpu_seconds, 0);
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK_EQ(read_process_usage().open_fds, usage.open_fds + 1);
    ::close(fd);
    Registry registry(1, kMethods, kOutcomes);
    const Parsed text(render(registry));
    CHECK_EQ(text.at("process_open_fds"), static_cast<double>(usage.open_fds));
    CHECK_GT(text.at("process_resident_memory_bytes"), 1 << 20);
    CHECK_GT(text.at("process_start_time_seconds"), 1'600'000'000);
    CHECK_GE(text.at("process_cpu_seconds_total"), 0);
    CHECK_GT(text.at("process_max_fds"), 0);
}

TEST_CASE("promtool has nothing to say against the exposition") {
    if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
        MESSAGE("skipped: promtool is not installed");
        return;
    }
    Registry registry(2, kMethods, kOutcomes, "1.2.3");
    count_something(registry);
    FILE* promtool = ::popen("promtool check metrics 2>&1 >/dev/null", "w");
    REQUIRE_NE(promtool, nullptr);
    const std::string text = render(registry);
    CHECK_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
    CHECK_EQ(::pclose(promtool), 0);
}
