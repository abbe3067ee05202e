// Retry: whether a try that failed may be made again, and what that costs. One pure function over plain facts; it
// sends nothing and counts nothing. What may be sent twice stands in RFC 9110 9.2.2; beyond that it is what nobody can
// have acted on. Any thread.
#pragma once

#include <cstdint>

#include "upstream/pool.h"

namespace weir::proxy {

// What a route says of it.
struct RetryPlan {
    static constexpr unsigned kMostAttempts = 10;
    unsigned attempts = 2;  // tries in all that reached a backend; at least 1
    bool connect = true;    // where no connection came about
    bool reset = true;      // where it ended before the response began
};

// How a try failed.
enum class Loss : uint8_t {
    unreached,    // no connection came about: refused, timed out, no such name
    unsent,       // there was one, and nothing of the request was written
    undelivered,  // proven: it came to a backend that had closed (net::Transport::undelivered)
    reset,        // a lone reset, and no byte of a response
    ended,        // an end of file; or an end or a reset within the response's head
    other,        // it was answered, refused or too late: never made again
};

// What is known when a try has failed.
struct FailedTry {
    Loss loss = Loss::other;
    bool repeatable = false;      // an idempotent method, or with Idempotency-Key
    bool body_kept = true;        // what was sent of the body is here still
    bool answered = false;        // the client was sent something, if only an informational response
    bool first_free_here = true;  // no try on this endpoint has cost nothing yet
    unsigned free_tries = 0;      // tries before this one that cost nothing
    unsigned paid_tries = 0;      // the others before it
};

// Why it is made again: the label of weir_retries_total.
enum class RetryReason : uint8_t { connect, reset, undelivered, likely };

struct RetryDecision {
    bool again = false;
    bool costs = false;  // an attempt, and of the pool's budget
    RetryReason reason = RetryReason::connect;
};

// Tries of one request that cost nothing, at most; and one on each endpoint.
inline constexpr unsigned kMostFreeTries = 5;

RetryDecision decide_retry(const FailedTry& failed, const RetryPlan& plan, upstream::ReplayRule replay);

}  // namespace weir::proxy
