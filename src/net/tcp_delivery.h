// TcpDelivery: what the kernel knows of how far a TCP connection's bytes have come, and whether that proves that the
// peer's process never got the last of them. It keeps nothing. Private to net/; PlainSocket asks. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "net/transport.h"

namespace weir::net {

struct TcpDelivery {
    // A reset answers what comes behind a close at once: it is here after a round trip. Later ones may be anything.
    static constexpr Duration kLeastWait = std::chrono::milliseconds(5);
    static constexpr int kRoundTrips = 4;

    bool closed = false;    // the connection is gone: a reset came
    uint64_t acked = 0;     // bytes that the peer's kernel acknowledged, its SYN's one too
    uint32_t segment = 0;   // bytes of the largest segment that is sent
    Duration round_trip{};  // the shortest that was seen

    // See Transport::undelivered(), of a connection whose end was read. `written`: all that was written to it;
    // `at_once`: what is behind the mark was one write.
    Undelivered undelivered(uint64_t mark, uint64_t written, bool at_once) const;
};

// None: not a TCP socket, or a kernel that does not tell.
std::optional<TcpDelivery> tcp_delivery(int fd);

}  // namespace weir::net
