#include "base/log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "base/log_writer.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace std::chrono_literals;

namespace {

constexpr Duration kLong = 30s;  // a bound, never a wait

// A file in memory that can be read back.
class MemoryFile {
 public:
    MemoryFile() : fd_(::memfd_create("log", MFD_CLOEXEC)) {}
    ~MemoryFile() { ::close(fd_); }
    int fd() const { return fd_; }
    std::string text() const {
        std::string bytes(static_cast<size_t>(::lseek(fd_, 0, SEEK_END)), ' ');
        REQUIRE_EQ(::pread(fd_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
        return bytes;
    }

 private:
    int fd_;
};

struct Pipe {
    Pipe() { REQUIRE_EQ(::pipe2(ends, O_CLOEXEC), 0); }
    ~Pipe() {
        for (int fd : ends) ::close(fd);
    }
    // Everything until nothing is there.
    std::string read_all() {
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
        std::string all(1 << 20, ' ');
        size_t size = 0;
        for (ssize_t got; (got = ::read(ends[0], all.data() + size, all.size() - size)) > 0;) {
            size += static_cast<size_t>(got);
        }
        all.resize(size);
        return all;
    }
    int ends[2];
};

// What this thread writes to stderr while it lives.
class StderrTo {
 public:
    explicit StderrTo(int fd) : saved_(::dup(STDERR_FILENO)) { ::dup2(fd, STDERR_FILENO); }
    ~StderrTo() {
        ::dup2(saved_, STDERR_FILENO);
        ::close(saved_);
    }

 private:
    int saved_;
};

// Files end at so many bytes while it lives, as on a full disk.
class FileSizeLimit {
 public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &saved_);
        const struct rlimit limit = {bytes, saved_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &saved_);
        ::signal(SIGXFSZ, handler_);
    }

 private:
    struct rlimit saved_ {};
    sighandler_t handler_;
};

class FormatOf {
 public:
    explicit FormatOf(LogFormat format) { set_log_format(format); }
    ~FormatOf() {
        set_log_format(LogFormat::automatic);
        set_log_level(LogLevel::info);
    }
};

size_t lines_of(const std::string& text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("log lines of a thread without a lane go straight to stderr as JSON") {
    const FormatOf json(LogFormat::json);
    MemoryFile file;
    {
        const StderrTo to(file.fd());
        LOG(info, "listening on {}:{}", "127.0.0.1", 80);
        LOG(warn, "odd \"{}\"", "a\nb\x1b");
        LOG(debug, "not to be seen");
    }
    const std::string text = file.text();
    REQUIRE_EQ(lines_of(text), 2);
    CHECK_EQ(text.substr(0, 9), "{\"time\":\"");
    CHECK_EQ(text.substr(33, 56), "\",\"level\":\"info\",\"msg\":\"listening on 127.0.0.1:80\"}\n{\"ti");
    CHECK(text.find(R"("level":"warn","msg":"odd \"a\nb\u001b\""})") != std::string::npos);
}

TEST_CASE("log lines as text have time, level and message") {
    const FormatOf as_text(LogFormat::text);
    MemoryFile file;
    {
        const StderrTo to(file.fd());
        LOG(error, "no \"{}\"\n", "file");
    }
    CHECK_EQ(file.text().substr(24), " error no \"file\"\\n\n");
}

TEST_CASE("the log level says what is written") {
    const FormatOf json(LogFormat::json);
    MemoryFile file;
    {
        const StderrTo to(file.fd());
        set_log_level(LogLevel::error);
        LOG(warn, "hidden");
        set_log_level(LogLevel::debug);
        LOG(debug, "shown");
    }
    CHECK_EQ(lines_of(file.text()), 1);
    CHECK(file.text().find("shown") != std::string::npos);
}

TEST_CASE("a log message that is too long is cut and still a whole line") {
    const FormatOf json(LogFormat::json);
    MemoryFile file;
    {
        const StderrTo to(file.fd());
        LOG(info, "{}", std::string(10'000, 'x'));
        LOG(info, "{}", std::string(10'000, '\x01'));
    }
    const std::string text = file.text();
    CHECK_EQ(lines_of(text), 2);
    CHECK_LE(text.size(), 2 * 4096);
    CHECK(text.find("xxx...\"}\n{") != std::string::npos);
    CHECK_EQ(text.substr(text.size() - 12), "\\u0001...\"}\n");
}

TEST_CASE("a thread without a lane drops a line rather than wait for the reader of stderr") {
    const FormatOf json(LogFormat::json);
    Pipe pipe;
    ::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK);
    while (::write(pipe.ends[1], std::string(4096, 'x').data(), 4096) > 0) {
    }
    ::fcntl(pipe.ends[1], F_SETFL, 0);
    const uint64_t before = log_dropped_without_lane();
    {
        const StderrTo to(pipe.ends[1]);
        LOG(info, "nobody reads this");
    }
    CHECK_EQ(log_dropped_without_lane(), before + 1);
}

TEST_CASE("log writer writes error lines to one output and access lines to the other") {
    const FormatOf json(LogFormat::json);
    MemoryFile errors, access;
    LogWriter writer(errors.fd(), access.fd());
    {
        LogWriter::Attachment lanes = writer.attach();
        LOG(info, "from {}", "a worker");
        CHECK(lanes.access().write("an access line\n"));
    }
    REQUIRE(writer.flush(kLong));
    CHECK(errors.text().find("\"msg\":\"from a worker\"}\n") != std::string::npos);
    CHECK_EQ(access.text(), "an access line\n");
    CHECK_EQ(writer.dropped().access, 0);
}

TEST_CASE("log writer keeps every line of many threads whole and in the thread's order") {
    constexpr int kThreads = 4;
    constexpr int kLines = 3000;
    MemoryFile access, errors;
    {
        LogWriter writer(errors.fd(), access.fd());
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&writer, t] {
                LogWriter::Attachment lanes = writer.attach();
                for (int i = 0; i < kLines; ++i) {
                    const std::string line =
                        fmt::format("{} {} {}\n", t, i, std::string(static_cast<size_t>(i % 100), 'x'));
                    while (!lanes.access().write(line)) std::this_thread::yield();
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        REQUIRE(writer.flush(kLong));
    }
    std::vector<int> next(kThreads, 0);
    const std::string text = access.text();
    for (size_t at = 0; at < text.size();) {
        const size_t end = text.find('\n', at);
        REQUIRE(end != std::string::npos);
        const auto t = static_cast<size_t>(text[at] - '0');
        REQUIRE_LT(t, kThreads);
        const int i = next[t]++;
        REQUIRE_EQ(text.substr(at, end - at),
                   fmt::format("{} {} {}", t, i, std::string(static_cast<size_t>(i % 100), 'x')));
        at = end + 1;
    }
    for (int count : next) CHECK_EQ(count, kLines);
}

TEST_CASE("log writer wakes from its sleep for a line") {
    Pipe pipe;
    MemoryFile errors;
    LogWriter writer(errors.fd(), pipe.ends[1]);
    LogWriter::Attachment lanes = writer.attach();
    char byte[2];
    for (int i = 0; i < 10; ++i) {
        // Nobody flushes: only the bell can bring the line out, whether the writer naps, sleeps or is between the two.
        REQUIRE(lanes.access().write("x\n"));
        REQUIRE_EQ(::read(pipe.ends[0], byte, 2), 2);
    }
}

TEST_CASE("a reader that does not read costs lines, not time") {
    Pipe pipe;
    MemoryFile errors;
    const FormatOf json(LogFormat::json);
    LogWriter writer(errors.fd(), pipe.ends[1]);
    LogWriter::Attachment lanes = writer.attach();
    const std::string line = std::string(999, 'x') + "\n";
    uint64_t refused = 0;
    for (int i = 0; i < 1000; ++i) refused += lanes.access().write(line) ? 0 : 1;  // 1 MB into 64 KiB and a ring
    CHECK_GT(refused, 0);
    CHECK_EQ(writer.dropped().access, refused);
    CHECK_FALSE(writer.flush(20ms));  // the pipe is full
    LOG(info, "the other log goes on");
    while (errors.text().find("goes on") == std::string::npos) std::this_thread::yield();
    // With the reader back all that was taken comes out whole.
    std::string text;
    while (lines_of(text) < 1000 - refused) text += pipe.read_all();
    CHECK(writer.flush(kLong));
    CHECK_EQ(text.size(), (1000 - refused) * 1000);
    for (size_t at = 0; at < text.size(); at += 1000) REQUIRE_EQ(text.substr(at, 1000), line);
}

TEST_CASE("lines for a dead pipe are dropped and counted, and traffic goes on") {
    MemoryFile errors;
    Pipe pipe;
    LogWriter writer(errors.fd(), pipe.ends[1]);
    LogWriter::Attachment lanes = writer.attach();
    ::close(pipe.ends[0]);
    pipe.ends[0] = ::open("/dev/null", O_RDONLY);
    for (int i = 0; i < 10; ++i) CHECK(lanes.access().write("to nobody\n"));
    REQUIRE(writer.flush(kLong));
    CHECK_EQ(writer.dropped().access, 10);
    CHECK_EQ(writer.dropped().error, log_dropped_without_lane());
}

TEST_CASE("a full disk costs the lines that do not fit and no others") {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE_GE(full, 0);
    MemoryFile errors;
    LogWriter writer(errors.fd(), full);
    {
        LogWriter::Attachment lanes = writer.attach();
        CHECK(lanes.access().write("no room\n"));
        CHECK(lanes.access().write("no room\n"));
        REQUIRE(writer.flush(kLong));
    }
    REQUIRE(writer.flush(kLong));
    CHECK_EQ(writer.dropped().access, 2);  // the count outlives the thread
    ::close(full);
}

TEST_CASE("a line that a failure tore is ended before the next one, and counted") {
    LogBell bell;
    LogLane lane(bell, 64 * 1024);
    const std::vector<LogLane*> lanes = {&lane};
    MemoryFile file;
    LogDrain drain(file.fd());
    CHECK(lane.write(std::string(599, 'a') + "\n"));
    CHECK(lane.write(std::string(599, 'b') + "\n"));
    {
        const FileSizeLimit limit(1000);
        CHECK(drain.drain(lanes) == LogDrain::State::moved);
    }
    CHECK_EQ(drain.dropped(), 1);
    CHECK(lane.write("next\n"));
    CHECK(drain.drain(lanes) == LogDrain::State::moved);
    CHECK(drain.drain(lanes) == LogDrain::State::idle);
    CHECK_EQ(file.text(), std::string(599, 'a') + "\n" + std::string(400, 'b') + "\nnext\n");
}

TEST_CASE("a line that was half written when its reader paused goes on before any other lane's") {
    LogBell bell;
    LogLane first(bell, 64 * 1024), second(bell, 256 * 1024);
    Pipe pipe;
    LogDrain drain(pipe.ends[1]);
    const std::string line = std::string(6999, 'a') + "\n";  // no multiple of what a pipe takes
    for (int i = 0; i < 20; ++i) REQUIRE(second.write(line));
    CHECK(drain.drain({&first, &second}) == LogDrain::State::blocked);
    REQUIRE(first.write("a line of the other lane\n"));
    std::string text = pipe.read_all();
    while (drain.drain({&first, &second}) == LogDrain::State::blocked) text += pipe.read_all();
    text += pipe.read_all();
    CHECK_EQ(text.size(), 20 * 7000 + 25);
    for (size_t at = 0; at < text.size();) {
        const size_t end = text.find('\n', at) + 1;
        const std::string got = text.substr(at, end - at);
        REQUIRE((got == line || got == "a line of the other lane\n"));
        at = end;
    }
}

TEST_CASE("log writer writes what waits when it ends") {
    MemoryFile errors, access;
    {
        LogWriter writer(errors.fd(), access.fd());
        LogWriter::Attachment lanes = writer.attach();
        for (int i = 0; i < 100; ++i) CHECK(lanes.access().write("line\n"));
    }
    CHECK_EQ(lines_of(access.text()), 100);
}

TEST_CASE("log writer does not wait for ever for a reader when it ends") {
    Pipe pipe;
    MemoryFile errors;
    LogWriter writer(errors.fd(), pipe.ends[1], 5ms);
    LogWriter::Attachment lanes = writer.attach();
    const std::string line = std::string(999, 'x') + "\n";
    for (int i = 0; i < 200; ++i) lanes.access().write(line);
    // Ends by its own bound; a test that hangs here has failed.
}
