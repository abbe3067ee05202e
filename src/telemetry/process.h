// What the kernel says about this process: memory, time, descriptors. Read from /proc, so never on a worker.
#pragma once

#include <cstdint>

namespace weir::telemetry {

struct ProcessUsage {
    double cpu_seconds = 0;         // user and system
    double start_time_seconds = 0;  // since 1970
    uint64_t resident_bytes = 0;
    uint64_t virtual_bytes = 0;
    uint64_t open_fds = 0;
    uint64_t max_fds = 0;
};

// What can not be read is 0.
ProcessUsage read_process_usage();

}  // namespace weir::telemetry
