#include "proxy/replay.h"

#include <cstring>
#include <string>

#include "tests/support/doctest.h"

using namespace weir;
using proxy::Replay;

namespace {

Piece piece_of(SlabStore& slabs, std::string_view text) {
    SlabRef slab = slabs.take();
    std::memcpy(slab->data(), text.data(), text.size());
    char* const at = slab->data();
    return {std::move(slab), at, text.size()};
}
std::string all_of(const Replay& replay) {
    std::string all;
    replay.send_again([&all](const Piece& piece) { all += piece.view(); });
    return all;
}

}  // namespace

TEST_CASE("what was kept is given again, as often as it is asked for") {
    SlabStore slabs;
    Replay replay(slabs);
    replay.begin(64 * 1024, nullptr);
    CHECK(replay.whole());
    CHECK_EQ(all_of(replay), "");
    replay.keep(piece_of(slabs, "one, "));
    replay.keep(piece_of(slabs, std::string(5000, 'x')));
    replay.keep(piece_of(slabs, "two"));
    const std::string all = "one, " + std::string(5000, 'x') + "two";
    CHECK_EQ(all_of(replay), all);
    CHECK_EQ(all_of(replay), all);
    CHECK_EQ(replay.bytes(), all.size());
}

TEST_CASE("what is longer than may be kept is given up whole, and its slabs go back") {
    SlabStore slabs;
    Replay replay(slabs);
    replay.begin(10'000, nullptr);
    replay.keep(piece_of(slabs, std::string(6000, 'x')));
    replay.keep(piece_of(slabs, std::string(4000, 'x')));
    CHECK(replay.whole());
    replay.keep(piece_of(slabs, "x"));
    CHECK_FALSE(replay.whole());
    CHECK_EQ(slabs.bytes_in_use(), 0);
    replay.keep(piece_of(slabs, "x"));
    CHECK_FALSE(replay.whole());
    replay.begin(0, nullptr);
    CHECK(replay.whole());
    replay.keep(piece_of(slabs, "x"));
    CHECK_FALSE(replay.whole());
}

TEST_CASE("many short pieces hold no more than a few slabs") {
    SlabStore slabs;
    Replay replay(slabs);
    replay.begin(64 * 1024, nullptr);
    std::string all;
    for (int i = 0; i < 16 * 1024; ++i) {
        replay.keep(piece_of(slabs, "abcd"));
        all += "abcd";
    }
    CHECK_EQ(all_of(replay), all);
    CHECK_LE(slabs.bytes_in_use(), 5 * SlabStore::kSlabBytes);
    CHECK_LE(replay.pieces(), 5);
}

TEST_CASE("what lies in the head's slab is not copied") {
    SlabStore slabs;
    const Piece head = piece_of(slabs, "{}");
    Replay replay(slabs);
    replay.begin(64 * 1024, head.slab.get());
    replay.keep(head);
    CHECK_EQ(slabs.bytes_in_use(), SlabStore::kCapacity);
    CHECK_EQ(all_of(replay), "{}");
}

TEST_CASE("a pipe takes it away, and so does a want of buffers") {
    SlabStore slabs;
    slabs.allow_pipes(1);
    Replay replay(slabs);
    replay.begin(64 * 1024, nullptr);
    replay.keep(Piece::in_pipe(slabs.take_pipe(), 5));
    CHECK_FALSE(replay.whole());

    Quota quota;
    quota.set_limit(4 * SlabStore::kSlabBytes);
    SlabStore few;
    few.share(quota, 1);
    Replay kept(few);
    kept.begin(64 * 1024, nullptr);
    kept.keep(piece_of(few, std::string(5000, 'x')));
    CHECK(kept.whole());
    SlabRef others[] = {few.take(), few.take(), few.take(), few.take()};
    kept.keep(others[0] ? Piece{others[0], others[0]->data(), 5000} : Piece());
    CHECK_FALSE(kept.whole());
}
