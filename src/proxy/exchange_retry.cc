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

Step Exchange::no_connection() {
    const Outcome outcome = outcome_of_connect_error(attempt_.connect_error());
    const bool ours = outcome == Outcome::connection_limit_reached;  // or a queue is full, for a moment
    if (!ours) engine_.roster(*pool_->pool).pass_over(*attempt_.endpoint(), engine_.loop().now() + kPassedOver);
    return lose(Loss::unreached, outcome);
}

// A backend's end before its answer: perhaps it had closed before the request came, and a reset is about to say so.
Step Exchange::begin_to_prove() {
    prove_until_ = engine_.loop().now() + attempt_.undelivered().wait;
    up_.hold();
    return Step::prove;
}

Step Exchange::prove() {
    const bool open = engine_.loop().now() < prove_until_ && attempt_.undelivered().wait > Duration::zero();
    return open ? Step::wait : fail_upstream();
}

Loss Exchange::loss() const {
    const http::ClientStream& upstream = attempt_.stream();
    if (upstream.fault() == http::StreamFault::refused_bytes) return Loss::other;
    if (upstream.bytes_sent() == 0) return Loss::unsent;
    if (upstream_head_ != nullptr || upstream.bytes_received() > 0) return Loss::ended;
    const bool in_time = engine_.loop().now() <= prove_until_;  // a timer is a little late
    if (in_time && attempt_.undelivered().proven) return Loss::undelivered;
    return upstream.fault() == http::StreamFault::peer_reset ? Loss::reset : Loss::ended;
}

// The try has failed; when it is not made again that is `outcome`. Nothing of an answer has left.
Step Exchange::lose(Loss loss, Outcome outcome) {
    const http::RequestHead& request = downstream_->request();
    FailedTry failed;
    failed.loss = loss;
    failed.repeatable = http::idempotent(request.method) || request.fields.has(http::HeaderName::idempotency_key);
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
    tries_.failed(retry_.costs);
    failure_ = outcome;
    up_.hold();
    attempt_.end();
    upstream_head_ = nullptr;
    return Step::pick;
}

}  // namespace weir::proxy
