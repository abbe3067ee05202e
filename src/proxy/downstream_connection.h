// DownstreamConnection: a client's transport with its server codec and its exchanges. It keeps the deadlines between
// requests (a whole head, keep-alive), ends connections gently (flush, FIN, discard, close), and is small while idle.
// It decides nothing about a request. Owned by its worker's Engine; one thread.
#pragma once

#include <memory>

#include "base/list.h"
#include "http/h1_server_codec.h"
#include "net/wire.h"
#include "proxy/exchange.h"
#include "proxy/snapshot.h"

namespace weir::proxy {

class Engine;

class DownstreamConnection final : public net::Disposable,
                                   public ListHook<DownstreamConnection>,
                                   private Exchange::Owner,
                                   private http::ServerCodecOwner,
                                   private net::Wire::Owner,
                                   private net::TimerOwner {
 public:
    // `plan` outlives the connection.
    DownstreamConnection(Engine& engine, std::unique_ptr<net::Transport> transport, const ListenerPlan& plan);
    ~DownstreamConnection() override;

    const ListenerPlan& plan() const override { return plan_; }
    const net::Address& peer() const override { return wire_.transport().peer(); }

    // Draining: a request that runs, or comes within kLastHead, is answered, and its answer ends the connection. Then
    // what is idle is closed. At once it would often cross a request on its way here.
    void drain();
    // Nothing of a request is here, of the first or the next; and since when its phase lasts.
    bool is_silent() const;
    TimePoint phase_since() const { return since_; }
    // Ends it while it is silent.
    void leave() { close(false); }
    // There are buffers again; it may have waited for one.
    void read_again() { wire_.read_again(); }
    // Ends whatever runs, now.
    void cut();

 private:
    enum class Phase : uint8_t {
        first_head,  // accepted, the first request is not here yet
        idle,        // between requests
        head,        // a further request has begun
        busy,        // an exchange runs
        lingering,   // all is said: waiting for the client's end, reading what it still sends
        closed,
    };
    static constexpr Duration kLinger = std::chrono::seconds(2);
    static constexpr uint64_t kLingerBytes = 1024 * 1024;
    static constexpr Duration kLastHead = std::chrono::seconds(1);

    std::optional<Duration> unanswered() const override { return wire_.transport().unanswered(); }
    std::optional<net::TlsFacts> tls() const override { return wire_.transport().tls(); }
    bool head_timed_out() const override { return head_timed_out_; }
    void on_exchange_done(Exchange& exchange) override;
    void output_pending() override { wire_.output_pending(); }
    void input_wanted() override { wire_.input_wanted(); }
    bool uses_pipes() const override { return wire_.uses_pipes(); }
    void on_request(http::ServerStream& stream) override;
    void on_stream_released(http::StreamEnd end) override;
    void on_connected(int error) override;
    void on_wire() override;
    void on_timer(net::Timer& timer) override;
    void enter(Phase phase);
    void linger();
    void close(bool reset);

    Engine& engine_;
    const ListenerPlan& plan_;
    http::H1ServerCodec codec_;
    net::Wire wire_;
    net::Timer timer_;
    std::unique_ptr<Exchange> exchange_;
    TimePoint since_;
    Phase phase_ = Phase::first_head;
    bool head_timed_out_ = false;
    const bool counted_;  // among its client's connections
};

}  // namespace weir::proxy
