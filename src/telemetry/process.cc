#include "telemetry/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

namespace weir::telemetry {

namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;

double seconds_of(clockid_t clock) {
    struct timespec now {};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The start is told in ticks since boot, as the 22nd field of stat; the second one, the name in parentheses, may hold
// anything, so fields are counted from the last parenthesis (proc(5)).
double read_start_time() {
    const File file(std::fopen("/proc/self/stat", "re"), std::fclose);
    char text[1024];
    if (file == nullptr || std::fgets(text, sizeof text, file.get()) == nullptr) return 0;
    const char* at = std::strrchr(text, ')');
    unsigned long long ticks = 0;
    if (at == nullptr ||
        std::sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                    &ticks) != 1) {
        return 0;
    }
    const double since_boot = static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) + since_boot;
}

void read_memory(ProcessUsage& usage) {
    const File file(std::fopen("/proc/self/statm", "re"), std::fclose);
    unsigned long long pages = 0;
    unsigned long long resident = 0;
    if (file == nullptr || std::fscanf(file.get(), "%llu %llu", &pages, &resident) != 2) return;
    const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    usage.virtual_bytes = pages * page;
    usage.resident_bytes = resident * page;
}

uint64_t count_fds() {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), ::closedir);
    if (directory == nullptr) return 0;
    uint64_t count = 0;
    while (const struct dirent* entry = ::readdir(directory.get())) {
        if (entry->d_name[0] != '.') ++count;
    }
    return count > 0 ? count - 1 : 0;  // without the one that was just opened
}

double seconds_of(const struct timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage read_process_usage() {
    static const double started = read_start_time();
    ProcessUsage usage;
    usage.start_time_seconds = started;
    struct rusage used {};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        usage.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    }
    read_memory(usage);
    usage.open_fds = count_fds();
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = limit.rlim_cur;
    return usage;
}

}  // namespace weir::telemetry
