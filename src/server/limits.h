// What the machine gives this process: CPUs, memory and descriptors. Control thread, at start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::server {

// What a line of cgroup's cpu.max grants, in whole CPUs, rounded up: "150000 100000" is 2. kNoQuota for "max" and for
// what is none.
inline constexpr unsigned kNoQuota = 1U << 16;
unsigned quota_cpus(std::string_view text);
// CPUs this process may use: by affinity, and by the quota of its control groups. At least 1.
unsigned usable_cpus();
// Raises the soft limit of open files to the hard one and returns it; 0 when it can not be asked for.
unsigned long raise_file_limit();
// Clients' connections for which there are descriptors: each may need a second one to a backend.
unsigned long most_connections(unsigned long files, size_t listening_sockets);
// Bytes this process may use: the memory of the machine, or less by the limits of its control groups.
uint64_t usable_memory();
// What a line of cgroup's memory.max says; UINT64_MAX for "max" and for what is none.
uint64_t memory_limit(std::string_view text);
// What the daemon itself holds open at most when it is ready.
unsigned long files_needed(unsigned workers, size_t listeners);

}  // namespace weir::server
