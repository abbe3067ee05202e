// Daemon: what the admin server asks of the daemon it belongs to; server/ implements it, tests bring a fake.
// Every call comes on the admin's thread.
#pragma once

#include <string>

namespace weir::admin {

class Daemon {
 public:
    virtual ~Daemon() = default;
    // Whether traffic may be sent here: listening, and not draining.
    virtual bool ready() = 0;
    // All metrics in Prometheus' text format 0.0.4.
    virtual std::string metrics() = 0;
};

}  // namespace weir::admin
