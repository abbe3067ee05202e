// Exposition: the registry as Prometheus reads it, text format 0.0.4. Sums every worker's cells when it is asked; what
// was never counted has no line. The only place that knows prometheus-cpp.
// The admin's thread; takes the registry's mutex, never a worker's time.
#pragma once

#include <string>

namespace weir::telemetry {

class Registry;

std::string render(const Registry& registry);

}  // namespace weir::telemetry
