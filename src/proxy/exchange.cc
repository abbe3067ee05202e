// The loop of an exchange: what runs a step, what may interrupt one, which deadline holds, and how it ends.
#include "proxy/exchange.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "proxy/engine.h"

namespace weir::proxy {

const Exchange::StepRow Exchange::kSteps[] = {
    {Step::accept, "accept", &Exchange::accept},
    {Step::route, "route", &Exchange::route},
    {Step::policies, "policies", &Exchange::ask_policies},
    {Step::pick, "pick", &Exchange::pick},
    {Step::connect, "connect", &Exchange::connect},
    {Step::send_request, "send_request", &Exchange::send_request},
    {Step::await_response, "await_response", &Exchange::await_response},
    {Step::prove, "prove", &Exchange::prove},
    {Step::send_response, "send_response", &Exchange::send_response},
    {Step::relay, "relay", &Exchange::relay},
    {Step::reply, "reply", &Exchange::reply},
    {Step::settle, "settle", &Exchange::settle},
    {Step::abandoned, "abandoned", &Exchange::abandoned},
    {Step::done, "done", nullptr},
};

Exchange::Exchange(Engine& engine)
    : engine_(engine),
      attempt_(*this),
      timer_(engine.loop().wheel(), *this),
      replay_(engine.loop().slabs()),
      index_(engine.enlist(*this)) {}

Exchange::~Exchange() {
    engine_.delist(index_);
}

void Exchange::begin(http::ServerStream& stream, Owner& owner) {
    start(stream, owner, engine_.pin());
    look_at_hop();
    stream.observe(this);
    run();
}

void Exchange::begin_call(http::ServerStream& stream, Owner& owner, SnapshotPin& pin, const RoutePlan& target,
                          const http::ClientHop& hop) {
    start(stream, owner, Engine::pin(pin));
    target_ = &target;
    hop_ = hop;
    stream.observe(this);
    run();
}

void Exchange::resume() {
    if (has_policies_) policies_->resumed();
    run();
}

void Exchange::start(http::ServerStream& stream, Owner& owner, SnapshotPin& pin) {
    downstream_ = &stream;
    owner_ = &owner;
    generation_ = engine_.new_generation();
    pin_ = &pin;
    series_ = pin_->snapshot->no_route;
    cells_ = &engine_.cells(*series_);
    begun_ = engine_.loop().now();
    cells_->active(+1);
}

std::string_view Exchange::step_name() const {
    return kSteps[static_cast<size_t>(step_)].name;
}

// Runs steps until one waits. The owner is told last: after that this object belongs to the next request.
void Exchange::run() {
    again_ = true;
    if (running_ || step_ == Step::done) return;
    running_ = true;
    while (again_ && step_ != Step::done) {
        again_ = false;
        Step next = interruption().value_or(step_);
        while (next != Step::wait) {
            step_ = next;
            if (again_ || step_ == Step::done) break;  // something happened meanwhile: look at that first
            const StepFunction run_step = kSteps[static_cast<size_t>(step_)].run;
            next = (this->*run_step)();
        }
    }
    running_ = false;
    if (step_ == Step::done) return owner_->on_exchange_done(*this);
    arm_deadline();
}

bool Exchange::starves(const http::Stream&) const {
    return up_.running() && attempt_.state() == Attempt::State::leased && attempt_.stream().unsent() == 0;
}

bool Exchange::starves_for_response() const {
    return step_ == Step::abandoned || downstream_->unsent() == 0;
}

// What ends any step: the daemon, the client, the clock. Each of them calls run().
std::optional<Step> Exchange::interruption() {
    if (cut_) return finish(Outcome::shutdown);
    const http::StreamFault fault = downstream_->fault();
    const bool gone = fault == http::StreamFault::peer_closed || fault == http::StreamFault::peer_reset;
    if (gone && step_ != Step::abandoned) return client_gone();
    if (fault == http::StreamFault::refused_bytes && step_ > Step::accept && step_ < Step::reply) {
        log_refused();
        if (head_sent()) return finish(Outcome::http_request_error);
        return answer(Outcome::http_request_error, downstream_->refusal().status);
    }
    if (!timer_fired_) return std::nullopt;
    timer_fired_ = false;
    const Deadline deadline = next_deadline();
    if (engine_.loop().now() >= deadline.at && deadline.outcome != Outcome::ok) return expire(deadline.outcome);
    return std::nullopt;
}

// The one that comes first: of the whole exchange, of each body, of the client that takes its answer or is not there.
Exchange::Deadline Exchange::next_deadline() {
    Deadline next{total_deadline_, Outcome::http_response_timeout};
    if (step_ == Step::policies) next = std::min(next, {policies_->deadline(), Outcome::ok});
    if (step_ == Step::prove) next = std::min(next, {prove_until_, Outcome::ok});
    if (step_ == Step::await_response) next = std::min({next, request_deadline(), pace_deadline()});
    if (step_ == Step::abandoned) return {std::min(next, abandoned_deadline()).at, Outcome::client_abort};
    next = std::min(next, vanished_deadline());
    if (step_ == Step::relay && live_) return std::min({next, live_deadline(), reader_deadline()});
    if (step_ == Step::relay) next = std::min({next, response_deadline(), pace_deadline()});
    return std::min(next, reader_deadline());
}

// 0 is no limit.
Exchange::Deadline Exchange::after(TimePoint since, Duration longest, Outcome outcome) {
    return {longest > Duration::zero() ? since + longest : TimePoint::max(), outcome};
}

// While no answer has begun: a client that owes its body, or a backend that does not take it or does not answer.
Exchange::Deadline Exchange::request_deadline() const {
    if (client_owes()) return after(up_.since(), owner_->plan().body_timeout, Outcome::client_timeout);
    return after(up_.since(), pool_->response_timeout, Outcome::http_response_timeout);
}

// A body slower than min_rate, in a time in which no answer moved. At the end of a window nobody may be to blame: then
// it is only time to look again.
Exchange::Deadline Exchange::pace_deadline() {
    const uint64_t min_rate = owner_->plan().min_rate;
    if (min_rate == 0 || !up_.running()) return kNever;
    const TimePoint now = engine_.loop().now();
    const bool waiting = client_owes() && down_.waits() != BodyFlow::Waits::sink;
    const bool fast = pace_.look(now, downstream_->bytes_received(), waiting, min_rate, down_.since());
    return fast ? Deadline{pace_.window_end(), Outcome::ok} : Deadline{now, Outcome::client_timeout};
}

// Neither body is cut for the silence of the other one: only when both stand still is somebody to blame.
Exchange::Deadline Exchange::response_deadline() const {
    if (down_.waits() != BodyFlow::Waits::source) return kNever;
    const TimePoint since = up_.running() ? std::max(up_.since(), down_.since()) : down_.since();
    const Deadline backend = after(since, pool_->read_timeout, Outcome::http_response_incomplete);
    return client_owes() ? std::min(backend, after(since, owner_->plan().body_timeout, Outcome::client_timeout))
                         : backend;
}

// A silence in both directions; towards a reader that stands still it is reader_deadline().
Exchange::Deadline Exchange::live_deadline() const {
    if (down_.waits() != BodyFlow::Waits::source) return kNever;
    return after(std::max(up_.since(), down_.since()), live_->idle, Outcome::http_response_incomplete);
}

Exchange::Deadline Exchange::abandoned_deadline() const {
    const bool answered = upstream_head_ != nullptr;
    return after(abandoned_moved_, answered ? pool_->read_timeout : pool_->response_timeout, Outcome::client_abort);
}

Exchange::Deadline Exchange::reader_deadline() {
    const bool waiting = step_ == Step::settle || down_.waits() == BodyFlow::Waits::sink;
    const ListenerPlan& plan = owner_->plan();
    const Duration silence = live_ ? live_->idle : plan.body_timeout;
    const TimePoint at =
        patience_.look(engine_.loop().now(), downstream_->bytes_sent(), waiting, silence, plan.min_rate);
    return {at, Outcome::client_timeout};
}

// Asked only while something was written that the kernel does not take. The events of a live stream it takes, for they
// are small and few: there until all of it has arrived.
Exchange::Deadline Exchange::vanished_deadline() {
    const TimePoint now = engine_.loop().now();
    const bool waiting = downstream_->unsent() > 0 || (live_ && downstream_->bytes_sent() != watch_.arrived());
    if (watch_.due(now, waiting)) watch_.tell(now, downstream_->bytes_sent(), owner_->unanswered());
    return {watch_.next(), watch_.vanished() ? Outcome::client_abort : Outcome::ok};
}

// It is the client's to send more of its body. It holds that back until the backend asks for it (RFC 9110 10.1.1): that
// silence is the backend's. Without buffers it is ours.
bool Exchange::client_owes() const {
    const bool holds_back =
        downstream_->request().expect_continue && !continued_ && downstream_->bytes_received() == head_bytes_;
    return up_.waits() == BodyFlow::Waits::source && !holds_back && !engine_.loop().slabs().is_short();
}

// The timer only ever moves to an earlier time here; a deadline that moved later is found out when it fires.
void Exchange::arm_deadline() {
    const TimePoint at = next_deadline().at;
    if (at == TimePoint::max()) return;
    if (!timer_.armed() || at < timer_.deadline()) timer_.arm(at);
}

// What the backend has in full it may end, when its route wants that; of a stream without an end nothing is gained, and
// a policy's call ends with who waits for it.
Step Exchange::client_gone() {
    const bool has_all = up_.ended() && (step_ == Step::await_response || step_ == Step::relay);
    if (!has_all || live_ || target_ != nullptr || !route_->finish_on_abort) return finish(Outcome::client_abort);
    LOG(debug, "client gone in step {}, its backend may finish, request {}", step_name(), hop_.request_id);
    down_.stop();
    attempt_.stream().pause(false);
    abandoned_moved_ = engine_.loop().now();
    return Step::abandoned;
}

// Nothing says so but its silence: the same as if it had.
Step Exchange::client_vanished() {
    LOG(info, "client {} vanished in step {}, request {}: it answers nothing that is sent to it", hop_.client,
        step_name(), hop_.request_id);
    return client_gone();
}

Step Exchange::expire(Outcome outcome) {
    if (outcome == Outcome::client_abort && step_ != Step::abandoned) return client_vanished();
    total_deadline_ = TimePoint::max();
    if (head_sent() || step_ >= Step::reply) return finish(outcome);
    return answer(outcome);
}

// Exactly once: everything is given back, then counted and logged.
Step Exchange::finish(Outcome outcome) {
    CHECK(step_ != Step::done);
    outcome_ = outcome;
    if (outcome == Outcome::client_abort) {
        LOG(debug, "client gone in step {}, request {}", step_name(), hop_.request_id);
        // What the backend worked in vain.
        const bool working = attempt_.state() == Attempt::State::leased && request_sent_ > TimePoint();
        if (working) upstream_time_ = engine_.loop().now() - request_sent_;
    }
    timer_.cancel();
    up_.stop();
    down_.stop();
    if (has_policies_) policies_->clear();
    attempt_.end();
    report();
    step_ = Step::done;
    http::ServerStream* stream = std::exchange(downstream_, nullptr);
    stream->observe(nullptr);
    const http::ResetReason why = why_cut();
    if (outcome == Outcome::client_abort || outcome == Outcome::shutdown) stream->reset(why);
    stream->release(why);
    if (pin_ != nullptr) engine_.unpin(*std::exchange(pin_, nullptr));
    return Step::done;
}

// What the client is told when its answer is not whole. Refused may be sent again (RFC 9113 8.7): nobody has acted on
// it.
http::ResetReason Exchange::why_cut() const {
    const bool untouched = request_sent_ == TimePoint() && !has_policies_ && !head_sent();
    if (outcome_ == Outcome::shutdown && untouched) return http::ResetReason::refused;
    return row_of(outcome_).reset;
}

void Exchange::report() {
    const Duration took = engine_.loop().now() - begun_;
    const http::RequestHead& request = downstream_->request();
    const bool answered = status_ != 0 && outcome_ != Outcome::client_abort;
    const uint16_t status = answered ? status_ : row_of(outcome_).status;
    cells_->count_request(static_cast<unsigned>(request.method), status);
    if (!live_) cells_->observe_duration(took);
    cells_->add_bytes(downstream_->bytes_received(), downstream_->bytes_sent());
    cells_->count_outcome(static_cast<unsigned>(outcome_));
    cells_->active(-1);
    if (!engine_.access_log().on() || target_ != nullptr) return;

    telemetry::AccessRecord line;
    line.time = engine_.loop().wall();
    line.request_id = hop_.request_id;
    line.client = hop_.client;
    line.listener = owner_->plan().name;
    line.protocol = downstream_->protocol();
    if (const auto tls = owner_->tls()) line.tls = tls->version;
    line.method = request.method_text;
    line.host = request.target.host;
    line.path = request.target.path;
    line.status = status;
    line.outcome = row_of(outcome_).name;
    line.route = series_->labels().route;
    line.pool = series_->labels().pool;
    if (attempt_.endpoint() != nullptr) line.endpoint = attempt_.endpoint()->name;
    line.attempts = tries_.made();
    line.bytes_in = downstream_->bytes_received();
    line.bytes_out = downstream_->bytes_sent();
    line.duration = took;
    if (upstream_time_ > Duration::zero()) line.upstream = upstream_time_;
    if (const auto* agent = request.fields.find(http::HeaderName::user_agent)) line.user_agent = agent->value();
    if (const auto* referer = request.fields.find(http::HeaderName::referer)) line.referer = referer->value();
    engine_.access_log().write(line);
}

void Exchange::cut() {
    cut_ = true;
    run();
}

void Exchange::clear() {
    attempt_.clear();
    timer_.cancel();
    owner_ = nullptr;
    downstream_ = nullptr;
    pin_ = nullptr;
    route_ = nullptr;
    pool_ = nullptr;
    upstream_head_ = nullptr;
    cells_ = nullptr;
    arena_.reset();
    tries_.clear();
    replay_.give_up();
    up_.clear();
    down_.clear();
    reply_ = LocalReply();
    hop_ = http::ClientHop();
    total_deadline_ = TimePoint::max();
    upstream_time_ = Duration::zero();
    patience_ = ReaderPatience();
    watch_ = ClientWatch();
    live_.reset();
    target_ = nullptr;
    has_policies_ = false;
    generation_ = 0;
    series_ = nullptr;
    abandoned_moved_ = {};
    head_bytes_ = 0;
    request_sent_ = {};
    continued_ = informed_ = false;
    status_ = 0;
    outcome_ = failure_ = node_said_ = Outcome::ok;
    step_ = Step::accept;
    running_ = again_ = timer_fired_ = cut_ = false;
}

}  // namespace weir::proxy
