#include "telemetry/registry.h"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::telemetry;
using namespace std::chrono_literals;

namespace {
constexpr std::array<std::string_view, 3> kMethods = {"other", "GET", "POST"};
constexpr std::array<std::string_view, 2> kOutcomes = {"ok", "client_abort"};
}  // namespace

TEST_CASE("the registry gives the same series for the same labels, whoever asks") {
    Registry registry(2, kMethods, kOutcomes);
    RouteSeries& api = registry.route("api", "stable");
    CHECK_EQ(&registry.route("api", "stable"), &api);
    CHECK_NE(&registry.route("api", "canary"), &api);
    CHECK_NE(&registry.route("web", "stable"), &api);
    CHECK_EQ(&registry.pool("p"), &registry.pool("p"));
    CHECK_EQ(&registry.listener("l"), &registry.listener("l"));
    CHECK_EQ(&registry.endpoint("p", "e"), &registry.endpoint("p", "e"));
    CHECK_NE(&registry.endpoint("p", "e"), &registry.endpoint("q", "e"));
}

TEST_CASE("a worker's cells are made at first use and stay where they are") {
    Registry registry(2, kMethods, kOutcomes);
    RouteSeries& series = registry.route("api", "app");
    CHECK_EQ(series.each([](const RouteCells&) {}), 0);
    RouteCells& cells = series.cells(1);
    CHECK_EQ(&series.cells(1), &cells);
    CHECK_EQ(series.each([](const RouteCells&) {}), 1);
    CHECK_NE(&series.cells(0), &cells);
    CHECK_EQ(reinterpret_cast<uintptr_t>(&cells) % kCacheLine, 0);
}

TEST_CASE("status codes outside the known list are counted as other") {
    RouteCells cells;
    CHECK_EQ(cells.row(1), nullptr);
    for (int status : {200, 200, 499, 999, 0, -1, 299, 100'000}) cells.count_request(1, status);
    REQUIRE_NE(cells.row(1), nullptr);
    CHECK_EQ((*cells.row(1))[status_index(200)].value(), 2);
    CHECK_EQ((*cells.row(1))[status_index(499)].value(), 1);
    CHECK_EQ((*cells.row(1))[kOtherStatus].value(), 5);
    CHECK_EQ(cells.row(0), nullptr);
}

TEST_CASE("every known status has a place of its own") {
    for (size_t i = 0; i < kKnownStatus.size(); ++i) CHECK_EQ(status_index(kKnownStatus[i]), i);
    CHECK_EQ(status_index(599), kOtherStatus);
    CHECK_EQ(status_index(600), kOtherStatus);
}

TEST_CASE("a histogram's bounds belong to the bucket below") {
    Histogram histogram;
    histogram.observe(0ns);
    histogram.observe(-5ms);
    histogram.observe(1ms);
    histogram.observe(1ms + 1ns);
    histogram.observe(60s);
    histogram.observe(61s);
    CHECK_EQ(histogram.bucket(0), 3);
    CHECK_EQ(histogram.bucket(1), 1);
    CHECK_EQ(histogram.bucket(14), 1);
    CHECK_EQ(histogram.bucket(15), 1);
    CHECK_EQ(histogram.nanoseconds(), 121'002'000'001);
}

TEST_CASE("a gauge goes up and down over several workers") {
    Registry registry(2, kMethods, kOutcomes);
    EndpointSeries& series = registry.endpoint("app", "10.0.0.1:80");
    series.cells(0).connections_idle.add(3);
    series.cells(1).connections_idle.add(2);
    series.cells(0).connections_idle.add(-3);
    int64_t sum = 0;
    series.each([&](const EndpointCells& cells) { sum += cells.connections_idle.value(); });
    CHECK_EQ(sum, 2);
}

TEST_CASE("workers count while somebody sums up, and nothing is lost") {
    constexpr unsigned kWorkers = 4;
    constexpr uint64_t kRequests = 5000;
    Registry registry(kWorkers, kMethods, kOutcomes);
    std::vector<RouteSeries*> routes;
    for (int i = 0; i < 10; ++i) routes.push_back(&registry.route(std::to_string(i), "app"));
    std::atomic<unsigned> running{kWorkers};
    std::vector<std::thread> workers;
    for (unsigned worker = 0; worker < kWorkers; ++worker) {
        workers.emplace_back([&, worker] {
            for (uint64_t i = 0; i < kRequests; ++i) {
                RouteCells& cells = routes[i % routes.size()]->cells(worker);
                cells.active(+1);
                cells.count_request(i % 2 == 0 ? 1 : 2, 200);
                cells.observe_duration(2ms);
                cells.add_bytes(10, 20);
                cells.count_outcome(0);
                cells.active(-1);
            }
            running.fetch_sub(1);
        });
    }
    uint64_t gets = 0, ok = 0, bytes = 0, timed = 0, before = 0;
    int64_t active = 0;
    const auto sum_up = [&] {
        gets = ok = bytes = timed = 0;
        active = 0;
        registry.each_route([&](const RouteSeries& series) {
            series.each([&](const RouteCells& cells) {
                if (const auto* row = cells.row(1)) gets += (*row)[status_index(200)].value();
                ok += cells.outcome(0);
                bytes += cells.bytes_in() + cells.bytes_out();
                timed += cells.duration().bucket(1);
                active += cells.active();
            });
        });
    };
    while (running.load() > 0) {
        sum_up();
        REQUIRE_GE(ok, before);
        before = ok;
    }
    for (std::thread& thread : workers) thread.join();
    sum_up();
    CHECK_EQ(gets, kWorkers * kRequests / 2);
    CHECK_EQ(ok, kWorkers * kRequests);
    CHECK_EQ(bytes, kWorkers * kRequests * 30);
    CHECK_EQ(timed, kWorkers * kRequests);
    CHECK_EQ(active, 0);
}
