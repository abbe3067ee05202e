#include "net/plain_socket.h"

#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "net/doubts.h"
#include "net/socket_options.h"
#include "net/tcp_delivery.h"
#include "net/tcp_signs.h"

namespace weir::net {

namespace {

constexpr short kInterest = EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST;

// What libevent makes of EPOLLERR, of which a reset is one; but data on a writable socket looks the same.
bool may_be_reset(short what) {
    return (what & (EV_READ | EV_WRITE | EV_CLOSED)) == (EV_READ | EV_WRITE);
}

}  // namespace

PlainSocket::PlainSocket(EventPoller& poller, Loop& loop, int fd, const Address& peer)
    : poller_(poller), loop_(loop), peer_(peer), fd_(fd), state_(State::connected) {
    if (enlist()) return;
    error_ = ENOMEM;
    news_for_owner_ = true;
}

PlainSocket::PlainSocket(EventPoller& poller, Loop& loop, const Address& to)
    : poller_(poller), loop_(loop), peer_(to), state_(State::connecting) {
    open(to);
    news_for_owner_ = !connecting();
}

PlainSocket::~PlainSocket() {
    if (fd_ < 0) return;
    event_del(&event_);
    close(fd_);
}

void PlainSocket::open(const Address& to) {
    sockaddr_storage raw;
    const socklen_t size = to.fill(raw);
    fd_ = socket(raw.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return refuse(errno);
    if (!to.is_unix()) set_tcp_options(fd_);
    const bool done = connect(fd_, reinterpret_cast<const sockaddr*>(&raw), size) == 0;
    if (!done && errno != EINPROGRESS) return refuse(errno);
    if (done) state_ = State::connected;
    // Behind connect(): a socket that is not even connecting reports a hangup.
    if (!enlist()) refuse(ENOMEM);
}

// Registers; closes the descriptor when that fails.
bool PlainSocket::enlist() {
    const auto on_edge = [](evutil_socket_t, short what, void* self) {
        static_cast<PlainSocket*>(self)->on_event(what);
    };
    if (event_assign(&event_, poller_.base(), fd_, kInterest, on_edge, this) == 0 && event_add(&event_, nullptr) == 0) {
        return true;
    }
    close(fd_);
    fd_ = -1;
    return false;
}

void PlainSocket::refuse(int error) {
    state_ = State::refused;
    error_ = error;
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
}

void PlainSocket::set_owner(Job& job, Lane lane) {
    owner_ = &job;
    lane_ = lane;
    // Decided before anybody could be told: a dial on loopback, or no memory to register.
    if (news_for_owner_) tell_owner();
    news_for_owner_ = false;
}

void PlainSocket::tell_owner() {
    if (owner_ != nullptr) loop_.schedule(*owner_, lane_);
}

void PlainSocket::on_event(short what) {
    bool news = false;
    if (state_ == State::connecting) {
        error_ = take_error();
        state_ = error_ == 0 ? State::connected : State::refused;
        if (error_ != 0) return tell_owner();
        news = true;
    }
    if ((what & EV_CLOSED) != 0) {
        news = news || (paused_ && !fin_announced_);
        fin_announced_ = true;
    }
    if ((what & (EV_READ | EV_CLOSED)) != 0) {
        readable_ = !end_read_;
        news = news || (readable_ && !paused_);
        doubtful_ = may_be_reset(what);
        moved_ = true;
        // Nobody is going to read now, and this edge does not come again.
        if (doubtful_ && (paused_ || end_read_) && notice_reset()) news = true;
    }
    if ((what & EV_WRITE) != 0 && !writable_) {
        writable_ = true;
        news = true;
    }
    if (news) tell_owner();
}

int PlainSocket::take_error() const {
    int error = 0;
    socklen_t size = sizeof(error);
    return getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// True when the connection has been reset, which this finds out only once: taking SO_ERROR clears it, and recv()
// answers 0 behind that as if there had been a FIN. The state is asked first, for SO_ERROR also tells of ICMP errors
// that TCP survives; a connection that both sides finished is closed without an error.
bool PlainSocket::notice_reset() {
    if (error_ != 0) return false;
    uint8_t state = 0;  // tcpi_state is the first byte of tcp_info, and the kernel fills as much as there is room for
    socklen_t size = sizeof(state);
    const bool is_tcp = getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &state, &size) == 0;
    if (is_tcp && state != TCP_CLOSE) return false;
    error_ = take_error();
    return error_ != 0;
}

bool PlainSocket::moved_since_doubted() {
    const bool moved = moved_;
    moved_ = false;
    return moved;
}

void PlainSocket::settle_doubt(bool was_reset) {
    doubtful_ = false;
    if (!was_reset) return;
    readable_ = !end_read_;
    if (paused_ || end_read_) notice_reset();
    tell_owner();
}

IoResult PlainSocket::fail_with(int error) {
    if (error_ == 0) error_ = error;
    readable_ = false;
    return {IoResult::Kind::failed};
}

IoResult PlainSocket::found_end() {
    if (error_ != 0) return fail_with(error_);
    readable_ = false;
    end_read_ = true;
    return {IoResult::Kind::end};
}

IoResult PlainSocket::read_failed(int error) {
    if (error != EAGAIN) return fail_with(error);
    readable_ = false;
    return {IoResult::Kind::blocked};
}

IoResult PlainSocket::write_failed(int error) {
    if (error == EAGAIN) {
        writable_ = false;
        return {IoResult::Kind::blocked};
    }
    error_ = error;
    readable_ = !end_read_;  // reading finds what came before it, and then this: no edge tells of it again
    return {IoResult::Kind::failed};
}

IoResult PlainSocket::read(char* into, size_t room) {
    CHECK(room > 0);
    for (;;) {
        const ssize_t got = recv(fd_, into, room, 0);
        if (got > 0) {
            const auto count = static_cast<size_t>(got);
            // A short read has emptied it. Only an end that is known already is still to be read.
            if (count < room && !fin_announced_ && error_ == 0) {
                readable_ = false;
                if (doubtful_ && !linked()) poller_.doubts().add(*this);
            }
            return {IoResult::Kind::moved, count};
        }
        if (got == 0) return found_end();
        if (errno != EINTR) return read_failed(errno);
    }
}

// A short count says nothing: a pipe runs out of slots before it runs out of bytes. It may be read again.
IoResult PlainSocket::read_into(Pipe& pipe, size_t most) {
    for (;;) {
        const ssize_t got = splice(fd_, nullptr, pipe.in(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (got > 0) {
            pipe.filled(static_cast<size_t>(got));
            return {IoResult::Kind::piped, static_cast<size_t>(got)};
        }
        if (got == 0) return found_end();
        if (errno == EAGAIN && !pipe.empty()) return {IoResult::Kind::blocked};
        if (errno != EINTR) return read_failed(errno);
    }
}

IoResult PlainSocket::write(const struct iovec* segments, int count) {
    if (error_ != 0) return {IoResult::Kind::failed};
    if (state_ == State::connecting) return {IoResult::Kind::blocked};
    const size_t wanted = bytes_of(segments, count);
    msghdr message{};
    message.msg_iov = const_cast<struct iovec*>(segments);
    message.msg_iovlen = static_cast<size_t>(count);
    const int flags = end_announced_ ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL;
    for (;;) {
        const ssize_t put =
            count == 1 ? send(fd_, segments[0].iov_base, segments[0].iov_len, flags) : sendmsg(fd_, &message, flags);
        if (put >= 0) {
            const auto moved = static_cast<size_t>(put);
            wrote(moved);
            if (moved < wanted) writable_ = false;
            return {IoResult::Kind::moved, moved};
        }
        if (errno != EINTR) return write_failed(errno);
    }
}

// It has no MSG_NOSIGNAL: SIGPIPE must be ignored. A short count says nothing here either.
IoResult PlainSocket::write_from(Pipe& pipe, size_t count) {
    if (error_ != 0) return {IoResult::Kind::failed};
    if (state_ == State::connecting) return {IoResult::Kind::blocked};
    for (;;) {
        const ssize_t put = splice(pipe.out(), nullptr, fd_, nullptr, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (put > 0) {
            pipe.drained(static_cast<size_t>(put));
            wrote(static_cast<size_t>(put));
            return {IoResult::Kind::moved, static_cast<size_t>(put)};
        }
        if (put == 0) return write_failed(EPIPE);  // nobody else empties it
        if (errno != EINTR) return write_failed(errno);
    }
}

void PlainSocket::pause_reading(bool paused) {
    if (paused_ && !paused && readable_) tell_owner();  // it brings no edge
    paused_ = paused;
    if (paused && !bounded_) bounded_ = bound_receive_buffer(fd_);
    // A reset that came with bytes which now stay in the kernel: no edge tells of it again either.
    if (paused && doubtful_ && readable_ && !linked()) poller_.doubts().add(*this);
}

std::optional<size_t> PlainSocket::unread_before_end() const {
    int unread = 0;
    if (!fin_announced_ || end_read_ || ioctl(fd_, FIONREAD, &unread) != 0) return std::nullopt;
    return static_cast<size_t>(unread);
}

std::optional<Duration> PlainSocket::unanswered() const {
    const std::optional<TcpSigns> signs = tcp_signs(fd_);
    return signs ? signs->unanswered() : std::nullopt;
}

Undelivered PlainSocket::undelivered(uint64_t mark) const {
    if (!end_read_ && error_ == 0)
        return {false, false, TcpDelivery::kLeastWait};  // over TLS it comes behind the last word
    if (!end_read_ || error_ == ETIMEDOUT) return {};
    const std::optional<TcpDelivery> seen = tcp_delivery(fd_);
    return seen ? seen->undelivered(mark, written_, written_ - last_write_ == mark) : Undelivered{};
}

bool PlainSocket::has_news() const {
    char first;
    return recv(fd_, &first, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

void PlainSocket::push() {
    if (!end_announced_) return;
    end_announced_ = false;
    push_segments(fd_);
}

void PlainSocket::shutdown_write() {
    shutdown(fd_, SHUT_WR);
}

void PlainSocket::reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

Address PlainSocket::local() const {
    sockaddr_storage raw;
    socklen_t size = sizeof(raw);
    if (getsockname(fd_, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return {};
    return Address::from(reinterpret_cast<const sockaddr*>(&raw), size);
}

}  // namespace weir::net
