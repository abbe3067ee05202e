#include "net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::net {

void set_tcp_options(int fd) {
    struct Option {
        int level;
        int name;
        int value;
    };
    constexpr Option kOptions[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},    {SOL_SOCKET, SO_KEEPALIVE, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 20},
        {IPPROTO_TCP, TCP_KEEPINTVL, 10}, {IPPROTO_TCP, TCP_KEEPCNT, 3},
    };
    for (const Option& option : kOptions) {
        setsockopt(fd, option.level, option.name, &option.value, sizeof(option.value));
    }
}

}  // namespace weir::net
