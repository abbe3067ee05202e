#include "base/ip.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir;

TEST_CASE("ip has one spelling for an address and none for what is no address") {
    struct Row {
        const char* sent;
        const char* text;
    };
    const Row rows[] = {{"255.255.255.255", "255.255.255.255"},
                        {"0.0.0.0", "0.0.0.0"},
                        {"2001:0DB8:0:0:0:0:0:0001", "2001:db8::1"},
                        {"::FFFF:1.2.3.4", "1.2.3.4"},
                        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
    for (const Row& row : rows) {
        CAPTURE(row.sent);
        const auto ip = Ip::parse(row.sent);
        REQUIRE(ip.has_value());
        CHECK_EQ(ip->text(), row.text);
        CHECK(*Ip::parse(row.text) == *ip);
    }
    for (const std::string& bad :
         {std::string(), std::string("1.2.3"), std::string("1.2.3.256"), std::string("01.2.3.4"),
          std::string("1.2.3.4 "), std::string(":"), std::string("[::1]"), std::string("1:2"), std::string("unknown"),
          std::string("10.0.0.1:80"), std::string("1.2.3.4\0x", 9), std::string(100, ':')}) {
        CAPTURE(bad);
        CHECK_FALSE(Ip::parse(bad).has_value());
    }
}

TEST_CASE("ip stands in brackets where it is IPv6, and only then") {
    CHECK_EQ(Ip::parse_bracketed("[::1]")->text(), "::1");
    CHECK_EQ(Ip::parse_bracketed("[::ffff:10.1.2.3]")->text(), "10.1.2.3");
    for (const char* bad : {"", "[", "[]", "[::1", "::1]", "::1", "[10.0.0.1]", "[[::1]]"}) {
        CAPTURE(std::string(bad));
        CHECK_FALSE(Ip::parse_bracketed(bad).has_value());
    }
}

TEST_CASE("ip tells the families and this machine apart") {
    CHECK(Ip::parse("::ffff:127.0.0.1")->is_v4());
    CHECK(Ip::parse("::ffff:127.0.0.1")->loopback());
    CHECK(Ip::parse("127.255.0.1")->loopback());
    CHECK(Ip::parse("::1")->loopback());
    CHECK_FALSE(Ip::parse("::2")->loopback());
    CHECK_FALSE(Ip::parse("128.0.0.1")->loopback());
    CHECK_FALSE(Ip::parse("::127.0.0.1")->loopback());
}
