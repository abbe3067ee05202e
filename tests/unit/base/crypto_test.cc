#include "base/crypto.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/hash.h"

#include "tests/support/doctest.h"

using namespace weir;

namespace {
int fills = 0;
void count_up(std::span<unsigned char> into) {
    ++fills;
    for (size_t i = 0; i < into.size(); ++i) into[i] = static_cast<unsigned char>(i);
}
void all_ones(std::span<unsigned char> into) {
    std::fill(into.begin(), into.end(), static_cast<unsigned char>(0xff));
}
constexpr WallTime kWhen{std::chrono::milliseconds(0x017F22E279B0)};  // the example of RFC 9562 A.6
}  // namespace

TEST_CASE("request ids are UUIDs of version 7: time first, version and variant in their places") {
    char text[RequestIds::kSize];
    RequestIds counted(count_up);
    CHECK_EQ(counted.make(kWhen, text), "017f22e2-79b0-7001-8203-040506070809");
    RequestIds ones(all_ones);
    CHECK_EQ(ones.make(kWhen + std::chrono::microseconds(999), text), "017f22e2-79b0-7fff-bfff-ffffffffffff");
}

TEST_CASE("request ids use every random byte once and fetch 4 KiB at a time") {
    fills = 0;
    RequestIds ids(count_up);
    char text[RequestIds::kSize];
    std::string last;
    for (int i = 0; i < 409; ++i) last = ids.make(kWhen, text);
    CHECK_EQ(fills, 1);
    CHECK_EQ(last.substr(24), "f4f5f6f7f8f9");  // bytes 4080 to 4089
    last = ids.make(kWhen, text);
    CHECK_EQ(fills, 2);
    CHECK_EQ(last, "017f22e2-79b0-7001-8203-040506070809");
}

TEST_CASE("request ids of the system's random bytes do not repeat") {
    RequestIds ids;
    std::set<std::string> seen;
    char text[RequestIds::kSize];
    for (int i = 0; i < 2'000; ++i) seen.emplace(ids.make(kWhen, text));
    CHECK_EQ(seen.size(), 2'000);
}

TEST_CASE("random seeds differ") {
    CHECK_NE(random_seed(), random_seed());
}

TEST_CASE("seeded hash tells texts of every size apart and depends on its seed") {
    std::set<uint64_t> seen;
    std::string text;
    size_t made = 0;
    for (int size = 0; size < 40; ++size) {
        seen.insert(seeded_hash(text, 1));
        seen.insert(seeded_hash(text, 2));
        made += 2;
        for (size_t i = 0; i < text.size(); ++i) {
            std::string other = text;
            other[i] = 'b';
            seen.insert(seeded_hash(other, 1));
            ++made;
        }
        text += 'a';
    }
    CHECK_EQ(seen.size(), made);
    CHECK_EQ(seeded_hash("same", 3), seeded_hash(std::string("same"), 3));
}

TEST_CASE("seeded hash spreads names that differ little over few buckets") {
    std::array<int, 64> buckets{};
    for (int i = 0; i < 6'400; ++i) ++buckets[seeded_hash("host" + std::to_string(i) + ".example.com", 5) % 64];
    CHECK_GT(*std::min_element(buckets.begin(), buckets.end()), 50);
    CHECK_LT(*std::max_element(buckets.begin(), buckets.end()), 160);
}
