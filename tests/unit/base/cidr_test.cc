#include "base/cidr.h"

#include "tests/support/doctest.h"

using namespace weir;

namespace {
Ip host(const char* text) {
    return *Ip::parse(text);
}
}  // namespace

TEST_CASE("cidr contains its block and nothing beside it") {
    struct Row {
        const char* block;
        const char* inside[2];
        const char* outside[2];
    };
    const Row rows[] = {
        {"10.0.0.0/8", {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0"}},
        {"10.1.2.3/8", {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0"}},
        {"192.168.4.0/22", {"192.168.4.0", "192.168.7.255"}, {"192.168.3.255", "192.168.8.0"}},
        {"192.168.4.7", {"192.168.4.7", "::ffff:192.168.4.7"}, {"192.168.4.6", "192.168.4.8"}},
        {"0.0.0.0/0", {"0.0.0.0", "255.255.255.255"}, {"::", "::1"}},
        {"::/0", {"::1", "2001:db8::1"}, {"10.0.0.1", "::ffff:10.0.0.1"}},
        {"::1/128", {"::1", "::1"}, {"::2", "127.0.0.1"}},
        {"2001:db8::/33", {"2001:db8::", "2001:db8:7fff:ffff::"}, {"2001:db8:8000::", "2001:db7:ffff::"}},
        {"::ffff:10.0.0.0/104", {"10.0.0.1", "10.255.255.255"}, {"11.0.0.0", "::1"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.block);
        const auto block = Cidr::parse(row.block);
        REQUIRE(block.has_value());
        for (const char* text : row.inside) CHECK(block->contains(host(text)));
        for (const char* text : row.outside) CHECK_FALSE(block->contains(host(text)));
    }
}

TEST_CASE("cidr refuses what is no block") {
    for (const char* row :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10/8", "::/129", "[::1]/128",
          "app.internal", "10.0.0.0/8/8", "10.0.0.1:80", "::ffff:0.0.0.0/90", "unix:/a"}) {
        CAPTURE(row);
        CHECK_FALSE(Cidr::parse(row).has_value());
    }
}
