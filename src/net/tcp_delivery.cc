#include "net/tcp_delivery.h"

#include <linux/tcp.h>  // glibc's struct tcp_info is too short
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>

namespace weir::net {

namespace {
constexpr uint8_t kClosed = 7;  // TCP_CLOSE, which linux/tcp.h does not name
}

// A FIN behind which bytes are answered with a reset is what a closed socket sends (RFC 9293 3.10.7.4). One that read
// them first has acknowledged them with its FIN. Of several segments or writes nothing is proven: it may have acted on
// the first, and then the reset answers only the last.
Undelivered TcpDelivery::undelivered(uint64_t mark, uint64_t written, bool at_once) const {
    if (acked > 1 + mark) return {};
    if (closed) return {at_once && written - mark <= segment, true, {}};
    return {false, false, std::max<Duration>(kLeastWait, kRoundTrips * round_trip)};
}

std::optional<TcpDelivery> tcp_delivery(int fd) {
    tcp_info seen{};
    socklen_t size = sizeof(seen);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &seen, &size) != 0) return std::nullopt;
    if (size < offsetof(tcp_info, tcpi_min_rtt) + sizeof(seen.tcpi_min_rtt)) return std::nullopt;
    return TcpDelivery{seen.tcpi_state == kClosed, seen.tcpi_bytes_acked, seen.tcpi_snd_mss,
                       std::chrono::microseconds(seen.tcpi_min_rtt)};
}

}  // namespace weir::net
