// Signals: the process's signals as events of the control loop. block() comes first, before any thread: threads inherit
// it, so that only this descriptor ever sees them. Control thread.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "net/event_poller.h"

namespace weir::server {

class Signals final : private net::Job {
 public:
    using OnSignal = std::function<void(int signal)>;

    // Blocks the signals that a daemon hears of, so that no thread is interrupted by one, and ignores PIPE, for this
    // thread and all it starts.
    static void block();

    Signals(net::EventPoller& poller, net::Loop& loop, OnSignal on_signal);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

 private:
    void run_job() override;
    int fd_;
    OnSignal on_signal_;
    std::unique_ptr<net::Watch> watch_;
};

}  // namespace weir::server
