// ProxyRig: the whole proxy in one thread, without a kernel: the same engine, exchange, pools, codecs and wheel as in
// the daemon, on in-memory transports and manual time. A test holds the clients' and the backends' ends. Also the
// ground of fuzz targets and of the instruction benchmark, so it uses no test framework.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/load.h"
#include "net/loop.h"
#include "net/memory_transport.h"
#include "proxy/engine.h"
#include "server/compile.h"
#include "server/living.h"

namespace weir::support {

inline constexpr std::string_view kOneBackend = R"(
listeners: [ { name: in, address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { name: all, pool: app } ]
)";

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n";
inline constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}
inline bool starts(const std::string& text, std::string_view part) {
    return text.rfind(part, 0) == 0;
}

class ProxyRig final {
 public:
    using Peer = std::shared_ptr<net::MemoryPeer>;

    explicit ProxyRig(std::string_view yaml = kOneBackend) {
        const config::Loaded loaded = config::parse(yaml, "rig.yaml");
        for (const auto& diagnostic : loaded.diagnostics) std::fprintf(stderr, "%s\n", diagnostic.text().c_str());
        require(loaded.config.has_value());
        const auto snapshot = server::compile(*loaded.config, living, 1);
        require(snapshot.has_value());
        engine = std::make_unique<proxy::Engine>(
            proxy::Engine::Parts{loop, dialer, access_log, living.registry.worker(0), "weir-test", 0, nullptr});
        engine->adopt(*snapshot);
        plan = living.listeners.at(loaded.config->listeners[0].name).get();
        plan->port = 8080;
        dialer.on_dial([this](const net::Address&, const Peer& peer) {
            backends.push_back(peer);
            if (accept_dials) peer->accept();
        });
    }
    ~ProxyRig() {
        engine.reset();
        loop.turn(Duration::zero());
    }

    // A client's connection, accepted.
    Peer connect(std::string_view from = "192.0.2.1:40000") {
        net::MemoryPair pair =
            net::make_memory_pair(loop, poller, *net::Address::parse(from), *net::Address::parse("127.0.0.1:8080"));
        engine->accept(std::move(pair.transport), *plan);
        return pair.peer;
    }
    // Turns until nothing moves.
    void run() {
        do {
            loop.turn(Duration::zero());
        } while (!loop.quiet() || !poller.quiet());
    }
    void advance(Duration by) {
        clock.advance(by);
        run();
    }
    // Sends, runs, and returns what came back.
    std::string ask(const Peer& client, std::string_view request) {
        client->send(request);
        run();
        return client->take_received();
    }
    Peer backend() { return backends.back(); }

    ManualClock clock;
    net::ManualPoller poller;
    net::Loop loop{poller, clock};
    net::MemoryDialer dialer{loop, poller};
    server::Living living{1};
    telemetry::AccessLog access_log{nullptr};
    std::unique_ptr<proxy::Engine> engine;
    proxy::ListenerPlan* plan = nullptr;
    std::vector<Peer> backends;  // in the order they were dialled
    bool accept_dials = true;

 private:
    static void require(bool fine) {
        if (!fine) std::abort();
    }
};

}  // namespace weir::support
