// ProxyAccounts: what must stand in the books when all exchanges of a judged ProxyRig have ended: everything was given
// back, every exchange was counted once, and the log says what the clients have seen. One thread.
#pragma once

#include <algorithm>
#include <string>

#include "tests/support/access_lines.h"
#include "tests/support/proxy_judge.h"

namespace weir::support {

class ProxyAccounts final {
 public:
    ProxyAccounts(ProxyRig& rig, const ProxyJudge& judge, const AccessLines& lines)
        : rig_(rig), judge_(judge), lines_(lines) {}

    void check_given_back(const PolicyWatch& watch) const;
    // `calls`: made by policies, which are counted but have no line.
    void check_counts(size_t calls) const;
    // Where request ids are weir's own.
    void check_lines() const;

 private:
    size_t live_answers() const;

    ProxyRig& rig_;
    const ProxyJudge& judge_;
    const AccessLines& lines_;
};

inline void ProxyAccounts::check_given_back(const PolicyWatch& watch) const {
    using J = ProxyJudge;
    J::demand(rig_.engine->exchanges() == 0, "exchanges are left");
    J::demand(rig_.engine->connections() == 0, "connections to clients are left");
    for (const auto& client : judge_.clients()) J::demand(client->peer->closed(), "a client's connection is left open");
    for (const auto& at : judge_.backends()) J::demand(at->peer->closed(), "a backend's connection is left open");
    for (const auto& client : judge_.clients()) {
        const auto address = net::Address::parse(ProxyJudge::address_of(client->number));
        J::demand(rig_.plan->clients.enter(*address, 1), "a client that left is still counted");
    }
    const size_t bytes = rig_.loop.slabs().bytes_in_use();
    J::demand(bytes == 0, "slabs were not given back", std::to_string(bytes));
    J::demand(watch.jobs == 0 && watch.stages == 0, "jobs or stages of policies are left");
    J::demand(watch.strays == 0, "a policy's wait was ended by another's token");
}

// No duration is counted for a live stream. Some of these may not have become one.
inline size_t ProxyAccounts::live_answers() const {
    const auto may_be_live = [](const AskedRequest& asked) {
        const Message* answer = asked.answer();
        if (answer == nullptr || !answer->head_done) return false;
        return answer->head.has("content-type") || answer->head.has("x-accel-buffering") ||
               asked.message().head.has("rsc");
    };
    size_t found = 0;
    for (const auto& at : judge_.backends())
        found += static_cast<size_t>(std::count_if(at->asked.begin(), at->asked.end(), may_be_live));
    return found;
}

inline void ProxyAccounts::check_counts(size_t calls) const {
    using J = ProxyJudge;
    const telemetry::Registry& registry = rig_.living.registry;
    uint64_t outcomes = 0, requests = 0, durations = 0;
    registry.each_route([&](const telemetry::RouteSeries& series) {
        series.each([&](const telemetry::RouteCells& cells) {
            J::demand(cells.active() == 0, "exchanges_active is not 0");
            for (unsigned i = 0; i < telemetry::RouteCells::kMaxOutcomes; ++i) outcomes += cells.outcome(i);
            for (unsigned i = 0; i < telemetry::RouteCells::kMaxMethods; ++i)
                if (const auto* row = cells.row(i))
                    for (const auto& cell : *row) requests += cell.value();
            for (size_t i = 0; i <= telemetry::Histogram::kBounds.size(); ++i) durations += cells.duration().bucket(i);
        });
    });
    registry.each_listener([](const telemetry::ListenerSeries& series) {
        series.each([](const telemetry::ListenerCells& cells) {
            J::demand(cells.connections_active.value() == 0, "connections_active is not 0");
        });
    });
    registry.each_endpoint([](const telemetry::EndpointSeries& series) {
        series.each([](const telemetry::EndpointCells& cells) {
            J::demand(cells.requests_active.value() == 0, "an endpoint's requests_active is not 0");
            J::demand(cells.connections_active.value() == 0 && cells.connections_idle.value() == 0,
                      "an endpoint's connections are not 0");
        });
    });
    J::demand(lines_.dropped() == 0, "lines were dropped");
    const bool timed = durations <= outcomes && outcomes - durations <= live_answers();
    J::demand(outcomes == lines_.count() + calls && requests == outcomes && timed,
              "exchanges, outcomes and lines differ",
              std::to_string(outcomes) + " " + std::to_string(requests) + " " + std::to_string(lines_.count()));
}

// What the log says is what the clients have seen.
inline void ProxyAccounts::check_lines() const {
    using J = ProxyJudge;
    J::demand(!lines_.repeated(), "an exchange has two lines");
    size_t complete = 0, fine = 0;
    for (const auto& [id, line] : lines_.by_id()) fine += line.outcome == "ok" ? 1 : 0;
    for (const auto& client : judge_.clients()) {
        const auto& answers = client->got.messages();
        for (size_t i = 0; i < client->got.complete(); ++i) {
            const std::string id(answers[i].head.value("x-request-id"));
            const auto found = lines_.by_id().find(id);
            J::demand(found != lines_.by_id().end(), "an answer without a line", id);
            const AccessLine& line = found->second;
            J::demand(line.status == answers[i].head.status || line.status == 499, "a line with another status", id);
            if (line.outcome != "ok") continue;
            ++complete;
            J::demand(line.bytes_out == answers[i].wire, "a line with other bytes_out",
                      std::to_string(line.bytes_out) + " for " + std::to_string(answers[i].wire));
        }
    }
    J::demand(fine == complete, "an exchange is called ok whose answer was not whole",
              std::to_string(fine) + " for " + std::to_string(complete));
}

}  // namespace weir::support
