#include "proxy/downstream_connection.h"

#include "proxy/engine.h"

namespace weir::proxy {

namespace {
constexpr http::Refusal kHeadTooSlow{408, "the head did not come within header_timeout", "RFC 9110 15.5.9"};
const net::TlsFacts kHandshakeCutOff{{}, "it was cut off before it was over"};
}  // namespace

DownstreamConnection::DownstreamConnection(Engine& engine, std::unique_ptr<net::Transport> transport,
                                           const ListenerPlan& plan)
    : engine_(engine),
      plan_(plan),
      codec_(engine.workshop(), *this, plan.head),
      wire_(engine.loop(), std::move(transport), codec_, *this, net::Lane::downstream),
      timer_(engine.loop().wheel(), *this),
      counted_(plan.connections_per_client > 0) {
    enter(Phase::first_head);
}

DownstreamConnection::~DownstreamConnection() = default;

void DownstreamConnection::enter(Phase phase) {
    phase_ = phase;
    since_ = engine_.loop().now();
    Duration longest{};
    switch (phase) {
        case Phase::first_head:
        case Phase::head:
            longest = plan_.header_timeout;
            break;
        case Phase::idle:
            longest = plan_.keepalive_timeout;
            break;
        case Phase::lingering:
            longest = kLinger;
            break;
        case Phase::busy:  // the exchange has deadlines of its own; ours is left where it is and moves when idle again
        case Phase::closed:
            return;
    }
    if (longest > Duration::zero()) {
        timer_.arm(since_ + longest);
    } else {
        timer_.cancel();
    }
}

// The end of a TLS handshake, of which only the time for the first head is left.
void DownstreamConnection::on_connected(int error) {
    if (const auto facts = tls()) engine_.count_handshake(*this, *facts);
    if (error != 0) close(false);
}

void DownstreamConnection::on_request(http::ServerStream& stream) {
    enter(Phase::busy);
    exchange_ = engine_.take_exchange();
    exchange_->begin(stream, *this);
}

void DownstreamConnection::on_exchange_done(Exchange&) {
    engine_.retire(std::move(exchange_));
}

void DownstreamConnection::on_stream_released(http::StreamEnd end) {
    head_timed_out_ = false;
    if (end == http::StreamEnd::abort) return close(true);
    if (end == http::StreamEnd::close || engine_.draining()) return linger();
    enter(Phase::idle);
    engine_.on_connection_idle(*this);
    // The next pipelined request. Its wire may be paused with a full buffer, and no edge comes for what is here.
    if (codec_.has_input()) wire_.schedule();
}

void DownstreamConnection::on_wire() {
    // Not here when our turn comes again: behind a flush, a backend may end before what it is lent for leaves.
    if ((phase_ == Phase::idle || phase_ == Phase::first_head) && !wire_.due()) {
        codec_.resume();
        // The first head's time runs from accept() on, unless a drain has shortened the wait for it.
        const bool waited = phase_ == Phase::idle || (phase_ == Phase::first_head && engine_.draining());
        if (waited && codec_.head_begun()) enter(Phase::head);
    }
    if (wire_.closed() || phase_ == Phase::busy) return;
    const bool enough = phase_ == Phase::lingering && codec_.discarded() > kLingerBytes;
    if ((wire_.peer_ended() && wire_.flushed()) || enough) close(false);
}

void DownstreamConnection::on_timer(net::Timer&) {
    switch (phase_) {
        case Phase::first_head:
        case Phase::head:
            if (!codec_.head_begun()) {
                // What it sent may be here, and we did not read. But who holds a buffer is one of those that others
                // wait for.
                return engine_.loop().slabs().is_short() && !codec_.has_input() ? enter(phase_) : close(false);
            }
            head_timed_out_ = true;
            return codec_.refuse_head(&kHeadTooSlow);
        case Phase::idle:
        case Phase::lingering:
            return close(false);
        case Phase::busy:
        case Phase::closed:
            return;
    }
}

// All that is queued, then a FIN; what still comes is thrown away, so that no reset destroys the answer on its way
// (RFC 9112 9.6).
void DownstreamConnection::linger() {
    if (wire_.peer_ended()) return close(false);
    codec_.discard_input();
    enter(Phase::lingering);
    wire_.shutdown_when_flushed();
    wire_.input_wanted();
}

void DownstreamConnection::close(bool reset) {
    if (phase_ == Phase::closed) return;
    phase_ = Phase::closed;
    if (!wire_.closed() && wire_.transport().connecting()) engine_.count_handshake(*this, kHandshakeCutOff);
    timer_.cancel();
    if (counted_) plan_.clients.leave(peer());
    wire_.close(reset || !wire_.flushed());  // what did not leave is missing: a FIN would say that all is there
    engine_.on_connection_closed(*this);
}

void DownstreamConnection::drain() {
    if (phase_ != Phase::idle && phase_ != Phase::first_head) return;
    if (codec_.head_begun()) {
        phase_ = Phase::head;  // and its time runs on
    } else {
        timer_.arm(engine_.loop().now() + kLastHead);
    }
}

bool DownstreamConnection::is_silent() const {
    return (phase_ == Phase::idle || phase_ == Phase::first_head) && !codec_.head_begun() && !codec_.has_input() &&
           !wire_.due() && !wire_.unheard();
}

void DownstreamConnection::cut() {
    if (exchange_ != nullptr) exchange_->cut();
    close(true);
}

}  // namespace weir::proxy
