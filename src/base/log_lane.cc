#include "base/log_lane.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace weir {

LogBell::LogBell() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    CHECK(event_ >= 0);
}

LogBell::~LogBell() {
    ::close(event_);
}

void LogBell::wake() {
    awake();  // the first to ring does it for all
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t wrote = ::write(event_, &one, sizeof one);  // EAGAIN: it rings already
}

void LogBell::silence() {
    uint64_t rings;
    [[maybe_unused]] const ssize_t read = ::read(event_, &rings, sizeof rings);
}

}  // namespace weir
