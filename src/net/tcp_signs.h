// TcpSigns: what the kernel knows of a TCP peer's signs of life while something waits for it, and what that means. It
// keeps nothing and decides no deadline. Private to net/; PlainSocket asks. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace weir::net {

struct TcpSigns {
    // Of what is sent to a silent peer this many are waited for before its silence counts, as keep-alive does: that one
    // more has been sent means that each of these had its time.
    static constexpr unsigned kTries = 3;

    uint32_t in_flight = 0;     // segments sent and not acknowledged
    uint32_t window = 0;        // bytes that the peer last said it has room for
    unsigned resent = 0;        // times that the first of them was sent again since anything new was acknowledged
    unsigned probes = 0;        // of a closed window, since the peer's last sign
    Duration since_last_ack{};  // of any kind: one that acknowledges nothing new is a sign of life too

    // See Transport::unanswered().
    std::optional<Duration> unanswered() const;
};

// None: not a TCP socket, or a kernel before 5.4, which does not tell the window.
std::optional<TcpSigns> tcp_signs(int fd);

}  // namespace weir::net
