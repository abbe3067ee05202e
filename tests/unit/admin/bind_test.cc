#include "admin/bind.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::admin;

TEST_CASE("the admin binds addresses of both families, and the kernel may choose the port") {
    for (const std::string text : {"127.0.0.1:0", "[::1]:0", ":0", "0", "[::]:0", "0.0.0.0:0"}) {
        INFO(text);
        const Result<Bound> bound = bind_address(text);
        if (!bound && bound.error().code == EADDRNOTAVAIL) continue;  // a machine without IPv6
        REQUIRE(bound.has_value());
        CHECK_GT(bound->port, 0);
        ::close(bound->fd);
    }
}

TEST_CASE("the admin refuses text that is no address") {
    for (const std::string text : {"", ":", "localhost:9180", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                   "127.0.0.1:65536", "127.0.0.1:-1", "::1:9180", "[127.0.0.1]:9180", "[::1]", "[]:1",
                                   "unix:/run/x", "1.2.3:9180", "127.0.0.1 :9180", "127.0.0.1: 9180"}) {
        INFO(text);
        const Result<Bound> bound = bind_address(text);
        REQUIRE_FALSE(bound.has_value());
        CHECK_EQ(bound.error().code, EINVAL);
        CHECK(bound.error().message.find("admin address " + text) == 0);
    }
}

TEST_CASE("an admin address that is taken says so") {
    const Result<Bound> first = bind_address("127.0.0.1:0");
    REQUIRE(first.has_value());
    const std::string text = "127.0.0.1:" + std::to_string(first->port);
    const Result<Bound> second = bind_address(text);
    REQUIRE_FALSE(second.has_value());
    CHECK_EQ(second.error().code, EADDRINUSE);
    CHECK_EQ(second.error().message, "admin address " + text + ": address in use");
    ::close(first->fd);
    const Result<Bound> third = bind_address(text);
    CHECK(third.has_value());
    if (third) ::close(third->fd);
}

TEST_CASE("only IP literals and localhost are hosts of the admin") {
    for (const std::string host : {"127.0.0.1", "127.0.0.1:9180", "[::1]", "[::1]:9180", "localhost", "LocalHost:80",
                                   "10.1.2.3:1", "[2001:db8::1]:9180", "localhost:"}) {
        INFO(host);
        CHECK(literal_or_localhost(host));
    }
    for (const std::string host : {"",
                                   ":",
                                   ":9180",
                                   "evil.example",
                                   "evil.example:9180",
                                   "localhost.evil.example",
                                   "127.0.0.1.evil.example",
                                   "127.0.0.1.",
                                   "[::1].evil.example",
                                   "[evil.example]:80",
                                   "[]",
                                   "::1",
                                   "0x7f.1",
                                   "127.1",
                                   "2130706433",
                                   "localhost:80x",
                                   "127.0.0.1:80:80",
                                   "evil.example:127.0.0.1",
                                   "user@127.0.0.1",
                                   "127.0.0.1/x",
                                   " 127.0.0.1"}) {
        INFO(host);
        CHECK_FALSE(literal_or_localhost(host));
    }
}
