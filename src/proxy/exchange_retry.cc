// The attempt loop of an exchange: what becomes of a try that failed. Whether it is made again is asked of retry.h;
// here the facts are gathered and the next try begins, or the client is told.
#include "base/log.h"
#include "proxy/engine.h"
#include "proxy/exchange.h"

namespace weir::proxy {

namespace {
// One that did not take a connection comes last for so long.
constexpr Duration kPassedOver = std::chrono::seconds(1);
}  // namespace

// What must not be sent twice goes to nobody who has hung up already.
upstream::Lend Exchange::lend(bool once_more) const {
    if (once_more) return upstream::Lend::fresh;
    return http::idempotent(downstream_->request().method) ? upstream::Lend::any : upstream::Lend::looked_at;
}

Step Exchange::no_connection() {
    const Outcome outcome = outcome_of_connect_error(attempt_.connect_error());
    const bool ours = outcome == Outcome::connection_limit_reached;  // or a queue is full, for a moment
    if (!ours) engine_.roster(*pool_->pool).pass_over(*attempt_.endpoint(), engine_.loop().now() + kPassedOver);
    return lose(Loss::unreached, outcome);
}

// A backend's end before its answer: perhaps it had closed before the request came, and a reset is about to say so.
Step Exchange::begin_to_prove() {
    prove_until_ = engine_.loop().now();
    if (unheard()) prove_until_ += attempt_.undelivered().wait;
    up_.hold();
    return Step::prove;
}

Step Exchange::prove() {
    const bool open = engine_.loop().now() < prove_until_ && attempt_.undelivered().wait > Duration::zero();
    return open ? Step::wait : fail_upstream();
}

// It was sent a request, and ended without a byte.
bool Exchange::unheard() const {
    const http::ClientStream& upstream = attempt_.stream();
    if (upstream.fault() == http::StreamFault::refused_bytes || upstream.bytes_sent() == 0) return false;
    return upstream_head_ == nullptr && upstream.bytes_received() == 0;
}

Loss Exchange::loss() const {
    const http::ClientStream& upstream = attempt_.stream();
    const bool refused = upstream.fault() == http::StreamFault::refused_bytes;
    if (upstream.bytes_sent() == 0 && (!refused || attempt_.reused())) return Loss::unsent;
    if (refused) return Loss::other;  // who speaks before it is asked does so again
    if (!unheard()) return Loss::ended;
    if (upstream.fault() == http::StreamFault::peer_reset) return attempt_.was_reset() ? Loss::reset : Loss::ended;
    const bool in_time = engine_.loop().now() <= prove_until_;  // a timer is a little late
    const net::Undelivered found = in_time ? attempt_.undelivered() : net::Undelivered{};
    if (found.proven) return Loss::undelivered;
    return found.likely ? Loss::reset : Loss::ended;
}

// The try has failed; when it is not made again that is `outcome`. Nothing of an answer has left.
Step Exchange::lose(Loss loss, Outcome outcome) {
    FailedTry failed;
    failed.loss = loss;
    failed.repeatable = repeatable_;
    failed.body_kept = replay_.whole() || !up_.begun();
    failed.answered = informed_;
    failed.first_free_here = tries_.first_free_here();
    failed.free_tries = tries_.free();
    failed.paid_tries = tries_.paid_before();
    retry_ = decide_retry(failed, route_->retry, pool_->replay);
    if (!retry_.again) return answer(outcome);
    if (retry_.costs && !pool_->pool->retry_budget().try_take(engine_.loop().now(), pool_->retry_budget)) {
        engine_.cells(pool_->pool->series()).retry_budget_exhausted.add();
        return answer(outcome);
    }
    LOG(debug, "try {} on {} failed ({}), it is made again, request {}", tries_.made(), attempt_.endpoint()->name,
        row_of(outcome).name, hop_.request_id);
    tries_.failed(retry_.costs, loss != Loss::unreached);
    failure_ = outcome;
    up_.hold();
    attempt_.end();
    upstream_head_ = nullptr;
    return Step::pick;
}

}  // namespace weir::proxy
