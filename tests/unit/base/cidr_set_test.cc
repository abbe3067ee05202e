#include "base/cidr_set.h"

#include <random>

#include "tests/support/doctest.h"

using namespace weir;

namespace {

Ip host(const char* text) {
    return *Ip::parse(text);
}

std::vector<Cidr> blocks_of(std::initializer_list<const char*> texts) {
    std::vector<Cidr> blocks;
    for (const char* text : texts) blocks.push_back(*Cidr::parse(text));
    return blocks;
}

bool in_any(const std::vector<Cidr>& blocks, const Ip& ip) {
    for (const Cidr& block : blocks)
        if (block.contains(ip)) return true;
    return false;
}

}  // namespace

TEST_CASE("a set of blocks that overlap, touch or repeat answers as all of them do") {
    const std::vector<Cidr> blocks =
        blocks_of({"10.1.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/25", "192.168.0.128/25",
                   "192.168.0.128/25", "fd00::/8", "::1", "10.255.0.0/16"});
    const CidrSet set(blocks);
    for (uint32_t i = 0; i < 100'000; ++i) {
        const uint32_t bits = i * 2654435761U;  // spreads over all of IPv4
        const Ip address = Ip::v4({static_cast<uint8_t>(bits >> 24), static_cast<uint8_t>(bits >> 16),
                                   static_cast<uint8_t>(bits >> 8), static_cast<uint8_t>(bits)});
        REQUIRE_EQ(set.contains(address), in_any(blocks, address));
    }
    CHECK(set.contains(host("192.168.0.200")));
    CHECK(set.contains(host("fdff::1")));
    CHECK_FALSE(set.contains(host("fe00::1")));
    CHECK_FALSE(CidrSet().contains(host("10.0.0.1")));
    CHECK(CidrSet().empty());
}

TEST_CASE("everything is in 0.0.0.0/0 or in ::/0, and nothing in both") {
    const CidrSet v4(blocks_of({"10.0.0.0/8", "0.0.0.0/0"}));
    const CidrSet v6(blocks_of({"::/0", "fd00::/8"}));
    for (const char* text : {"0.0.0.0", "255.255.255.255", "10.0.0.1", "::ffff:10.0.0.1"}) {
        CHECK(v4.contains(host(text)));
        CHECK_FALSE(v6.contains(host(text)));
    }
    for (const char* text : {"::", "::1", "ffff::", "fd00::1"}) {
        CHECK(v6.contains(host(text)));
        CHECK_FALSE(v4.contains(host(text)));
    }
}

TEST_CASE("random sets answer as their blocks one by one, whatever the order they came in") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        CAPTURE(round);
        std::vector<Cidr> blocks;
        for (int i = 0; i < 40; ++i) {
            // Few bits differ, so that they nest, touch and part late.
            const unsigned byte = random() % 4;
            const bool v4 = random() % 2 == 0;
            const std::string text = v4 ? "10.0." + std::to_string(byte) + "." + std::to_string(random() % 256) + "/" +
                                              std::to_string(14 + random() % 19)
                                        : "2001:db8::" + std::to_string(byte) + ":" + std::to_string(random() % 100) +
                                              "/" + std::to_string(90 + random() % 39);
            blocks.push_back(*Cidr::parse(text));
        }
        const CidrSet set(blocks);
        for (int i = 0; i < 200; ++i) {
            const std::string text =
                i % 2 == 0 ? "10." + std::to_string(random() % 2) + "." + std::to_string(random() % 6) + "." +
                                 std::to_string(random() % 256)
                           : "2001:db8::" + std::to_string(random() % 6) + ":" + std::to_string(random() % 120);
            CAPTURE(text);
            REQUIRE_EQ(set.contains(host(text.c_str())), in_any(blocks, host(text.c_str())));
        }
    }
}
