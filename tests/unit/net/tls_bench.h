// TlsBench: beside the benches of transport_bench.h: pairs of a transport that speaks TLS as a server, over memory, and
// a real client. One thread.
#pragma once

#include <memory>
#include <utility>

#include "net/tls_transport.h"
#include "tests/support/tls_far.h"
#include "tests/unit/net/transport_bench.h"

namespace weir::net {

class TlsBench final {
 public:
    using Far = support::TlsFar;
    struct Pair {
        std::unique_ptr<Transport> transport;
        Far far;
    };

    explicit TlsBench(TlsServerPlan plan = support::server_plan()) { serve(std::move(plan)); }
    void serve(TlsServerPlan plan) { server_ = std::move(*TlsServer::make(plan)); }

    Loop& loop() { return loop_; }
    ManualClock& clock() { return clock_; }
    // Before a word was said.
    Pair strangers(const Far::Settings& settings = {}) {
        const Address address = Address::of(Ip::v4({127, 0, 0, 1}), 80);
        auto [inner, peer] = make_memory_pair(loop_, poller_, address, address);
        peer->set_window(Far::kWindow);
        return {server_->accept(workshop_, std::move(inner)), Far(std::move(peer), settings)};
    }
    // Behind the handshake, and the ticket.
    Pair pair(const Far::Settings& settings = {}) {
        Pair pair = strangers(settings);
        pair.transport->set_owner(nobody_, Lane::upstream);
        shake(pair);
        turn();
        pair.far.pump();
        pair.far.peer().set_window(Far::kWindow);
        return pair;
    }
    // Turns until the handshake is over, well or not.
    void shake(Pair& pair) {
        for (int i = 0; i < 20 && pair.transport->connecting(); ++i) {
            pair.far.pump();
            turn();
        }
        pair.far.pump();
    }
    void turn() { loop_.turn(Duration::zero()); }
    bool until(const std::function<bool()>& done) {
        for (int i = 0; i < 100 && !done(); ++i) turn();
        return done();
    }

 private:
    ManualClock clock_;
    ManualPoller poller_;
    Loop loop_{poller_, clock_};
    TlsWorkshop workshop_{loop_};
    CountingOwner nobody_;
    std::unique_ptr<TlsServer> server_;
};

}  // namespace weir::net
