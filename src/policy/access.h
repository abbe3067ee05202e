// Access: who may use a route, by address. deny wins; where something is allowed only that is.
#pragma once

#include "base/cidr_set.h"
#include "policy/policy.h"

namespace weir::policy {

class Access final : public Policy {
 public:
    Access(CidrSet allow, CidrSet deny) : allow_(std::move(allow)), deny_(std::move(deny)) {}
    // 403; and 400 for a path that a backend may read as another one than was matched.
    Verdict on_request(Request& request) const override;

 private:
    CidrSet allow_;  // empty: everybody
    CidrSet deny_;
};

}  // namespace weir::policy
