#include "server/watched_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::server {

namespace {

// At most `limit` bytes and one more.
Result<std::string> read_all(int fd, size_t limit) {
    std::string text;
    char portion[16 * 1024];
    while (text.size() <= limit) {
        const ssize_t got = ::read(fd, portion, sizeof portion);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(std::strerror(errno), errno);
        if (got == 0) break;
        text.append(portion, static_cast<size_t>(got));
    }
    return text;
}

}  // namespace

WatchedFiles::Stamp WatchedFiles::stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    constexpr int64_t kSecond = 1'000'000'000;
    return {status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size),
            status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec};
}

Result<std::string> WatchedFiles::read(const std::string& path) {
    files_[path].read = files_[path].seen = stamp_of(path);  // before: what changes meanwhile shows later
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        const int error = errno;
        return fail(path + ": " + std::strerror(error), error);
    }
    Result<std::string> text = read_all(fd, kMostBytes);
    ::close(fd);
    if (!text) return fail(path + ": " + text.error().message, text.error().code);
    if (text->size() > kMostBytes) return fail(path + ": is larger than 4MiB");
    return text;
}

bool WatchedFiles::changed() {
    bool any = false, moving = false;
    for (auto& [path, file] : files_) {
        const Stamp now = stamp_of(path);
        moving = moving || now != file.seen;
        any = any || now != file.read;
        file.seen = now;
    }
    return any && !moving;
}

}  // namespace weir::server
