// The floor under every proxy: a bare byte relay on edge-triggered epoll. It parses nothing and opens one upstream
// connection for each client, so what it costs is the system calls that no HTTP proxy can do without: recv, send, recv,
// send and a share of epoll_wait. scripts/bench measures it beside weir. One thread; nothing here is part of weir.
// Usage: relay LISTEN_PORT BACKEND_PORT (both on 127.0.0.1).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr size_t chunk_size = 128 * 1024;
constexpr int accept_queue = 4096;
constexpr size_t events_a_turn = 512;

// One end of a relayed pair. `unsent` are bytes that this end's socket had no room for.
struct End {
    int fd = -1;
    End* peer = nullptr;
    std::string unsent;
};

struct Pair {
    End client;
    End backend;
};

enum class Flow { goes_on, blocked, broken };

std::array<char, chunk_size> chunk;

sockaddr_in loopback(const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void no_delay(int fd) {
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

int listen_on(const char* port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const sockaddr_in address = loopback(port);
    if (bind(fd, generic(address), sizeof address) != 0 || listen(fd, accept_queue) != 0) {
        std::perror("relay: listen");
        std::exit(3);
    }
    return fd;
}

Flow write_unsent(End& to) {
    while (!to.unsent.empty()) {
        const ssize_t written = send(to.fd, to.unsent.data(), to.unsent.size(), MSG_NOSIGNAL);
        if (written < 0) return errno == EAGAIN ? Flow::blocked : Flow::broken;
        to.unsent.erase(0, static_cast<size_t>(written));
    }
    return Flow::goes_on;
}

// Moves what has come until a short read says that there is no more, or until the other side has no room.
Flow move_bytes(const End& from) {
    End& to = *from.peer;
    while (to.unsent.empty()) {
        const ssize_t got = recv(from.fd, chunk.data(), chunk.size(), 0);
        if (got < 0) return errno == EAGAIN ? Flow::goes_on : Flow::broken;
        if (got == 0) return Flow::broken;
        const auto size = static_cast<size_t>(got);
        ssize_t written = send(to.fd, chunk.data(), size, MSG_NOSIGNAL);
        if (written < 0) {
            if (errno != EAGAIN) return Flow::broken;
            written = 0;
        }
        const auto sent = static_cast<size_t>(written);
        if (sent < size) {
            to.unsent.assign(chunk.data() + sent, size - sent);
            return Flow::blocked;
        }
        if (size < chunk.size()) return Flow::goes_on;
    }
    return Flow::blocked;
}

class Relay final {
 public:
    Relay(int listener, const sockaddr_in& backend)
        : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)), backend_(backend) {
        watch(listener_, EPOLLIN, nullptr);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, events_a_turn> events;
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                auto* end = static_cast<End*>(events[static_cast<size_t>(i)].data.ptr);
                if (end == nullptr) {
                    accept_all();
                } else if (end->fd >= 0) {
                    on_event(*end, events[static_cast<size_t>(i)].events);
                }
            }
        }
    }

 private:
    void watch(int fd, uint32_t events, End* end) const {
        epoll_event event{};
        event.events = events;
        event.data.ptr = end;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    void accept_all() {
        for (;;) {
            const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (client < 0) return;
            const int backend = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            if (connect(backend, generic(backend_), sizeof backend_) != 0 && errno != EINPROGRESS) {
                close(backend);
                close(client);
                continue;
            }
            no_delay(client);
            no_delay(backend);
            // A closed pair stays allocated: later events of the same turn may still name it.
            pairs_.push_back(std::make_unique<Pair>());
            Pair& pair = *pairs_.back();
            pair.client.fd = client;
            pair.client.peer = &pair.backend;
            pair.backend.fd = backend;
            pair.backend.peer = &pair.client;
            watch(client, EPOLLIN | EPOLLOUT | EPOLLET, &pair.client);
            watch(backend, EPOLLIN | EPOLLOUT | EPOLLET, &pair.backend);
        }
    }

    void on_event(End& end, uint32_t events) {
        Flow flow = Flow::goes_on;
        if ((events & EPOLLOUT) != 0 && !end.unsent.empty()) {
            flow = write_unsent(end);
            if (flow == Flow::goes_on) flow = move_bytes(*end.peer);
        }
        if (flow != Flow::broken && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) flow = move_bytes(end);
        if (flow != Flow::broken) return;
        for (End* side : {&end, end.peer}) {
            close(side->fd);
            side->fd = -1;
        }
    }

    int listener_;
    int epoll_;
    sockaddr_in backend_;
    std::vector<std::unique_ptr<Pair>> pairs_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: relay LISTEN_PORT BACKEND_PORT\n", stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    Relay relay(listen_on(argv[1]), loopback(argv[2]));
    relay.run();
}
