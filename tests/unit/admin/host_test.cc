#include "admin/host.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir::admin;

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
