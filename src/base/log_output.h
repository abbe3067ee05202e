// LogOutput: a descriptor that log lines are written to without ever waiting for whoever reads it.
// The flag O_NONBLOCK lies on the open file, which a shell or a sibling process may share, so it is not set on what was
// given: sockets are asked for each write (MSG_DONTWAIT), pipes and terminals are opened once more through /proc. Where
// that is refused, readiness is asked for and no more than a pipe takes at once is written.
// The log writer's thread. Does not own the descriptor that was given.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

namespace weir {

class LogOutput final {
 public:
    explicit LogOutput(int fd);
    ~LogOutput();
    LogOutput(const LogOutput&) = delete;
    LogOutput& operator=(const LogOutput&) = delete;

    // Writes from the front of `parts`; returns the bytes taken, or -1 with errno; EAGAIN when there is no room now.
    ssize_t write(const struct iovec* parts, int count);
    // For poll(2) with POLLOUT after EAGAIN.
    int descriptor() const { return fd_; }

 private:
    enum class Kind { plain, socket, opened_again, asked_first };
    int fd_;
    Kind kind_ = Kind::plain;
};

}  // namespace weir
