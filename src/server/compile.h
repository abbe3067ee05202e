// Compile: from a checked config to a Snapshot. It finds the living things a config names, makes those that are new,
// and builds the router. What it refuses could not be seen from the text alone. Control thread, or a short-lived one;
// never a worker.
#pragma once

#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "proxy/snapshot.h"
#include "server/living.h"

namespace weir::server {

// What pools need of files (TLS, secrets) stands in `living` already, for none is read here. `workers` share the limits
// that count for the whole process. Listener plans in `living` take their new limits also when this then fails; their
// ports are whoever binds them to fill in.
Result<std::unique_ptr<proxy::Snapshot>> compile(const config::Config& config, Living& living, unsigned workers);

}  // namespace weir::server
