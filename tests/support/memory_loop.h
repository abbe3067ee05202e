// MemoryLoop: a loop on manual time with a dialer whose backends are in the hands of a test. Uses no test framework.
// One thread.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/memory_transport.h"

namespace weir::support {

class MemoryLoop {
 public:
    using Peer = std::shared_ptr<net::MemoryPeer>;

    MemoryLoop() {
        dialer.on_dial([this](const net::Address&, const Peer& peer) {
            backends.push_back(peer);
            if (accept_dials) peer->accept();
        });
    }
    // What was disposed of goes with it.
    ~MemoryLoop() { loop.turn(Duration::zero()); }
    MemoryLoop(const MemoryLoop&) = delete;
    MemoryLoop& operator=(const MemoryLoop&) = delete;

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
    const Peer& backend() const { return backends.back(); }

    ManualClock clock;
    net::ManualPoller poller;
    net::Loop loop{poller, clock};
    net::MemoryDialer dialer{loop, poller};
    std::vector<Peer> backends;  // in the order they were dialled
    bool accept_dials = true;
};

}  // namespace weir::support
