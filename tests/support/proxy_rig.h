// ProxyRig: the whole proxy in one thread, without a kernel: the same engine, exchange, pools, codecs and wheel as in
// the daemon, on in-memory transports and manual time. A test holds the clients' and the backends' ends. Also the
// ground of fuzz targets and of the instruction benchmark, so it uses no test framework.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "proxy/engine.h"
#include "server/compile.h"
#include "server/living.h"
#include "tests/support/memory_loop.h"

namespace weir::support {

inline constexpr std::string_view kOneBackend = R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { name: all, pool: app } ]
)";

// The same with these keys among the listener's limits, in the pool and in the route.
inline std::string one_backend(std::string_view limits, std::string_view pool = "", std::string_view route = "") {
    return "listeners: [ { address: \"127.0.0.1:8080\", limits: { " + std::string(limits) +
           " } } ]\npools: { app: { endpoints: [ \"127.0.0.1:3000\" ], " + std::string(pool) +
           " } }\nroutes: [ { name: all, pool: app, " + std::string(route) + " } ]\n";
}

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}
inline bool starts(const std::string& text, std::string_view part) {
    return text.rfind(part, 0) == 0;
}

class ProxyRig : public MemoryLoop {
 public:
    struct Owner final : proxy::Engine::Owner {
        void on_drained() override { ++drained; }
        void on_connection_closed() override { ++closed; }
        void on_crowd_gone() override { ++crowds_gone; }
        int drained = 0;
        int closed = 0;
        int crowds_gone = 0;
    };
    // What a test changes of the compiled config before it is adopted.
    using Change = std::function<void(proxy::Snapshot&)>;

    explicit ProxyRig(std::string_view yaml = kOneBackend, const Change& change = nullptr)
        : ProxyRig(parse(yaml), nullptr, change) {}
    // `lines` is where the access log goes; null: nowhere.
    explicit ProxyRig(const config::Config& config, LogLane* lines = nullptr, const Change& change = nullptr)
        : access_log(lines) {
        auto snapshot = server::compile(config, living, 1);
        require(snapshot.has_value());
        if (change) change(**snapshot);
        engine = std::make_unique<proxy::Engine>(
            proxy::Engine::Parts{loop, dialer, access_log, living.registry.worker(0), "weir-test", 0, &owner});
        for (const upstream::PoolPlan& pool : (*snapshot)->pools) engine->adopt(*pool.pool, pool.pool->set());
        engine->adopt(std::move(*snapshot));
        loop.slabs().allow_pipes(8);
        plan = living.listeners.at(config.listeners[0].name).get();
        plan->port = 8080;
    }
    static config::Config parse(std::string_view yaml) {
        config::Loaded loaded = config::parse(yaml, "rig.yaml");
        for (const auto& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        require(loaded.config.has_value());
        return std::move(*loaded.config);
    }
    ~ProxyRig() {
        engine.reset();
        loop.turn(Duration::zero());  // before the living things go that connections point at
    }

    // A client's connection, accepted.
    Peer connect(std::string_view from = "192.0.2.1:40000") {
        net::MemoryPair pair =
            net::make_memory_pair(loop, poller, *net::Address::parse(from), *net::Address::parse("127.0.0.1:8080"));
        engine->accept(std::move(pair.transport), *plan);
        return pair.peer;
    }
    // Sends, runs, and returns what came back.
    std::string ask(const Peer& client, std::string_view request) {
        client->send(request);
        run();
        return client->take_received();
    }
    // A client's connection that has had an answer and is idle, as is the one to its backend.
    Peer idle_client() {
        Peer client = connect();
        ask(client, kGet);
        answer(client);
        return client;
    }
    // How many exchanges ended so.
    uint64_t ended(proxy::Outcome outcome) const {
        uint64_t all = 0;
        living.registry.each_route([&](const telemetry::RouteSeries& series) {
            series.each(
                [&](const telemetry::RouteCells& cells) { all += cells.outcome(static_cast<unsigned>(outcome)); });
        });
        return all;
    }
    // The last backend sends, all runs; returns what came to the client.
    std::string answer(const Peer& client, std::string_view bytes = kOk) {
        backend()->send(bytes);
        run();
        return client->take_received();
    }

    Owner owner;
    server::Living living{1};
    telemetry::AccessLog access_log;
    std::unique_ptr<proxy::Engine> engine;
    proxy::ListenerPlan* plan = nullptr;

 private:
    static void require(bool fine) {
        if (!fine) std::abort();
    }
};

}  // namespace weir::support
