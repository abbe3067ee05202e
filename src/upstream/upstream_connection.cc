#include "upstream/upstream_connection.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace weir::upstream {

UpstreamConnection::UpstreamConnection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Scratch& scratch,
                                       const PoolPlan& plan, Owner& owner)
    : loop_(loop),
      owner_(owner),
      idle_timeout_(plan.idle_timeout),
      most_idle_(plan.idle),
      head_limits_(plan.head),
      codec_(scratch, *this, head_limits_),
      wire_(loop, std::move(transport), codec_, *this, net::Lane::upstream),
      timer_(loop.wheel(), *this) {
    if (plan.connect_timeout > Duration::zero()) timer_.arm(loop.now() + plan.connect_timeout);
}

http::ClientStream& UpstreamConnection::lend() {
    CHECK(state_ == State::idle && clean());
    state_ = State::busy;
    ++times_lent_;
    written_before_ = wire_.transport().bytes_written();
    return codec_.open();
}

net::Undelivered UpstreamConnection::undelivered() const {
    return wire_.closed() ? net::Undelivered{} : wire_.transport().undelivered(written_before_);
}

bool UpstreamConnection::was_reset() const {
    const int error = wire_.closed() ? 0 : wire_.transport().failed();
    return error == ECONNRESET || error == EPIPE;
}

void UpstreamConnection::close(bool reset) {
    state_ = State::closed;
    timer_.cancel();
    wire_.close(reset);
}

// How long it may be idle now: our own limit, or what is left of the backend's word with a margin, for what arrives
// between a backend's close and its notice is lost. Zero: not to be used again.
Duration UpstreamConnection::idle_time() {
    const http::KeepAlive& said = codec_.keep_alive();
    if (requests_left_ > 0 && requests_left_ != kNoEnd) --requests_left_;
    if (said.max) requests_left_ = std::min(requests_left_, *said.max);  // Node says the same number each time
    if (requests_left_ == 0 || unwanted_) return Duration::zero();
    Duration longest = idle_timeout_ > Duration::zero() ? idle_timeout_ : Duration::max();
    if (said.timeout) longest = std::min<Duration>(longest, std::chrono::milliseconds(800) * said.timeout->count());
    return longest;
}

void UpstreamConnection::on_connected(int error) {
    if (state_ != State::connecting) return;
    timer_.cancel();
    state_ = State::idle;
    if (error != 0) {
        close();
    } else if (idle_timeout_ > Duration::zero()) {
        timer_.arm(loop_.now() + idle_timeout_);  // nobody may want it any more
    }
    owner_.on_connected(*this, error);
}

void UpstreamConnection::on_stream_released(bool reusable) {
    if (state_ != State::busy) return;
    const Duration idle = idle_time();
    idle_since_ = loop_.now();
    const bool lives = reusable && clean() && idle > Duration::zero();
    state_ = State::idle;
    if (!lives) {
        close(!codec_.whole());
    } else if (idle < Duration::max()) {
        timer_.arm(loop_.now() + idle);
    } else {
        timer_.cancel();  // the backend named a time with an earlier answer
    }
    owner_.on_returned(*this, lives);
}

void UpstreamConnection::on_wire() {
    if (state_ != State::idle) return;
    if (clean()) {
        if (heard_out()) owner_.on_spare(*this);  // else for want of a buffer, and read_again() comes
        return;
    }
    close();
    owner_.on_idle_over(*this);
}

// The deadline of an idle connection stays armed while it is lent again: only one that is idle now has passed it.
void UpstreamConnection::on_timer(net::Timer&) {
    if (state_ == State::connecting) {
        close();
        owner_.on_connected(*this, ETIMEDOUT);
    } else if (state_ == State::idle) {
        close();
        owner_.on_idle_over(*this);
    }
}

}  // namespace weir::upstream
