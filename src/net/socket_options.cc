#include "net/socket_options.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>

namespace weir::net {

namespace {

struct Option {
    int level;
    int name;
    int value;
};

void set(int fd, const Option& option) {
    setsockopt(fd, option.level, option.name, &option.value, sizeof(option.value));
}

}  // namespace

// TCP_NODELAY, though it is set already, ends the wait (tcp(7)).
void push_segments(int fd) {
    set(fd, {IPPROTO_TCP, TCP_NODELAY, 1});
}

void set_tcp_options(int fd) {
    constexpr Option kOptions[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},    {SOL_SOCKET, SO_KEEPALIVE, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 20},
        {IPPROTO_TCP, TCP_KEEPINTVL, 10}, {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };
    for (const Option& option : kOptions) set(fd, option);
}

void set_client_options(int fd) {
    constexpr int kUnsent = 16 * 1024;
    set_tcp_options(fd);
    set(fd, {IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsent});
}

bool bound_receive_buffer(int fd) {
    constexpr int kMost = 4 * 1024 * 1024;
    int size = 0;
    socklen_t length = sizeof(size);
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &length) != 0 || size <= kMost) return false;
    set(fd, {SOL_SOCKET, SO_RCVBUF, kMost / 2});  // the kernel doubles it
    return true;
}

void drop_new_handshakes(int fd) {
    constexpr uint32_t kFlags = 13;  // where the flags stand in a TCP header (RFC 9293 3.1)
    constexpr uint32_t kSyn = 0x02;
    constexpr uint32_t kAll = UINT32_MAX;
    sock_filter code[] = {
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, kFlags},
        {BPF_JMP | BPF_JSET | BPF_K, 0, 1, kSyn},
        {BPF_RET | BPF_K, 0, 0, 0},
        {BPF_RET | BPF_K, 0, 0, kAll},
    };
    const sock_fprog filter{sizeof code / sizeof code[0], code};
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain == AF_UNIX) return;
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

}  // namespace weir::net
