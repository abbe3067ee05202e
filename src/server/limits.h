// What the machine gives this process: CPUs and descriptors. Control thread, at start.
#pragma once

namespace weir::server {

// CPUs this process may run on (affinity), at least 1.
unsigned usable_cpus();
// Raises the soft limit of open files to the hard one and returns it.
unsigned long raise_file_limit();

}  // namespace weir::server
