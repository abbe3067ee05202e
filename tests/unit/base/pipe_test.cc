#include "base/pipe.h"

#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "base/piece.h"

#include "tests/support/doctest.h"

using namespace weir;

namespace {
void fill(Pipe& pipe, std::string_view text) {
    REQUIRE_EQ(write(pipe.in(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    pipe.filled(text.size());
}
void drain(Pipe& pipe, size_t count) {
    std::string text(count, '\0');
    REQUIRE_EQ(read(pipe.out(), text.data(), count), static_cast<ssize_t>(count));
    pipe.drained(count);
}
}  // namespace

TEST_CASE("a store lends as many pipes as it may have open, and none at first") {
    SlabStore store;
    CHECK_FALSE(store.take_pipe());
    store.allow_pipes(2);
    SlabRef first = store.take_pipe();
    const SlabRef second = store.take_pipe();
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(store.take_pipe());
    CHECK_EQ(store.pipes_in_use(), 2);
    first = SlabRef();
    CHECK_EQ(store.pipes_in_use(), 1);
    CHECK(store.take_pipe());
}

TEST_CASE("an empty pipe is lent again, one with bytes left is closed") {
    SlabStore store;
    store.allow_pipes(1);
    int before = -1;
    {
        const SlabRef pipe = store.take_pipe();
        before = pipe->pipe().in();
        fill(pipe->pipe(), "bytes");
        drain(pipe->pipe(), 5);
    }
    {
        const SlabRef pipe = store.take_pipe();
        CHECK_EQ(pipe->pipe().in(), before);
        fill(pipe->pipe(), "left");
        drain(pipe->pipe(), 1);
    }
    CHECK_LT(write(before, "x", 1), 0);
    const SlabRef pipe = store.take_pipe();
    REQUIRE(pipe);
    char byte;
    CHECK_LT(read(pipe->pipe().out(), &byte, 1), 0);
}

TEST_CASE("without a descriptor left there is no pipe, and later there is one again") {
    SlabStore store;
    store.allow_pipes(1);
    rlimit limit{};
    REQUIRE_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 3;
    REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK_FALSE(store.take_pipe());
    limit.rlim_cur = before;
    REQUIRE_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    CHECK(store.take_pipe());
}

TEST_CASE("pieces of one pipe in a row are one, and memory before and behind them keeps its place") {
    SlabStore store;
    store.allow_pipes(1);
    PieceRings rings;
    PieceQueue queue(rings);
    SlabRef pipe = store.take_pipe();
    fill(pipe->pipe(), "pipedpiped");
    queue.push(Piece{SlabRef(), "head", 4});
    queue.push(Piece::in_pipe(pipe, 5));
    queue.push(Piece::in_pipe(pipe, 5));
    queue.push(Piece{SlabRef(), "tail", 4});
    CHECK_EQ(queue.bytes(), 18);
    struct iovec segments[PieceQueue::kMaxSegments];
    CHECK_EQ(queue.segments(segments, PieceQueue::kMaxSegments), 1);
    queue.consume(4);
    REQUIRE(queue.front().is_in_pipe());
    CHECK_EQ(queue.front().size, 10);
    CHECK_EQ(queue.segments(segments, PieceQueue::kMaxSegments), 0);
    drain(pipe->pipe(), 7);
    queue.consume(7);
    CHECK(queue.front().is_in_pipe());
    drain(pipe->pipe(), 3);
    pipe = SlabRef();
    CHECK_EQ(store.pipes_in_use(), 1);  // the queue still has it
    queue.consume(3);
    CHECK_EQ(store.pipes_in_use(), 0);
    CHECK_EQ(queue.front().view(), "tail");
}
