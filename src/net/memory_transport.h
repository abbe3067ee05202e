// In-memory transports: the same promises as a socket, without a kernel, so that the whole proxy runs in one thread on
// manual time. Tests, fuzz targets and the instruction-count benchmark hold the other end of each pipe.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "net/transport.h"

namespace weir::net {

// A Poller whose wait() only reports what the other ends of memory transports did; never sleeps.
class ManualPoller final : public Poller {
 public:
    void wait(Duration longest) override;
    void wake() override;
};

// The far end of a memory transport, in the hands of a test.
class MemoryPeer {
 public:
    // (send(bytes), finish() = FIN, reset(), received() = what weir wrote, take_received(), saw_fin(), saw_reset(),
    //  set_window(bytes) = how much weir may write before it is blocked, closed())
};

// A pair: the transport that weir owns, and the peer's end.
struct MemoryPair {
    std::unique_ptr<Transport> transport;
    std::shared_ptr<MemoryPeer> peer;
};
MemoryPair make_memory_pair(Loop& loop, ManualPoller& poller, const Address& peer, const Address& local);

// A Dialer whose connections end in MemoryPeers. `on_dial` is told each new one and decides: accept now, later, or
// refuse with an errno.
class MemoryDialer final : public Dialer {
 public:
    MemoryDialer(Loop& loop, ManualPoller& poller);
    std::unique_ptr<Transport> dial(const Address& to) override;
};

}  // namespace weir::net
