// Call: a request that a policy makes, run as an exchange of its own: the same steps, pools and deadlines as for a
// client, but nobody's access-log line. CallStream plays the client's stream. Destroyed before it is done it cancels
// the exchange. Owned by a PolicyRun; one thread.
#pragma once

#include <memory>
#include <string>

#include "http/stream.h"
#include "proxy/exchange.h"
#include "proxy/policy_run.h"

namespace weir::proxy {

class CallStream final : public http::ServerStream {
 public:
    explicit CallStream(policy::Call call) : call_(std::move(call)) {}

    void cancel();
    int status() const { return status_; }
    const http::Fields& fields() const { return fields_; }
    std::string_view body() const { return body_; }

    void observe(http::StreamObserver* observer) override { observer_ = observer; }
    Piece take_body() override { return std::exchange(call_.body, Piece()); }
    void consume(size_t) override {}
    bool received_all() const override { return call_.body.size == 0; }
    const http::Fields& trailers() const override { return none_; }
    void pause(bool) override {}
    void let_pipe() override {}
    bool takes_pipes() const override { return false; }
    void send_body(Piece piece) override;
    void send_end(const http::Fields*) override { ended_ = true; }
    size_t unsent() const override { return 0; }
    bool sent_all() const override { return ended_; }
    uint64_t bytes_received() const override { return 0; }
    uint64_t bytes_sent() const override { return body_.size(); }
    http::StreamFault fault() const override { return fault_; }
    const http::Refusal& refusal() const override { return http::kNoRefusal; }
    void reset(http::ResetReason) override {}
    bool is_reusable() const override { return true; }
    void release(http::ResetReason) override {}
    const http::RequestHead& request() const override { return call_.head; }
    std::string_view protocol() const override { return "call"; }
    void shrink_request(Arena& arena) override { call_.head.shrink(arena); }
    void hear_out() override {}
    void send_informational(const http::ResponseHead&) override {}
    void send_head(const http::ResponseHead& head, bool close) override;
    bool retract() override;

 private:
    policy::Call call_;
    http::StreamObserver* observer_ = nullptr;
    http::Fields fields_;
    http::Fields none_;
    Arena texts_;  // of fields_
    std::string body_;
    int status_ = 0;
    http::StreamFault fault_ = http::StreamFault::none;
    bool ended_ = false;
};

class Call final : private Exchange::Owner {
 public:
    // `target`: the route it goes by. `of`: whose policy asks; it lives longer, and is resumed when the call is done.
    Call(Engine& engine, policy::Call call, const RoutePlan& target, const PolicyRun::Subject& of);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    void begin();
    bool done() const { return done_; }
    // Once done().
    policy::CallAnswer answer() const;

 private:
    const ListenerPlan& plan() const override { return of_.listener; }
    const net::Address& peer() const override { return of_.peer; }
    std::optional<Duration> unanswered() const override { return std::nullopt; }
    std::optional<net::TlsFacts> tls() const override { return std::nullopt; }
    bool head_timed_out() const override { return false; }
    void on_exchange_done(Exchange& exchange) override;

    Engine& engine_;
    const RoutePlan& target_;
    const PolicyRun::Subject& of_;
    CallStream stream_;
    std::unique_ptr<Exchange> exchange_;
    bool answered_ = false;
    bool done_ = false;
};

}  // namespace weir::proxy
