#include "base/log_output.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace weir {

namespace {

int open_again(int fd) {
    char path[32];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return ::open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

// At most PIPE_BUF bytes: a pipe that poll calls writable has room for so many (pipe(7)).
ssize_t write_what_fits(int fd, const struct iovec& part) {
    struct pollfd ready = {fd, POLLOUT, 0};
    if (::poll(&ready, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return ::write(fd, part.iov_base, std::min<size_t>(part.iov_len, PIPE_BUF));
}

}  // namespace

LogOutput::LogOutput(int fd) : fd_(fd) {
    struct stat about {};
    if (::fstat(fd, &about) != 0) return;
    if (S_ISSOCK(about.st_mode)) {
        kind_ = Kind::socket;
    } else if (S_ISFIFO(about.st_mode) || ::isatty(fd) == 1) {
        const int again = open_again(fd);
        kind_ = again >= 0 ? Kind::opened_again : Kind::asked_first;
        if (again >= 0) fd_ = again;
    }
}

LogOutput::~LogOutput() {
    if (kind_ == Kind::opened_again) ::close(fd_);
}

ssize_t LogOutput::write(const struct iovec* parts, int count) {
    if (kind_ == Kind::socket) {
        struct msghdr message {};
        message.msg_iov = const_cast<struct iovec*>(parts);
        message.msg_iovlen = static_cast<size_t>(count);
        return ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (kind_ == Kind::asked_first) return write_what_fits(fd_, parts[0]);
    return ::writev(fd_, parts, count);
}

}  // namespace weir
