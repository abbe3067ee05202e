#include "server/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace weir::server {

namespace {
sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
    return set;
}
}  // namespace

void Signals::block() {
    const sigset_t set = watched();
    CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
    signal(SIGPIPE, SIG_IGN);
}

Signals::Signals(net::EventPoller& poller, net::Loop& loop, OnSignal on_signal) : on_signal_(std::move(on_signal)) {
    const sigset_t set = watched();
    fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    CHECK(fd_ >= 0);
    watch_ = std::make_unique<net::Watch>(poller, fd_, [this, &loop] { loop.schedule(*this, net::Lane::upstream); });
}

Signals::~Signals() {
    watch_.reset();
    ::close(fd_);
}

void Signals::run_job() {
    signalfd_siginfo info;
    while (::read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
        on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace weir::server
