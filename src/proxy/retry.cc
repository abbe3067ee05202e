#include "proxy/retry.h"

#include <optional>

namespace weir::proxy {

namespace {

using upstream::ReplayRule;

std::optional<RetryReason> reason_to_retry(const FailedTry& failed, const RetryPlan& plan, ReplayRule replay) {
    switch (failed.loss) {
        case Loss::unreached:
            if (plan.connect) return RetryReason::connect;
            break;
        case Loss::unsent:
            if (plan.reset) return RetryReason::undelivered;
            break;
        case Loss::undelivered:
            if (plan.reset && (failed.repeatable || replay != ReplayRule::never)) return RetryReason::undelivered;
            break;
        case Loss::reset:
            if (plan.reset && failed.repeatable) return RetryReason::reset;
            if (plan.reset && replay == ReplayRule::likely) return RetryReason::likely;
            break;
        case Loss::ended:
            if (plan.reset && failed.repeatable) return RetryReason::reset;
            break;
        case Loss::other:
            break;
    }
    return std::nullopt;
}

bool reached_nobody(Loss loss) {
    return loss == Loss::unreached || loss == Loss::unsent || loss == Loss::undelivered;
}

}  // namespace

RetryDecision decide_retry(const FailedTry& failed, const RetryPlan& plan, ReplayRule replay) {
    if (failed.answered || !failed.body_kept) return {};
    const std::optional<RetryReason> reason = reason_to_retry(failed, plan, replay);
    if (!reason) return {};
    const bool free = reached_nobody(failed.loss) && failed.first_free_here && failed.free_tries < kMostFreeTries;
    if (!free && failed.paid_tries + 1 >= plan.attempts) return {};
    return {true, !free, *reason};
}

}  // namespace weir::proxy
