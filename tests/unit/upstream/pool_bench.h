// PoolBench: a worker's connections to one endpoint, on memory transports and manual time: what the tests of them
// share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "telemetry/registry.h"
#include "tests/support/memory_loop.h"
#include "upstream/connection_pool.h"

namespace weir::upstream {

inline constexpr std::string_view kEmptyAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class Waiter final : public LeaseWaiter {
 public:
    void on_lease(Lease lease) override { got = std::move(lease); }
    void on_no_lease(int why) override { error = why; }
    Lease got;
    std::optional<int> error;
};

class PoolBench : public support::MemoryLoop {
 public:
    explicit PoolBench(const net::Destination& to = *net::Address::parse("127.0.0.1:3000"))
        : endpoint(pool.add(0, "one", to, registry.endpoint("app", "one"))),
          connections(loop, dialer, scratch, endpoint, 0) {
        plan.pool = &pool;
        plan.connect_timeout = std::chrono::seconds(1);
        plan.idle_timeout = std::chrono::seconds(60);
        plan.idle = 2;
        plan.head = {64 * 1024, 100};
    }
    // A lease now or a turn later; empty where nobody took the connection.
    Lease lease() {
        Waiter waiter;
        Lease lease = connections.acquire(plan, waiter);
        if (lease) return lease;
        run();
        return std::move(waiter.got);
    }
    void ask(Lease& lease) {
        http::RequestHead request;
        request.method = http::Method::get;
        request.method_text = "GET";
        request.target.forward_path = "/";
        lease.stream().send_head(request);
        lease.stream().send_end(nullptr);
        run();
    }
    void answer(Lease& lease, net::MemoryPeer& peer, std::string_view text = kEmptyAnswer) {
        peer.send(text);
        run();
        lease.stream().take_head();
        lease.stream().take_body();
    }
    void carry(Lease& lease, net::MemoryPeer& peer, std::string_view text = kEmptyAnswer) {
        ask(lease);
        answer(lease, peer, text);
    }
    void give_back(Lease& lease) {
        lease.release();
        run();
    }

    telemetry::Registry registry{1, {}, {}};
    Pool pool{0, "app", registry.pool("app")};
    Endpoint& endpoint;
    Scratch scratch{loop.slabs()};
    PoolPlan plan;
    ConnectionPool connections;
};

}  // namespace weir::upstream
