#include "net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "net/socket_options.h"

namespace weir::net {

Acceptor::Acceptor(EventPoller& poller, Loop& loop, int fd, Quota& connections, OnAccept on_accept, MakeRoom make_room)
    : loop_(loop),
      fd_(fd),
      connections_(connections),
      on_accept_(std::move(on_accept)),
      make_room_(std::move(make_room)),
      retry_(loop.wheel(), *this),
      watch_(poller, fd, [this] { loop_.schedule(*this, Lane::downstream); }) {}

void Acceptor::run_job() {
    // The watch is level-triggered: what is left is told again next turn.
    for (int i = 0; i < kPerTurn && watch_.enabled(); ++i) {
        if (accept_one() != Accepted::one) return;
    }
}

Acceptor::Accepted Acceptor::accept_one() {
    if (loop_.slabs().is_short()) return starve("buffers (process.buffers)"), Accepted::starved;
    if (!connections_.try_take(1) && !(make_room_() && connections_.try_take(1)))
        return starve("connections (process.max_connections)"), Accepted::starved;
    const Accepted result = take_one();
    if (result != Accepted::one) connections_.give_back(1);
    return result;
}

Acceptor::Accepted Acceptor::take_one() {
    for (bool asked = false;;) {
        sockaddr_storage raw;
        socklen_t size = sizeof(raw);
        const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&raw), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            on_accept_(fd, Address::from(reinterpret_cast<const sockaddr*>(&raw), size));
            return Accepted::one;
        }
        switch (errno) {
            case EAGAIN:
                return Accepted::none;
            case EMFILE:
            case ENFILE:
                if (!std::exchange(asked, true) && make_room_()) continue;
                return starve("open files (LimitNOFILE)"), Accepted::starved;
            case ENOBUFS:
            case ENOMEM:
                return starve("memory of the kernel"), Accepted::starved;
            case EBADF:
            case EINVAL:
            case ENOTSOCK:
            case EOPNOTSUPP:  // do not spin
                return starve("a socket that listens"), Accepted::starved;
            default:
                break;  // the error of a connection that died in the queue, see accept(2); the next one may live
        }
    }
}

void Acceptor::starve(std::string_view lack) {
    if (told_.due(loop_.now())) LOG(warn, "accepting pauses for want of {}", lack);
    starved_ = true;
    retry_.arm(loop_.now() + kRetry);
    update_watch();
}

void Acceptor::on_timer(Timer&) {
    retry();
}

void Acceptor::retry() {
    starved_ = false;
    retry_.cancel();
    update_watch();
}

void Acceptor::turn_away() {
    drop_new_handshakes(fd_);
}

void Acceptor::finish() {
    if (finished_) return;
    for (int i = 0; i < kAtFinish && accept_one() == Accepted::one; ++i) {
    }
    // At once: whoever is put into the queue between here and the close of the descriptor would be reset.
    ::shutdown(fd_, SHUT_RD);
    finished_ = true;
    retry_.cancel();
    starved_ = false;
    update_watch();
}

void Acceptor::update_watch() {
    watch_.enable(!starved_ && !finished_);
}

}  // namespace weir::net
