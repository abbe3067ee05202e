#include "server/limits.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>

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

// The smallest quota from this process's group up to the root (cgroup v2; a container sees itself as the root).
unsigned quota_of_groups() {
    std::ifstream own("/proc/self/cgroup");
    std::string group;
    while (std::getline(own, group) && group.rfind("0::", 0) != 0) {
    }
    if (group.rfind("0::", 0) != 0) return kNoQuota;
    unsigned least = kNoQuota;
    for (group.erase(0, 3);; group.erase(group.rfind('/'))) {
        if (group == "/") group.clear();
        std::ifstream file("/sys/fs/cgroup" + group + "/cpu.max");
        std::string line;
        if (std::getline(file, line)) least = std::min(least, quota_cpus(line));
        if (group.rfind('/') == group.npos) return least;
    }
}

}  // namespace

unsigned usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::min(static_cast<unsigned>(std::max(1, CPU_COUNT(&set))), quota_of_groups());
}

unsigned long raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

// libevent takes an epoll and a pair for signals for each loop, and we an eventfd; the fixed part has room to spare.
unsigned long files_needed(unsigned workers, size_t listeners) {
    constexpr unsigned long kLoop = 4;
    constexpr unsigned long kFixed = 32;  // stdio, signals, and the loops of control, log and admin
    return kFixed + workers * (kLoop + listeners);
}

}  // namespace weir::server
