// LogWriter: the one thread that writes the logs of all attached threads: their error lines to stderr, their access
// lines to stdout. It naps between drains, so that a busy worker makes no system call a line, and sleeps when nothing
// was said. Producers never wait for it: what finds no room is dropped and counted.
// Does not format lines, open files or rotate them. Owned by the daemon; outlives its attachments.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log_drain.h"
#include "base/log_lane.h"

namespace weir {

class LogWriter final {
    struct Channel;

 public:
    static constexpr size_t kErrorRing = 64 * 1024;
    static constexpr size_t kAccessRing = 256 * 1024;
    static constexpr Duration kShutdown = std::chrono::seconds(1);

    struct Dropped {
        uint64_t error = 0;
        uint64_t access = 0;
    };

    // Borrows the descriptors. Starts the thread.
    explicit LogWriter(int error_fd = 2, int access_fd = 1, Duration shutdown = kShutdown);
    // Writes what waits, for at most `shutdown`.
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // The calling thread's two lanes. While it lives LOG on this thread never blocks. It ends on the same thread.
    class Attachment final {
     public:
        Attachment(Attachment&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
        Attachment& operator=(Attachment&&) = delete;
        ~Attachment();
        LogLane& access();

     private:
        friend class LogWriter;
        explicit Attachment(Channel& channel);
        Channel* channel_;
    };
    // Once per thread at a time.
    [[nodiscard]] Attachment attach();

    // Waits until every line written before the call is out or dropped; false when that took longer than `bound`.
    bool flush(Duration bound);
    // Lines lost so far, wherever. Any thread.
    Dropped dropped() const;

 private:
    void run();
    void drain_all();
    void wait();
    bool lanes_empty() const;
    bool begin_pass();
    void end_pass();
    bool blocked() const;

    const Duration shutdown_;
    LogBell bell_;
    LogDrain error_;
    LogDrain access_;

    mutable std::mutex mutex_;  // guards what stands from here to the condition
    std::vector<std::unique_ptr<Channel>> channels_;
    Dropped of_detached_;
    uint64_t flush_wanted_ = 0;
    uint64_t flush_done_ = 0;
    bool stopping_ = false;
    std::condition_variable flushed_;

    // The writer thread's own.
    std::vector<LogLane*> error_lanes_;
    std::vector<LogLane*> access_lanes_;
    LogDrain::State error_state_ = LogDrain::State::idle;
    LogDrain::State access_state_ = LogDrain::State::idle;
    uint64_t flush_seen_ = 0;  // what flush_wanted_ was when this pass began

    std::thread thread_;  // last: it uses all of the above
};

}  // namespace weir
