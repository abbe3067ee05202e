#include "server/living.h"

#include <array>

#include "proxy/outcome.h"
#include "server/version.h"
#include "upstream/health_plan.h"

namespace weir::server {

namespace {

// In the order of http::Method.
constexpr std::array<std::string_view, 10> kMethods = {"other",  "GET",   "HEAD",    "POST",  "PUT",
                                                       "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"};
static_assert(kMethods.size() == static_cast<size_t>(http::Method::connect) + 1);

constexpr auto outcome_names() {
    std::array<std::string_view, proxy::kOutcomes.size()> names;
    for (size_t i = 0; i < names.size(); ++i) names[i] = proxy::kOutcomes[i].name;
    return names;
}
constexpr auto kOutcomeNames = outcome_names();

}  // namespace

Living::Living(unsigned workers) : registry(workers, kMethods, kOutcomeNames, std::string(kVersion)) {
    registry.name_health(upstream::kStateNames, upstream::kProbeResults);
}

}  // namespace weir::server
