#include "upstream/endpoint_probe.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/log.h"
#include "upstream/dial_error.h"

namespace weir::upstream {

namespace {
constexpr size_t index(ProbeResult result) {
    return static_cast<size_t>(result);
}
// Of TLS the errno says no more than which of two it was; the log has the rest.
std::string why_no_connection(int error) {
    if (error == EKEYREJECTED) return "its certificate does not verify";
    if (error == EPROTO) return "TLS failed";
    return std::string("connect: ") + std::strerror(error);
}
}  // namespace

EndpointProbe::EndpointProbe(HealthChecker& checker, HealthTarget target)
    : checker_(checker),
      target_(std::move(target)),
      tls_(net::dialer_over_tls(checker.dialer_, target_.endpoint.tls, target_.endpoint.host)),
      state_(target_.plan.rise, target_.plan.fall, target_.plan.start_down),
      at_(Whereabouts::of(target_.endpoint)),
      timer_(checker.loop_.wheel(), *this) {
    head_.method = http::Method::get;
    head_.method_text = "GET";
    head_.target.forward_path = target_.plan.path;
    head_.fields.add(http::HeaderName::host, target_.host);
    head_.fields.add(http::HeaderName::user_agent, "weir");
    head_.fields.add(http::HeaderName::connection, "keep-alive");
    timer_.arm(now() + checker_.part_of(std::min(target_.plan.interval, kFastest)));
    probes_ = static_cast<unsigned>(checker_.part_of(Duration(kFreshEvery)).count());  // not all dial at the same time
}

// One that is changing is asked soon anyway; but an answer over an old connection is news to it.
void EndpointProbe::hint(HealthHint what) {
    if (what == HealthHint::still_answers) answered_ = now();
    if (state_.changing() && (what != HealthHint::still_answers || state_.state() == EndpointState::draining)) return;
    const bool pending = std::exchange(fresh_, true);
    if (asking()) {
        again_ = true;
    } else if (what == HealthHint::still_answers && state_.changing()) {
        timer_.arm(std::max(now(), started_ + kRest));
    } else if (!pending) {
        ask_soon();
    }
}

// At once; but one that gives hints all the time is asked no more often for them than one that is changing.
void EndpointProbe::ask_soon() {
    const Duration rest = std::exchange(hinted_, true) ? pace() : kRest;
    timer_.arm(std::max(now(), started_ + rest));
}

Duration EndpointProbe::pace() const {
    return std::min(target_.plan.interval, std::max(target_.plan.interval / 4, kFastest));
}

// Perhaps it is another process now.
void EndpointProbe::move_to(Whereabouts now) {
    at_.become(std::move(now));
    if (kept_ != nullptr && !at_.contain(kept_->peer())) drop(kept_);
    hint(HealthHint::moved);
}

void EndpointProbe::on_timer(net::Timer&) {
    if (!asking()) return begin();
    if (refused_) return finish({ProbeResult::refused, "connect refused"});
    finish({ProbeResult::timeout, "no answer in time"});
}

void EndpointProbe::begin() {
    started_ = now();
    if (!fresh_) hinted_ = false;
    again_ = refused_ = false;
    timer_.arm(started_ + target_.plan.timeout);
    const bool fresh = fresh_ || kept_ == nullptr || state_.changing() || probes_ % kFreshEvery == 0;
    fresh_ = false;
    ++probes_;
    ask(fresh ? dial() : std::move(kept_));
}

EndpointProbe::Connection EndpointProbe::dial() {
    ProbeConnection::Owner& self = *this;
    net::Dialer& dialer = tls_ != nullptr ? *tls_ : checker_.dialer_;
    return std::make_unique<ProbeConnection>(checker_.loop_, at_.dial(checker_.loop_, dialer), checker_.scratch_, self);
}

void EndpointProbe::ask(Connection connection) {
    asked_ = std::move(connection);
    asked_->ask(head_);
}

// It may be on the stack of its own callback: it goes at the end of the turn.
void EndpointProbe::drop(Connection& connection) {
    if (connection == nullptr) return;
    connection->close();
    checker_.loop_.dispose(std::move(connection));
}

void EndpointProbe::on_probe(ProbeConnection& connection, ProbeConnection::Event event) {
    if (&connection == kept_.get()) {  // it can only have been closed
        ++closed_idle_;
        drop(kept_);
        return hint(HealthHint::closed_early);
    }
    switch (event) {
        case ProbeConnection::Event::answered:
            return on_answer();
        case ProbeConnection::Event::no_connection:
            return on_no_connection(connection.error());
        case ProbeConnection::Event::cut:
        case ProbeConnection::Event::closed:
            return on_cut();
    }
}

void EndpointProbe::on_answer() {
    if (refused_) return finish({ProbeResult::draining, "connects are refused, and old connections still answer"});
    at_.prefer(asked_->peer());
    finish(judge(target_.plan, asked_->answer(), any_answer_));
}

// Refused, and yet not down: it takes no new connections, and goes on with those it has.
void EndpointProbe::on_no_connection(int error) {
    if (error == ETIMEDOUT) return finish({ProbeResult::timeout, "connect timed out"});
    if (error < 0) return finish({ProbeResult::failed, "its name has no address"});
    if (is_our_lack(error)) return put_off(error);
    if (!is_refusal(error)) return finish({ProbeResult::failed, why_no_connection(error)});
    if (now() - answered_ <= target_.plan.interval && answered_ != TimePoint{})
        return finish({ProbeResult::draining, "connects are refused, and old connections still answer"});
    // A process that was killed has lost its connections by the time of a second probe.
    if (refused_before_ && busy() > 0)
        return finish({ProbeResult::draining, "connects are refused, and old connections are at work"});
    if (kept_ == nullptr) return finish({ProbeResult::refused, "connect refused"});
    refused_ = true;
    drop(asked_);
    ask(std::move(kept_));
}

// A connection that was idle may have been closed while the probe was on its way: that says nothing.
void EndpointProbe::on_cut() {
    if (refused_) return finish({ProbeResult::refused, "connect refused"});
    const std::string_view refusal = asked_->refusal();
    if (!refusal.empty()) return finish({ProbeResult::failed, "a broken answer: " + std::string(refusal)});
    if (asked_->times_asked() == 1) return finish({ProbeResult::failed, "closed without a whole answer"});
    drop(asked_);
    ask(dial());
}

// It says nothing of the endpoint.
void EndpointProbe::put_off(int error) {
    if (checker_.told_want_.due(now()))
        LOG(warn, "no connection for a probe of {}: {}", target_.endpoint.name, std::strerror(error));
    fresh_ = true;
    drop(asked_);
    wait(false);
}

// Requests that it works on, of all workers.
int64_t EndpointProbe::busy() const {
    int64_t requests = 0;
    target_.endpoint.series.each(
        [&requests](const telemetry::EndpointCells& cells) { requests += cells.requests_active.value(); });
    return requests;
}

void EndpointProbe::finish(const HealthFinding& finding) {
    refused_before_ = finding.result == ProbeResult::refused;
    target_.series.cells(0).results[index(finding.result)].add();
    target_.probes.cells(0).took.observe(now() - started_);
    if (finding.result == ProbeResult::no_route) any_answer_ = true;
    if (finding.result == ProbeResult::ok) any_answer_ = false;
    if (asked_ != nullptr && asked_->idle() && asked_->times_asked() > 1) closed_idle_ = 0;
    const bool changed = state_.hear(finding.result);
    if (changed) closed_idle_ = 0;  // perhaps it is another process now
    if (worth_keeping()) {
        drop(kept_);
        kept_ = std::move(asked_);
    }
    drop(asked_);
    if (!takes_requests(state_.state())) drop(kept_);
    if (finding.result == ProbeResult::no_route && !std::exchange(told_no_route_, true))
        checker_.owner_.on_no_route(target_.endpoint, finding.reason);
    if (changed) checker_.owner_.on_state(target_.endpoint, state_.state(), finding.reason + state_.progress());
    wait(changed);
}

// Not where it would be closed before it is asked again: each such close asks for one more probe.
bool EndpointProbe::worth_keeping() const {
    if (asked_ == nullptr || !asked_->idle()) return false;
    constexpr unsigned kTries = 2;
    const http::KeepAlive& said = asked_->keep_alive();
    if (closed_idle_ >= kTries || said.max == uint64_t{0}) return false;
    return !said.timeout || std::chrono::milliseconds(800) * said.timeout->count() > target_.plan.interval;
}

// What began, changed or was hinted at together is spread over the interval again.
void EndpointProbe::wait(bool changed) {
    if (std::exchange(again_, false)) return ask_soon();
    const Duration interval = target_.plan.interval;
    Duration after = state_.changing() ? pace() : interval;
    if ((changed || hinted_) && !state_.changing()) after = pace() + checker_.part_of(interval - pace());
    TimePoint at = started_ + after;
    if (after >= 16 * kBeat) at -= at.time_since_epoch() % kBeat;
    timer_.arm(std::max(now(), at));
}

}  // namespace weir::upstream
