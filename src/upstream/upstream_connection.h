// UpstreamConnection: a transport to an endpoint with its client codec. Being made, idle, or busy with one lease; the
// ConnectionPool that owns it moves it between these. It never half-closes towards a backend (Node drops the request).
// One worker, one thread.
#pragma once

#include <memory>

#include "base/list.h"
#include "http/h1_client_codec.h"
#include "net/loop.h"
#include "net/wire.h"
#include "upstream/pool.h"

namespace weir::upstream {

class UpstreamConnection final : public net::Disposable,
                                 public ListHook<UpstreamConnection>,
                                 private http::ClientCodecOwner,
                                 private net::Wire::Owner,
                                 private net::TimerOwner {
 public:
    enum class State : uint8_t { connecting, idle, busy, closed };

    class Owner {
     public:
        // The handshake ended: 0, or an errno. The connection is idle or closed now.
        virtual void on_connected(UpstreamConnection& connection, int error) = 0;
        // Its lease ended. Not reusable: it is closed.
        virtual void on_returned(UpstreamConnection& connection, bool reusable) = 0;
        // It is idle, clean, and all that its peer has sent was read.
        virtual void on_spare(UpstreamConnection& connection) = 0;
        // It was idle, and its peer, a stray byte or idle_timeout ended that. It is closed.
        virtual void on_idle_over(UpstreamConnection& connection) = 0;

     protected:
        ~Owner() = default;
    };

    UpstreamConnection(net::Loop& loop, std::unique_ptr<net::Transport> transport, Scratch& scratch,
                       const PoolPlan& plan, Owner& owner);

    State state() const { return state_; }
    // Idle to busy. Only when idle and clean.
    http::ClientStream& lend();
    http::ClientStream& stream() { return codec_; }
    bool clean() const { return codec_.idle_clean() && !wire_.peer_ended() && !wire_.unheard(); }
    // Nothing came that was not looked at yet; else it is not what clean() says for long.
    bool heard_out() const { return !wire_.transport().readable(); }
    uint64_t times_lent() const { return times_lent_; }
    // The next request leaves only if its peer has said nothing and has not ended by then.
    void look_before_writing() { wire_.look_before_writing(); }
    // Its peer's end of file has come, or a reset.
    bool peer_ended() const { return wire_.peer_ended(); }
    // While it is returned: an answer came whole; and it let the connection live on.
    bool answered() const { return codec_.whole() && codec_.bytes_received() > 0; }
    bool kept() const { return codec_.kept(); }
    // While it is idle: since when, and whether its backend has said how long it keeps it.
    TimePoint idle_since() const { return idle_since_; }
    bool announced() const { return codec_.keep_alive().timeout.has_value(); }
    // While it is lent: it had carried a request before.
    bool reused() const { return times_lent_ > 1; }
    // Of what was written since it was lent (net::Transport::undelivered).
    net::Undelivered undelivered() const;
    // The peer's kernel has reset it; a failure of TLS, or a peer that vanished, is another matter.
    bool was_reset() const;
    const net::Address& peer() const { return wire_.transport().peer(); }
    // It is closed once nobody has it any more, instead of being kept.
    void use_no_more() { unwanted_ = true; }
    // Spare connections its pool keeps at most (PoolPlan::idle of the config it was made under).
    size_t most_idle() const { return most_idle_; }
    // Looks at what its peer has sent, and says on_spare() or on_idle_over(). Not before the caller has returned.
    void hear_out() { wire_.schedule(); }
    // There may be buffers again; it may have waited for one.
    void read_again() { wire_.read_again(); }
    // `reset`: with a request or response that is not whole, so that the peer hears of it at once.
    void close(bool reset = false);

 private:
    void output_pending() override { wire_.output_pending(); }
    void input_wanted() override { wire_.input_wanted(); }
    bool uses_pipes() const override { return wire_.uses_pipes(); }
    void on_stream_released(bool reusable) override;
    void on_connected(int error) override;
    void on_wire() override;
    void on_timer(net::Timer& timer) override;
    Duration idle_time();

    net::Loop& loop_;
    Owner& owner_;
    const Duration idle_timeout_;
    const size_t most_idle_;
    http::HeadLimits head_limits_;
    http::H1ClientCodec codec_;
    net::Wire wire_;
    net::Timer timer_;  // connecting: connect_timeout; idle: idle_timeout
    static constexpr uint64_t kNoEnd = UINT64_MAX;
    uint64_t requests_left_ = kNoEnd;  // that the backend still takes
    uint64_t times_lent_ = 0;
    TimePoint idle_since_{};
    uint64_t written_before_ = 0;  // when it was lent
    State state_ = State::connecting;
    bool unwanted_ = false;
};

}  // namespace weir::upstream
