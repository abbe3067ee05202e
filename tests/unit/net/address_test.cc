#include "net/address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

#include "tests/support/doctest.h"

using namespace weir;
using net::Address;

TEST_CASE("address parses and writes IPv4, IPv6 and unix paths") {
    struct Row {
        const char* text;
        const char* host;
        uint16_t port;
        Address::Family family;
        bool loopback;
    };
    const Row rows[] = {
        {"127.0.0.1:80", "127.0.0.1", 80, Address::Family::v4, true},
        {"10.0.0.11:3000", "10.0.0.11", 3000, Address::Family::v4, false},
        {"255.255.255.255:65535", "255.255.255.255", 65535, Address::Family::v4, false},
        {"[::1]:80", "::1", 80, Address::Family::v6, true},
        {"[2001:db8::1]:443", "2001:db8::1", 443, Address::Family::v6, false},
        {"[::]:8080", "::", 8080, Address::Family::v6, false},
        {"unix:/run/app.sock", "unix:", 0, Address::Family::unix_path, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto address = Address::parse(row.text);
        REQUIRE(address.has_value());
        CHECK_EQ(address->text(), row.text);
        CHECK_EQ(address->host_text(), row.host);
        CHECK_EQ(address->port(), row.port);
        CHECK_EQ(address->family(), row.family);
        CHECK_EQ(address->ip().loopback(), row.loopback);
    }
}

TEST_CASE("address refuses what is not strictly an address with a port") {
    const char* rows[] = {
        "",
        "80",
        ":80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.1:80",
        "127.0.1:80",
        "0x7f.0.0.1:1",
        "010.0.0.1:80",
        "2130706433:80",
        "127.0.0.256:80",
        "1.2.3.4:080",
        "1.2.3.4:+80",
        "1.2.3.4:65536",
        "1.2.3.4:99999999",
        " 1.2.3.4:80",
        "1.2.3.4 :80",
        "::1:80",
        "[::1]",
        "[::1]80",
        "[::1:80",
        "[127.0.0.1:80",
        "[127.0.0.1]:80",
        "[]:80",
        "[fe80::1%lo]:80",
        "localhost:80",
        "app.internal:3000",
        "unix:",
        "unix:relative.sock",
        "unix:@abstract",
    };
    for (const char* row : rows) {
        CAPTURE(row);
        CHECK_FALSE(Address::parse(row).has_value());
    }
    CHECK_FALSE(Address::parse("unix:/" + std::string(107, 'x')).has_value());
    CHECK(Address::parse("unix:/" + std::string(106, 'x')).has_value());
    CHECK_FALSE(Address::parse(std::string_view("unix:/a\0b", 9)).has_value());
    CHECK(Address::parse("127.0.0.1:0", true).has_value());
    CHECK_EQ(Address::parse("127.0.0.1:0", true)->port(), 0);
}

TEST_CASE("address says of a host name that an IP address is wanted") {
    const auto refused = Address::parse("app.internal:3000");
    REQUIRE_FALSE(refused.has_value());
    CHECK_NE(refused.error().message.find("write an IP address"), std::string::npos);
}

TEST_CASE("an IPv4-mapped address is the IPv4 address") {
    const auto plain = Address::parse("10.1.2.3:80");
    const auto mapped = Address::parse("[::ffff:10.1.2.3]:80");
    REQUIRE(mapped.has_value());
    CHECK(*mapped == *plain);
    CHECK_EQ(mapped->text(), "10.1.2.3:80");

    sockaddr_in6 raw{};
    raw.sin6_family = AF_INET6;
    raw.sin6_port = htons(80);
    const uint8_t bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
    std::memcpy(&raw.sin6_addr, bytes, sizeof(bytes));
    const Address from_kernel = Address::from(reinterpret_cast<const sockaddr*>(&raw), sizeof(raw));
    CHECK(from_kernel == *plain);
}

TEST_CASE("what an address fills in for the kernel comes back as the same address") {
    for (const char* text : {"10.1.2.3:80", "[2001:db8::1]:443"}) {
        const Address address = *Address::parse(text);
        sockaddr_storage raw;
        const socklen_t size = address.fill(raw);
        CHECK(Address::from(reinterpret_cast<const sockaddr*>(&raw), size) == address);
    }
    sockaddr_storage raw;
    const socklen_t size = Address::parse("unix:/run/app.sock")->fill(raw);
    sockaddr_un un;
    std::memcpy(&un, &raw, sizeof(un));
    CHECK_EQ(std::string(un.sun_path), "/run/app.sock");
    CHECK_EQ(size, offsetof(sockaddr_un, sun_path) + sizeof("/run/app.sock"));
    const Address peer = Address::from(reinterpret_cast<const sockaddr*>(&raw), size);
    CHECK(peer.is_unix());
    CHECK_EQ(peer.text(), "unix:");
    CHECK_EQ(Address().fill(raw), 0);
}

TEST_CASE("addresses are equal when family, host and port or path are") {
    CHECK(*Address::parse("unix:/a") == *Address::parse("unix:/a"));
    CHECK_FALSE(*Address::parse("unix:/a") == *Address::parse("unix:/b"));
    CHECK_FALSE(*Address::parse("1.2.3.4:1") == *Address::parse("1.2.3.4:2"));
    CHECK_FALSE(*Address::parse("1.2.3.4:1") == *Address::parse("1.2.3.5:1"));
    CHECK_LE(sizeof(Address), 24);
}
