// MaxBody: how long a request's body may be. A length that is said is judged at once, before the backend hears of it;
// another one is counted as it passes.
#pragma once

#include "policy/policy.h"

namespace weir::policy {

class MaxBody final : public Policy {
 public:
    explicit MaxBody(uint64_t most) : most_(most) {}
    // 413 (RFC 9110 15.5.14).
    Verdict on_request(Request& request) const override;

 private:
    uint64_t most_;  // bytes of content
};

}  // namespace weir::policy
