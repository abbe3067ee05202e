#include "server/limits.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "base/slab.h"
#include "base/text.h"

namespace weir::server {

unsigned quota_cpus(std::string_view text) {
    const size_t space = text.find(' ');
    if (space == text.npos) return kNoQuota;
    const auto quota = parse_decimal(text.substr(0, space));
    const auto period = parse_decimal(trim(text.substr(space + 1)));
    if (!quota || !period || *period == 0) return kNoQuota;  // "max 100000"
    const uint64_t cpus = *quota / *period + (*quota % *period == 0 ? 0 : 1);
    return static_cast<unsigned>(std::clamp<uint64_t>(cpus, 1, kNoQuota));
}

namespace {

// Calls visit(line) with the first line of this file for each control group from this process's own up to the root
// (cgroup v2; a container sees itself as the root).
template <typename Visit>
void for_each_group(const std::string& name, Visit visit) {
    std::ifstream own("/proc/self/cgroup");
    std::string group;
    while (std::getline(own, group) && group.rfind("0::", 0) != 0) {
    }
    if (group.rfind("0::", 0) != 0) return;
    for (group.erase(0, 3);; group.erase(group.rfind('/'))) {
        if (group == "/") group.clear();
        std::string path = "/sys/fs/cgroup";
        path.append(group).append("/").append(name);
        std::ifstream file(path);
        std::string line;
        if (std::getline(file, line)) visit(line);
        if (group.rfind('/') == group.npos) return;
    }
}

}  // namespace

unsigned usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    auto cpus = static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
    for_each_group("cpu.max", [&cpus](const std::string& line) { cpus = std::min(cpus, quota_cpus(line)); });
    return cpus;
}

uint64_t memory_limit(std::string_view text) {
    return parse_decimal(trim(text)).value_or(UINT64_MAX);
}

uint64_t usable_memory() {
    uint64_t bytes = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    for_each_group("memory.max", [&bytes](const std::string& line) { bytes = std::min(bytes, memory_limit(line)); });
    return bytes;
}

unsigned long raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

unsigned long most_connections(unsigned long files, size_t listening_sockets) {
    constexpr unsigned long kOwn = 100;
    const unsigned long kept = kOwn + listening_sockets + 2 * SlabStore::kPipes;
    return files > kept + 2 ? (files - kept) / 2 : 1;
}

// libevent takes an epoll and a pair for signals for each loop, and we an eventfd; the fixed part has room to spare.
unsigned long files_needed(unsigned workers, size_t listeners) {
    constexpr unsigned long kLoop = 4;
    constexpr unsigned long kFixed = 32;  // stdio, signals, and the loops of control, log and admin
    return kFixed + workers * (kLoop + listeners);
}

}  // namespace weir::server
