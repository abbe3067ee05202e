#include "base/piece.h"

#include <string>

#include "base/scratch.h"

#include "tests/support/doctest.h"

using namespace weir;

namespace {
Piece piece_of(SlabRef slab, size_t from, size_t size) {
    const char* at = slab->data() + from;
    return Piece{std::move(slab), at, size};
}
}  // namespace

TEST_CASE("piece queue merges pieces that lie side by side in one slab") {
    SlabStore store;
    SlabRef slab = store.take();
    PieceRings rings;
    PieceQueue queue(rings);
    queue.push(piece_of(slab, 0, 10));
    queue.push(piece_of(slab, 10, 5));
    queue.push(piece_of(slab, 20, 5));
    struct iovec into[8];
    CHECK_EQ(queue.segments(into, 8), 2);
    CHECK_EQ(into[0].iov_len, 15);
    CHECK_EQ(queue.bytes(), 20);
}

TEST_CASE("piece queue gives slabs back as they are consumed") {
    SlabStore store;
    PieceRings rings;
    PieceQueue queue(rings);
    for (int i = 0; i < 20; ++i) queue.push(piece_of(store.take(), 0, 100));
    CHECK_EQ(store.bytes_in_use(), 20 * SlabStore::kCapacity);
    queue.consume(1950);
    CHECK_EQ(store.bytes_in_use(), SlabStore::kCapacity);
    CHECK_EQ(queue.bytes(), 50);
    queue.consume(50);
    CHECK(queue.empty());
    CHECK_EQ(store.bytes_in_use(), 0);
}

TEST_CASE("piece queue gives its ring back when it is empty, and the next one uses it") {
    SlabStore store;
    PieceRings rings;
    PieceQueue first(rings);
    PieceQueue second(rings);
    first.push(piece_of(store.take(), 0, 10));
    CHECK_EQ(rings.take(), nullptr);
    first.consume(10);
    auto ring = rings.take();
    REQUIRE_NE(ring, nullptr);
    CHECK_FALSE(ring[0].slab);
    rings.give_back(std::move(ring));
    second.push(piece_of(store.take(), 0, 10));
    CHECK_EQ(rings.take(), nullptr);
    second.clear();
    CHECK_NE(rings.take(), nullptr);
    CHECK_EQ(store.bytes_in_use(), 0);
}

TEST_CASE("piece queue keeps its order when it outgrows its ring behind pieces that have left") {
    const std::string text = "abcdefghijklmnopqrstuvwxyz";
    PieceRings rings;
    PieceQueue queue(rings);
    for (size_t i = 0; i < 6; ++i) queue.push(Piece{SlabRef(), &text[2 * i], 1});
    queue.consume(5);
    for (size_t i = 6; i < 13; ++i) queue.push(Piece{SlabRef(), &text[2 * i], 1});
    for (size_t i = 0; i < 10; ++i) queue.push(Piece{SlabRef(), &text[2 * i + 1], 1});
    struct iovec into[64];
    std::string left;
    const int count = queue.segments(into, 64);
    for (int i = 0; i < count; ++i) left.append(static_cast<const char*>(into[i].iov_base), into[i].iov_len);
    CHECK_EQ(left, "kmoqsuwybdfhjlnprt");
}

TEST_CASE("a slab wider than usual holds what was asked for and is not kept") {
    SlabStore store;
    { CHECK_GE(store.take(40'000)->capacity(), 40'000); }
    CHECK_EQ(store.bytes_in_use(), 0);
}

TEST_CASE("scratch begins again where the memory is warm once all that was written has left, and not before") {
    SlabStore slabs;
    Scratch scratch(slabs);
    Piece first = scratch.copy("first");
    const char* const start = first.data;
    Piece second = scratch.copy("second");
    CHECK_EQ(second.data, start + 5);
    first = Piece();
    const Piece third = scratch.copy("third");
    CHECK_EQ(third.data, start + 11);
    CHECK_EQ(second.view(), "second");
    second = Piece();
    CHECK_EQ(scratch.copy("x").data, start + 16);  // the third is still on its way
}

TEST_CASE("scratch writes over what has left") {
    SlabStore slabs;
    Scratch scratch(slabs);
    const char* const start = scratch.copy("gone").data;
    const Piece piece = scratch.copy("here");
    CHECK_EQ(piece.data, start);
    CHECK_EQ(piece.view(), "here");
}
