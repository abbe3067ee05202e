#include "base/piece.h"

#include <string>

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
    PieceQueue queue;
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
    PieceQueue queue;
    for (int i = 0; i < 20; ++i) queue.push(piece_of(store.take(), 0, 100));
    CHECK_EQ(store.bytes_in_use(), 20 * SlabStore::kCapacity);
    queue.consume(1950);
    CHECK_EQ(store.bytes_in_use(), SlabStore::kCapacity);
    CHECK_EQ(queue.bytes(), 50);
    queue.consume(50);
    CHECK(queue.empty());
    CHECK_EQ(store.bytes_in_use(), 0);
}

TEST_CASE("a slab wider than usual holds what was asked for and is not kept") {
    SlabStore store;
    { CHECK_GE(store.take(40'000)->capacity(), 40'000); }
    CHECK_EQ(store.bytes_in_use(), 0);
}
