#include "net/tcp_signs.h"

#include <linux/tcp.h>  // glibc's struct tcp_info is too short
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace weir::net {

// Behind a closed window nothing is in flight but probes. Who is there answers them, but the time between two grows to
// two minutes: only that several had no answer tells. In flight though the window is closed: a peer out of memory took
// its window back (RFC 9293 3.8.6). Its answers come as rarely and nobody counts what had none: it is not judged here,
// and the kernel gives it up after a few minutes without a sign.
std::optional<Duration> TcpSigns::unanswered() const {
    if (in_flight == 0 && probes == 0) return std::nullopt;
    const bool in_vain = in_flight == 0 ? probes > kTries : window > 0 && resent > kTries;
    return in_vain ? since_last_ack : Duration::zero();
}

std::optional<TcpSigns> tcp_signs(int fd) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    if (size < offsetof(tcp_info, tcpi_snd_wnd) + sizeof(info.tcpi_snd_wnd)) return std::nullopt;
    return TcpSigns{info.tcpi_unacked, info.tcpi_snd_wnd, info.tcpi_retransmits, info.tcpi_probes,
                    std::chrono::milliseconds(info.tcpi_last_ack_recv)};
}

}  // namespace weir::net
