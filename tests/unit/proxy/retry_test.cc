#include "proxy/retry.h"

#include "tests/support/doctest.h"

using namespace weir;
using proxy::FailedTry;
using proxy::Loss;
using proxy::RetryPlan;
using proxy::RetryReason;
using upstream::ReplayRule;

namespace {

FailedTry get(Loss loss) {
    FailedTry failed;
    failed.loss = loss;
    failed.repeatable = true;
    return failed;
}
FailedTry post(Loss loss) {
    FailedTry failed = get(loss);
    failed.repeatable = false;
    return failed;
}
bool again(const FailedTry& failed, ReplayRule replay = ReplayRule::proven, const RetryPlan& plan = {}) {
    return decide_retry(failed, plan, replay).again;
}

}  // namespace

TEST_CASE("what may be made again depends on the loss, the method and the pool's replay") {
    struct Row {
        Loss loss;
        bool get, post_never, post_proven, post_likely;
    };
    const Row rows[] = {
        {Loss::unreached, true, true, true, true},    {Loss::unsent, true, true, true, true},
        {Loss::undelivered, true, false, true, true}, {Loss::reset, true, false, false, true},
        {Loss::ended, true, false, false, false},     {Loss::other, false, false, false, false},
    };
    for (const Row& row : rows) {
        CAPTURE(static_cast<int>(row.loss));
        for (const ReplayRule replay : {ReplayRule::never, ReplayRule::proven, ReplayRule::likely})
            CHECK_EQ(again(get(row.loss), replay), row.get);
        CHECK_EQ(again(post(row.loss), ReplayRule::never), row.post_never);
        CHECK_EQ(again(post(row.loss), ReplayRule::proven), row.post_proven);
        CHECK_EQ(again(post(row.loss), ReplayRule::likely), row.post_likely);
    }
}

TEST_CASE("nothing is made again behind an answer, or without what was sent of the body") {
    for (const Loss loss : {Loss::unreached, Loss::unsent, Loss::undelivered, Loss::reset, Loss::ended}) {
        FailedTry answered = get(loss);
        answered.answered = true;
        CHECK_FALSE(again(answered));
        FailedTry lost = get(loss);
        lost.body_kept = false;
        CHECK_FALSE(again(lost));
    }
}

TEST_CASE("a route says after what") {
    RetryPlan connect;
    connect.reset = false;
    RetryPlan reset;
    reset.connect = false;
    for (const Loss loss : {Loss::unsent, Loss::undelivered, Loss::reset, Loss::ended}) {
        CHECK_FALSE(again(get(loss), ReplayRule::likely, connect));
        CHECK(again(get(loss), ReplayRule::likely, reset));
    }
    CHECK(again(get(Loss::unreached), ReplayRule::proven, connect));
    CHECK_FALSE(again(get(Loss::unreached), ReplayRule::proven, reset));
}

TEST_CASE("a try that reached no backend costs nothing, once on each endpoint and five times in all") {
    for (const Loss loss : {Loss::unreached, Loss::unsent, Loss::undelivered}) {
        FailedTry failed = post(loss);
        CHECK_FALSE(decide_retry(failed, {}, ReplayRule::proven).costs);
        failed.paid_tries = 9;
        CHECK(again(failed));
        failed.free_tries = 4;
        CHECK(again(failed));
        failed.free_tries = 5;
        CHECK_FALSE(again(failed));
        failed.paid_tries = 0;
        CHECK(decide_retry(failed, {}, ReplayRule::proven).costs);
        failed.free_tries = 0;
        failed.first_free_here = false;
        CHECK(decide_retry(failed, {}, ReplayRule::proven).costs);
    }
}

TEST_CASE("the others count towards attempts, and cost of the budget") {
    RetryPlan plan;
    FailedTry failed = get(Loss::reset);
    CHECK(decide_retry(failed, plan, ReplayRule::proven).costs);
    failed.paid_tries = 1;
    CHECK_FALSE(again(failed));
    plan.attempts = 3;
    CHECK(again(failed, ReplayRule::proven, plan));
    plan.attempts = 1;
    failed.paid_tries = 0;
    CHECK_FALSE(again(failed, ReplayRule::proven, plan));
    CHECK(again(get(Loss::undelivered), ReplayRule::proven, plan));
}

TEST_CASE("why is told, and that a connection is not tried where none came about") {
    CHECK_EQ(decide_retry(get(Loss::unreached), {}, ReplayRule::proven).reason, RetryReason::connect);
    CHECK_EQ(decide_retry(get(Loss::undelivered), {}, ReplayRule::proven).reason, RetryReason::undelivered);
    CHECK_EQ(decide_retry(get(Loss::reset), {}, ReplayRule::likely).reason, RetryReason::reset);
    CHECK_EQ(decide_retry(post(Loss::reset), {}, ReplayRule::likely).reason, RetryReason::likely);
}
