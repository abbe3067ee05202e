// Benches of real sockets, TCP over loopback and a unix pair, beside MemoryBench of transport_bench.h. The loop is a
// worker's: epoll, the system's clock. One thread: the kernel moves loopback bytes within the system calls.
#pragma once

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"
#include "net/event_poller.h"
#include "net/socket_transport.h"
#include "tests/unit/net/transport_bench.h"

namespace weir::net {

// A descriptor of the test's own.
class TestSocket final {
 public:
    TestSocket() = default;
    explicit TestSocket(int fd) : fd_(fd) {}
    TestSocket(TestSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    TestSocket& operator=(TestSocket&& other) noexcept {
        close();
        fd_ = std::exchange(other.fd_, -1);
        return *this;
    }
    ~TestSocket() { close(); }
    int fd() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

 private:
    int fd_ = -1;
};

inline Address name_of(int fd) {
    sockaddr_storage raw;
    socklen_t size = sizeof(raw);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return {};
    return Address::from(reinterpret_cast<const sockaddr*>(&raw), size);
}

inline int connect_to(int fd, const Address& to) {
    sockaddr_storage raw;
    const socklen_t size = to.fill(raw);
    return connect(fd, reinterpret_cast<const sockaddr*>(&raw), size);
}

// The far end of a socket.
class SocketFar final {
 public:
    explicit SocketFar(TestSocket socket) : socket_(std::move(socket)) {}
    void send(std::string_view bytes) {
        const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(bytes.size()))
            check_failed("the far end has room to send", __FILE__, __LINE__);
    }
    void finish() { shutdown(socket_.fd(), SHUT_WR); }
    void reset() {
        const linger at_once{1, 0};
        setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        socket_.close();
    }
    // As if its cable were cut: it hears nothing more, and so says nothing more.
    void vanish() {
        sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
        const sock_fprog filter{1, &nothing};
        if (setsockopt(socket_.fd(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) != 0)
            check_failed("a filter on the far end", __FILE__, __LINE__);
    }
    std::string receive() {
        pump();
        return std::exchange(received_, std::string());
    }
    bool saw_fin() { return pump() == 0; }
    bool saw_reset() { return pump() == ECONNRESET; }

 private:
    // Reads all there is; 0 at the end, else an errno.
    int pump() {
        char room[64 * 1024];
        for (;;) {
            const ssize_t got = recv(socket_.fd(), room, sizeof(room), MSG_DONTWAIT);
            if (got <= 0) return got == 0 ? 0 : errno;
            received_.append(room, static_cast<size_t>(got));
        }
    }
    TestSocket socket_;
    std::string received_;
};

// A worker's loop for tests that need a kernel.
class SocketLoop {
 public:
    EventPoller& poller() { return poller_; }
    Loop& loop() { return loop_; }
    void turn() { loop_.turn(Duration::zero()); }
    bool until(const std::function<bool()>& done) {
        for (int i = 0; i < 1000 && !done(); ++i) loop_.turn(std::chrono::milliseconds(10));
        return done();
    }

 private:
    SystemClock clock_;
    EventPoller poller_;
    Loop loop_{poller_, clock_};
};

struct SocketPair {
    std::unique_ptr<Transport> transport;
    SocketFar far;
};

class TcpBench final : public SocketLoop {
 public:
    using Pair = SocketPair;
    TcpBench() : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_storage raw;
        const socklen_t size = Address::of(Ip::v4({127, 0, 0, 1}), 0).fill(raw);
        if (bind(listening_.fd(), reinterpret_cast<const sockaddr*>(&raw), size) != 0 ||
            listen(listening_.fd(), 8) != 0) {
            check_failed("a listening socket on loopback", __FILE__, __LINE__);
        }
    }
    Pair pair() {
        TestSocket far(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int bytes = 1 << 20;
        setsockopt(far.fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
        if (connect_to(far.fd(), name_of(listening_.fd())) != 0) check_failed("a connect", __FILE__, __LINE__);
        const int near = accept4(listening_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        return {adopt_socket(poller(), loop(), near, name_of(far.fd())), SocketFar(std::move(far))};
    }

 private:
    TestSocket listening_;
};

class UnixBench final : public SocketLoop {
 public:
    using Pair = SocketPair;
    Pair pair() {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) check_failed("a pair", __FILE__, __LINE__);
        const int bytes = 1 << 20;
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        return {adopt_socket(poller(), loop(), ends[0], name_of(ends[1])), SocketFar(TestSocket(ends[1]))};
    }
};

}  // namespace weir::net
