// Exchange: one proxied request and its response, from its head to its access-log line. It is the state machine of the
// proxy: a list of steps (exchange_steps.cc; exchange_retry.cc when a try has failed), each of which returns the next
// one, `wait`, or `done`, and one loop that runs them (exchange.cc). It asks advisers that return values: router, pool,
// forwarding, local replies. It opens no socket and knows no HTTP version. Made by a DownstreamConnection when a head
// came, recycled by the Engine when it is done. One worker, one thread.
#pragma once

#include <array>
#include <optional>

#include "base/arena.h"
#include "http/forwarding.h"
#include "http/stream.h"
#include "net/wheel.h"
#include "proxy/attempt.h"
#include "proxy/body_flow.h"
#include "proxy/client_watch.h"
#include "proxy/local_reply.h"
#include "proxy/outcome.h"
#include "proxy/policy_run.h"
#include "proxy/reader_patience.h"
#include "proxy/replay.h"
#include "proxy/snapshot.h"
#include "proxy/tries.h"
#include "proxy/upload_pace.h"

namespace weir::proxy {

class Engine;
struct Draft;
struct SnapshotPin;

enum class Step : uint8_t {
    accept,          // look at the head: is it one, and may it pass
    route,           // which route, which pool; may it be passed on
    policies,        // what the route's policies say to it
    pick,            // which endpoint
    connect,         // until there is a connection
    send_request,    // the head goes out
    await_response,  // the body goes up, a final head comes down
    prove,           // the backend ended without an answer: until it is known whether it can have got the request
    send_response,   // that head goes out
    relay,           // both bodies, until the response has ended
    reply,           // weir answers itself
    settle,          // until the client's transport took everything
    abandoned,       // the client has gone, and the backend may end (on_abort: finish)
    done,
    wait,  // not a step: come back when something happened
};

// What is left of a route once a response turned out to have no end: the snapshot is let go.
struct LiveStream {
    Duration idle;  // longest silence; 0: no limit
};

class Exchange final : private http::StreamObserver, private net::TimerOwner, private Attempt::Owner {
 public:
    // The connection whose stream it answers.
    class Owner {
     public:
        virtual const ListenerPlan& plan() const = 0;
        virtual const net::Address& peer() const = 0;
        // Transport::unanswered() of the connection.
        virtual std::optional<Duration> unanswered() const = 0;
        // Transport::tls() of the connection.
        virtual std::optional<net::TlsFacts> tls() const = 0;
        // The head did not come in time: what stream.refusal() says is a time-out's.
        virtual bool head_timed_out() const = 0;
        // It is done and given back everything; it is now the owner's to retire().
        virtual void on_exchange_done(Exchange& exchange) = 0;

     protected:
        ~Owner() = default;
    };

    explicit Exchange(Engine& engine);
    ~Exchange();

    // Starts with the head that `stream` holds, or with the fault it has instead.
    void begin(http::ServerStream& stream, Owner& owner);
    // The same for a request of a policy, which goes by `target`, of the snapshot of `pin`, and comes from where `hop`
    // says; all live longer. It has no access-log line.
    void begin_call(http::ServerStream& stream, Owner& owner, SnapshotPin& pin, const RoutePlan& target,
                    const http::ClientHop& hop);
    // What it waits for may have come.
    void resume();
    // Buffers are short: what is kept only to be sent again goes.
    void give_up_replay() {
        if (replay_.bytes() > 0) replay_.give_up();
    }
    // The number that a policy::Resume names it by; when it is done that is nobody's.
    uint32_t generation() const { return generation_; }
    // Once it is done.
    Outcome outcome() const { return outcome_; }
    // Ends it now, whatever it does: the daemon's time is up.
    void cut();
    // Ready for the next begin().
    void clear();

    std::string_view step_name() const;

 private:
    using StepFunction = Step (Exchange::*)();
    struct StepRow {
        Step step;
        std::string_view name;
        StepFunction run;
    };
    static const StepRow kSteps[];
    struct Deadline {
        TimePoint at;
        Outcome outcome;  // when it is over; ok: only to look again; client_abort: as if it had left
        bool operator<(const Deadline& other) const { return at < other.at; }
    };
    static constexpr Deadline kNever{TimePoint::max(), Outcome::ok};

    // The loop (exchange.cc).
    void on_stream() override { run(); }
    void on_attempt() override { run(); }
    bool starves(const http::Stream& downstream) const override;
    bool starves_for_response() const override;
    void on_timer(net::Timer&) override {
        timer_fired_ = true;
        run();
    }
    void run();
    std::optional<Step> interruption();
    // Three of them also show what came and went to their meters.
    Deadline next_deadline();
    Deadline request_deadline() const;
    Deadline pace_deadline();
    Deadline response_deadline() const;
    Deadline live_deadline() const;
    Deadline reader_deadline();
    Deadline vanished_deadline();
    Deadline abandoned_deadline() const;
    static Deadline after(TimePoint since, Duration longest, Outcome outcome);
    bool client_owes() const;
    void arm_deadline();
    [[gnu::cold]] Step expire(Outcome outcome);
    Step finish(Outcome outcome);
    http::ResetReason why_cut() const;
    void report();

    // The steps (exchange_steps.cc).
    Step accept();
    Step redirect_to_https();
    Step route();
    Step ask_policies();
    Step pick();
    Step connect();
    Step send_request();
    Step await_response();
    Step prove();
    Step send_response();
    Step relay();
    Step reply();
    Step settle();
    Step abandoned();

    void start(http::ServerStream& stream, Owner& owner, SnapshotPin& pin);
    void look_at_hop();
    void begin_policies();
    upstream::Lend lend(bool once_more) const;
    upstream::Endpoint* sticky_endpoint() const;
    void add_sticky_cookie(Draft& draft) const;
    Step answer_as(const policy::Reply& reply);
    [[gnu::cold]] Step refuse_body();
    Step client_gone();
    [[gnu::cold]] Step client_vanished();
    void go_live();
    Step answered();
    Step answer(Outcome outcome, uint16_t status = 0);
    policy::BodyStage* request_stage() const;
    void begin_upload(TimePoint now);
    [[gnu::cold]] Step fail_upstream();
    [[gnu::cold]] Step no_connection();
    [[gnu::cold]] Step begin_to_prove();
    [[gnu::cold]] bool unheard() const;
    [[gnu::cold]] Loss loss() const;
    [[gnu::cold]] Step lose(Loss loss, Outcome outcome);
    [[gnu::cold]] void take_head_back();
    [[gnu::cold]] void log_refused() const;
    void pass_informational(const http::ResponseHead& head);
    bool head_sent() const { return status_ != 0; }

    Engine& engine_;
    Attempt attempt_;
    net::Timer timer_;
    Owner* owner_ = nullptr;
    http::ServerStream* downstream_ = nullptr;
    SnapshotPin* pin_ = nullptr;
    const RoutePlan* target_ = nullptr;  // of a policy's request: no route is looked for
    const RoutePlan* route_ = nullptr;
    const upstream::PoolPlan* pool_ = nullptr;
    const http::ResponseHead* upstream_head_ = nullptr;  // the final one; looked into until it was passed on
    telemetry::RouteSeries* series_ = nullptr;
    telemetry::RouteCells* cells_ = nullptr;  // this worker's of series_

    std::unique_ptr<PolicyRun> policies_;  // made when a route has some, and kept
    Tries tries_;
    bool repeatable_ = false;        // the request as it was sent may be sent again
    RetryDecision retry_;            // of the last one that failed
    Outcome failure_ = Outcome::ok;  // how it did
    TimePoint prove_until_{};
    Replay replay_;
    BodyFlow up_;
    BodyFlow down_;
    UploadPace pace_;
    ReaderPatience patience_;
    ClientWatch watch_;
    std::optional<LiveStream> live_;

    TimePoint begun_{};
    TimePoint total_deadline_ = TimePoint::max();
    TimePoint request_sent_{};     // when its head was
    TimePoint abandoned_moved_{};  // the backend's last sign of life behind the client's
    Duration upstream_time_{};     // from the request's first byte to the response's, or until nobody wanted it
    uint64_t head_bytes_ = 0;      // of the request
    uint16_t status_ = 0;          // sent to the client; 0 before
    Outcome outcome_ = Outcome::ok;
    Outcome node_said_ = Outcome::ok;  // what the answer is when no content follows its head
    Step step_ = Step::accept;
    bool running_ = false;
    bool again_ = false;
    bool timer_fired_ = false;
    bool cut_ = false;
    bool continued_ = false;     // a 100 was passed on
    bool informed_ = false;      // some informational response was
    bool has_policies_ = false;  // its route has some

    uint32_t index_;
    uint32_t generation_ = 0;
    LocalReply reply_;
    std::array<http::Field, 1> location_;  // of a redirect to https
    http::ClientHop hop_;                  // who came, by what connection, under which id
    Arena arena_;                          // ids and addresses that live as long as this
};

}  // namespace weir::proxy
