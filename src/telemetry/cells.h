// The blocks of numbers a worker keeps about one thing: a route, a pool, an endpoint, a listener. Each is written by
// its worker alone and stands on cache lines of its own. Methods and outcomes are small indexes here; their names are
// the registry's.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "telemetry/counters.h"
#include "telemetry/status_codes.h"

namespace weir::telemetry {

inline constexpr size_t kCacheLine = 64;

class alignas(kCacheLine) RouteCells final {
 public:
    static constexpr unsigned kMaxMethods = 16;
    static constexpr unsigned kMaxOutcomes = 48;
    using StatusRow = std::array<Counter, kStatusCodes>;

    RouteCells() = default;
    ~RouteCells() {
        for (auto& row : rows_) delete row.load(std::memory_order_acquire);
    }
    RouteCells(const RouteCells&) = delete;
    RouteCells& operator=(const RouteCells&) = delete;

    // The worker's. A method's row of status codes is made when the method is first seen: most routes see two.
    void count_request(unsigned method, int status) {
        CHECK(method < kMaxMethods);
        StatusRow* row = rows_[method].load(std::memory_order_relaxed);
        if (row == nullptr) {
            row = new StatusRow();
            rows_[method].store(row, std::memory_order_release);
        }
        (*row)[status_index(status)].add();
    }
    void count_outcome(unsigned outcome) {
        CHECK(outcome < kMaxOutcomes);
        outcomes_[outcome].add();
    }
    void observe_duration(Duration took) { duration_.observe(took); }
    // HTTP bytes on the client's side.
    void add_bytes(uint64_t in, uint64_t out) {
        bytes_in_.add(in);
        bytes_out_.add(out);
    }
    // +1 when an exchange begins, -1 when it ends.
    void active(int by) { active_.add(by); }

    // Anybody's.
    const StatusRow* row(unsigned method) const { return rows_[method].load(std::memory_order_acquire); }
    uint64_t outcome(unsigned index) const { return outcomes_[index].value(); }
    const Histogram& duration() const { return duration_; }
    uint64_t bytes_in() const { return bytes_in_.value(); }
    uint64_t bytes_out() const { return bytes_out_.value(); }
    int64_t active() const { return active_.value(); }

 private:
    Histogram duration_;
    Counter bytes_in_;
    Counter bytes_out_;
    Gauge active_;
    std::array<std::atomic<StatusRow*>, kMaxMethods> rows_{};
    std::array<Counter, kMaxOutcomes> outcomes_;
};

// Why a try is made again (proxy/retry.h), in the order of RetryReason.
inline constexpr std::array<std::string_view, 4> kRetryReasons = {"connect", "reset", "undelivered", "likely"};

struct alignas(kCacheLine) PoolCells final {
    // To the first byte of the response.
    void observe_response(Duration took) { response.observe(took); }
    Histogram response;
    std::array<Counter, kRetryReasons.size()> retries;  // tries made again, by why
    Counter retry_budget_exhausted;                     // and those that were not, for that
};

struct alignas(kCacheLine) EndpointCells final {
    Counter requests_total;
    Gauge requests_active;
    Gauge connections_idle;
    Gauge connections_active;
    Counter connections_total;
    Counter reuse_total;  // requests on a connection that had carried one before
};

// Of an endpoint's health. The prober counts; what is known of it control writes, which also makes the block.
struct alignas(kCacheLine) HealthCells final {
    static constexpr unsigned kMaxResults = 16;
    static constexpr unsigned kMaxStates = 16;
    std::array<Counter, kMaxResults> results;
    std::atomic<uint8_t> state{0};
    std::atomic<bool> up{false};
};

// Of a pool's probes; the prober's.
struct alignas(kCacheLine) ProbeCells final {
    Histogram took;
};
// TLS versions that are counted apart; `none`: none was agreed on.
enum class TlsVersion : uint8_t { none, tls12, tls13, count_ };
inline constexpr std::array<std::string_view, static_cast<size_t>(TlsVersion::count_)> kTlsVersions = {
    "none", "TLSv1.2", "TLSv1.3"};
constexpr TlsVersion tls_version(std::string_view name) {
    for (size_t i = 0; i < kTlsVersions.size(); ++i)
        if (kTlsVersions[i] == name) return static_cast<TlsVersion>(i);
    return TlsVersion::none;
}

struct alignas(kCacheLine) ListenerCells final {
    struct Handshakes {
        Counter done;
        Counter failed;
        Counter resumed;  // of those done
    };
    Handshakes& handshakes(TlsVersion version) { return tls[static_cast<size_t>(version)]; }

    Gauge connections_active;
    Counter connections_total;
    std::array<Handshakes, kTlsVersions.size()> tls;  // by version
};

struct alignas(kCacheLine) WorkerCells final {
    Histogram loop_lag;  // from the poller's return to the end of that turn
};

}  // namespace weir::telemetry
