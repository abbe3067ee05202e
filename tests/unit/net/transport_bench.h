// Benches on which the promises of Transport are tested alike over memory, TCP and unix sockets: each makes pairs of a
// transport and a far end that the test plays. Loopback only. One thread.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/memory_transport.h"
#include "net/transport.h"

namespace weir::net {

// Remembers that it was told.
struct CountingOwner final : Job {
    void run_job() override { ++told; }
    int told = 0;
};

inline IoResult write_text(Transport& transport, std::string text) {
    const struct iovec segment { text.data(), text.size() };
    return transport.write(&segment, 1);
}

// Reads once, into a room that is wider than what tests send unless `room` says otherwise.
inline std::string read_text(Transport& transport, size_t room = 4096) {
    std::string text(room, '\0');
    const IoResult result = transport.read(text.data(), room);
    text.resize(result.bytes);
    return text;
}

inline IoResult::Kind read_kind(Transport& transport) {
    char byte[16];
    return transport.read(byte, sizeof(byte)).kind;
}

// The far end in memory.
class MemoryFar final {
 public:
    explicit MemoryFar(std::shared_ptr<MemoryPeer> peer) : peer_(std::move(peer)) {}
    void send(std::string_view bytes) { peer_->send(bytes); }
    void finish() { peer_->finish(); }
    void reset() { peer_->reset(); }
    std::string receive() {
        std::string all = peer_->take_received();
        peer_->set_window(kWindow);
        return all;
    }
    bool saw_fin() { return peer_->saw_fin(); }
    bool saw_reset() { return peer_->saw_reset(); }

    static constexpr size_t kWindow = 100'000;

 private:
    std::shared_ptr<MemoryPeer> peer_;
};

class MemoryBench final {
 public:
    using Far = MemoryFar;
    struct Pair {
        std::unique_ptr<Transport> transport;
        Far far;
    };

    Loop& loop() { return loop_; }
    Pair pair() {
        const Address address = Address::of(Ip::v4({127, 0, 0, 1}), 80);
        auto [transport, peer] = make_memory_pair(loop_, poller_, address, address);
        peer->set_window(Far::kWindow);
        return {std::move(transport), Far(std::move(peer))};
    }
    // One turn in which all that the far ends did is told.
    void turn() { loop_.turn(Duration::zero()); }
    // Turns until `done`; false when that does not come.
    bool until(const std::function<bool()>& done) {
        for (int i = 0; i < 100 && !done(); ++i) turn();
        return done();
    }

 private:
    ManualClock clock_;
    ManualPoller poller_;
    Loop loop_{poller_, clock_};
};

}  // namespace weir::net
