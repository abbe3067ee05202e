// What an endpoint's answer says of its health: by status, body and JSON as the config expects them, and by what the
// libraries of Node say without configuration: @godaddy/terminus and NestJS, @fastify/under-pressure, lightship, and
// application/health+json. Asks nobody and remembers nothing. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "upstream/health_plan.h"

namespace weir::upstream {

struct HealthAnswer {
    int status = 0;
    std::string_view type;  // Content-Type; empty: none
    std::string_view body;  // as far as it was read
};

struct HealthFinding {
    ProbeResult result = ProbeResult::failed;
    std::string reason;  // for a log line: "status 500"
};

// `any_answer`: it has no health route, so that it answers is enough.
HealthFinding judge(const HealthPlan& plan, const HealthAnswer& answer, bool any_answer);

}  // namespace weir::upstream
