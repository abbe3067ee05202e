#include <random>
#include <string>

#include "http/message.h"
#include "http/target.h"

#include "tests/support/doctest.h"

using namespace weir::http;

namespace {

const Refusal* normalise(RequestHead& head, std::string_view target) {
    head.method = Method::get;
    head.target_text = target;
    head.fields.clear();
    head.fields.add(Field(HeaderName::host, "Host", "h"));
    return normalise_target(head);
}

struct PathRow {
    const char* rfc;
    std::string sent;
    const char* path;
    const char* forward;  // null: as sent, without the query
    const char* query = "";
};

struct RefusedPath {
    const char* rfc;
    std::string sent;
};

const PathRow kPaths[] = {
    // What came normal stays as it is.
    {"RFC 9112 3.2.1", "/", "/", nullptr},
    {"RFC 9112 3.2.1", "/api/items?page=2", "/api/items", nullptr, "?page=2"},
    {"RFC 9112 3.2.1", "/?", "/", nullptr, "?"},
    {"RFC 9112 3.2.1", "/a?b?c/../d;e", "/a", nullptr, "?b?c/../d;e"},
    {"RFC 3986 6.2.2.1", "/Api/ITEMS", "/Api/ITEMS", nullptr},
    {"RFC 3986 3.3", "/a//b", "/a//b", nullptr},
    {"RFC 3986 3.3", "//", "//", nullptr},
    {"RFC 3986 3.3", "/a/b/", "/a/b/", nullptr},
    {"RFC 3986 3.3", "/-._~!$&'()*+,=:@", "/-._~!$&'()*+,=:@", nullptr},
    {"browsers send it", "/a|b\"[c]^{d}`<e>", "/a|b\"[c]^{d}`<e>", nullptr},
    {"RFC 3986 3.4", "/s?q=100%&r=\\x", "/s", nullptr, "?q=100%&r=\\x"},
    {"RFC 3986 3.4", "/s?q=%00%zz", "/s", nullptr, "?q=%00%zz"},
    {"browsers send it", "/s?a[]=|^{}\"", "/s", nullptr, "?a[]=|^{}\""},
    {"RFC 8615 3", "/.well-known/acme-challenge/x", "/.well-known/acme-challenge/x", nullptr},
    {"RFC 3986 5.2.4", "/a/...", "/a/...", nullptr},
    {"RFC 3986 5.2.4", "/a/.../b", "/a/.../b", nullptr},
    {"RFC 3986 5.2.4", "/a/..b/.c/d../e.", "/a/..b/.c/d../e.", nullptr},
    // Dot segments (RFC 3986 5.2.4).
    {"RFC 3986 5.2.4", "/a/b/c/./../../g", "/a/g", "/a/g"},
    {"RFC 3986 5.2.4", "/./", "/", "/"},
    {"RFC 3986 5.2.4", "/.", "/", "/"},
    {"RFC 3986 5.2.4", "/a/.", "/a/", "/a/"},
    {"RFC 3986 5.2.4", "/a/..", "/", "/"},
    {"RFC 3986 5.2.4", "/a/../", "/", "/"},
    {"RFC 3986 5.2.4", "/a/b/..", "/a/", "/a/"},
    {"RFC 3986 5.2.4", "/a/b/../c", "/a/c", "/a/c"},
    {"RFC 3986 5.2.4", "/a/..?x=/../", "/", "/", "?x=/../"},
    {"RFC 3986 5.2.4", "/a//../b", "/a/b", "/a/b"},
    {"RFC 3986 5.2.4", "//../b", "/b", "/b"},
    {"RFC 3986 5.2.4", "/a/..//b", "//b", "//b"},
    {"RFC 3986 5.2.4", "/a/./..b/../c", "/a/c", "/a/c"},
    {"RFC 3986 5.2.4", "/static/../admin", "/admin", "/admin"},
    // Escapes of unreserved characters (RFC 3986 6.2.2.2).
    {"RFC 3986 6.2.2.2", "/%61pi", "/api", "/api"},
    {"RFC 3986 6.2.2.2", "/%41%7a%30%39%2D%5f%7E", "/Az09-_~", "/Az09-_~"},
    {"RFC 3986 6.2.2.2", "/a%2Eb", "/a.b", "/a.b"},
    {"RFC 3986 2.2", "/a%2Fb", "/a%2Fb", nullptr},
    {"RFC 3986 2.2", "/a%2fb", "/a%2fb", nullptr},
    {"RFC 3986 2.2", "/a%2f..%2fb", "/a%2f..%2fb", nullptr},
    {"RFC 3986 2.2", "/a%5Cb", "/a%5Cb", nullptr},
    {"RFC 3986 2.2", "/a%3Fb%23c%20d%22", "/a%3Fb%23c%20d%22", nullptr},
    {"RFC 3986 2.4", "/a%2561", "/a%2561", nullptr},
    {"RFC 3986 2.4", "/%252e%252e/b", "/%252e%252e/b", nullptr},
    {"RFC 3986 2.4", "/%25%32%65/b", "/%252e/b", "/%252e/b"},
    {"RFC 3629 3", "/%c0%ae%c0%ae/b", "/%c0%ae%c0%ae/b", nullptr},
    {"RFC 3629 3", "/%e4%bd%a0", "/%e4%bd%a0", nullptr},
    {"RFC 3986 2.4", "/%ff%80", "/%ff%80", nullptr},
    {"RFC 3986 2.4", "/%u002e/b?%u", nullptr, nullptr, nullptr},
    // Escaped dots make dot segments.
    {"RFC 3986 5.2.4", "/a/%2e%2e/b", "/b", "/b"},
    {"RFC 3986 5.2.4", "/a/.%2E/b", "/b", "/b"},
    {"RFC 3986 5.2.4", "/a/%2E./b", "/b", "/b"},
    {"RFC 3986 5.2.4", "/a/%2e/b", "/a/b", "/a/b"},
    {"RFC 3986 5.2.4", "/a/%2e", "/a/", "/a/"},
    // Parameters: cut before dot segments are removed, forwarded as they came.
    {"RFC 3986 3.3", "/a;v=1/b", "/a/b", nullptr},
    {"RFC 3986 3.3", "/a;v=1;w=2", "/a", nullptr},
    {"RFC 3986 3.3", "/a;", "/a", nullptr},
    {"RFC 3986 3.3", "/;a/b", "//b", nullptr},
    {"RFC 3986 3.3", "/a;x=%2e%2e/b", "/a/b", nullptr},
    {"RFC 3986 3.3", "/a;jsessionid=1?b;c", "/a", nullptr, "?b;c"},
    {"RFC 3986 3.3", "/%61;x=%61/b", "/a/b", "/a;x=%61/b"},
    {"RFC 3986 3.3", "/a;p/./b;q", "/a/b", "/a;p/b;q"},
    {"RFC 3986 3.3", "/a/..;/b", "/b", "/b"},
    {"RFC 3986 3.3", "/a/..;x/b", "/b", "/b"},
    {"RFC 3986 3.3", "/a/..;x=/;y/b", "//b", "/;y/b"},
    {"RFC 3986 3.3", "/.;a/b", "/b", "/b"},
    {"RFC 3986 3.3", "/a/.;a", "/a/", "/a/"},
    {"RFC 3986 3.3", "/a/..;a", "/", "/"},
    {"RFC 3986 3.3", "/a;p/../b", "/b", "/b"},
    {"RFC 3986 3.3", "/a/;p/../b", "/a/b", "/a/b"},
    {"RFC 3986 3.3", "/a/%2e%2e;x/b", "/b", "/b"},
    {"RFC 3986 2.2", "/a/..%3b/b", "/a/..%3b/b", nullptr},
    {"RFC 3986 2.2", "/a%3bx/b", "/a%3bx/b", nullptr},
};

const RefusedPath kRefused[] = {
    {"RFC 3986 3.3", "/a\\b"},
    {"RFC 3986 3.3", "/..\\a"},
    {"RFC 3986 3.3", "/a;\\b"},
    {"RFC 3986 7.3", "/a%00b"},
    {"RFC 3986 7.3", "/a%0d%0aX:y"},
    {"RFC 3986 7.3", "/a%1F"},
    {"RFC 3986 7.3", "/a%7f"},
    {"RFC 3986 7.3", "/a;b=%00"},
    {"RFC 3986 7.3", "/a/..;%00/b"},
    {"RFC 3986 7.3", "/a/.;b=%0d"},
    {"RFC 3986 2.1", "/a/..;%zz"},
    {"RFC 3986 2.1", "/a%"},
    {"RFC 3986 2.1", "/a%2"},
    {"RFC 3986 2.1", "/a%2/b"},
    {"RFC 3986 2.1", "/a%zz"},
    {"RFC 3986 2.1", "/a%2gb"},
    {"RFC 3986 2.1", "/a%%32e"},
    {"RFC 3986 2.1", "/a%u002e"},
    {"RFC 3986 2.1", "/a;b=%2"},
    {"RFC 3986 2.1", "/a%2?e"},
    {"RFC 3986 2.1", "/a/b%2;e/c"},
    {"RFC 3986 5.2.4", "/.."},
    {"RFC 3986 5.2.4", "/../a"},
    {"RFC 3986 5.2.4", "/a/../.."},
    {"RFC 3986 5.2.4", "/a/../../b"},
    {"RFC 3986 5.2.4", "/./../a"},
    {"RFC 3986 5.2.4", "/%2e%2e/a"},
    {"RFC 3986 5.2.4", "/.%2e"},
    {"RFC 3986 5.2.4", "/..;/a"},
    {"RFC 3986 5.2.4", "/a/..;x/..;y/b"},
    {"RFC 9110 4.2.5", "/a#b"},
    {"RFC 9110 4.2.5", "/a?b#c"},
    {"RFC 3986 2", "/a b"},
    {"RFC 3986 2", "/a\tb"},
    {"RFC 3986 2", std::string("/a\0b", 4)},
    {"RFC 3986 2", "/a\x7f"},
    {"RFC 3986 2", "/caf\xc3\xa9"},
    {"RFC 3986 2", "/a?b\x80"},
    {"RFC 3986 2", "/a?b\x01"},
    {"RFC 3986 2", "/a?b c"},
};

}  // namespace

TEST_CASE("target brings paths into their normal form and forwards what came where that changed nothing") {
    RequestHead head;
    for (const PathRow& row : kPaths) {
        CAPTURE(row.sent);
        CAPTURE(std::string(row.rfc));
        const auto refusal = normalise(head, row.sent);
        REQUIRE_EQ(refusal != nullptr, row.path == nullptr);
        if (refusal) continue;
        CHECK_EQ(head.target.path, row.path);
        const std::string sent = row.sent.substr(0, row.sent.find('?'));
        CHECK_EQ(head.target.forward_path, row.forward == nullptr ? sent : row.forward);
        if (row.forward == nullptr) CHECK_EQ(head.target.forward_path.data(), head.target_text.data());
        CHECK_EQ(head.target.query, row.query);
        CHECK_EQ(head.target.host, "h");
    }
}

TEST_CASE("target normalises what it forwards to the same path again") {
    RequestHead first;
    RequestHead second;
    for (const PathRow& row : kPaths) {
        if (row.path == nullptr) continue;
        CAPTURE(row.sent);
        REQUIRE(!normalise(first, row.sent));
        REQUIRE(!normalise(second, first.target.forward_path));
        CHECK_EQ(second.target.path, first.target.path);
        CHECK_EQ(second.target.forward_path, first.target.forward_path);
    }
}

TEST_CASE("target forwards no dot segment and matches no parameter, whatever random paths come") {
    std::mt19937 random(1);
    const std::string_view parts[] = {"/", "/", "..", ".", ";", "%2e", "%2F", "a", "%61", "%3b", "x", "%25", "2e"};
    RequestHead head;
    RequestHead again;
    int passed = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string sent = "/";
        for (auto i = random() % 12; i > 0; --i) sent += parts[random() % std::size(parts)];
        CAPTURE(sent);
        if (normalise(head, sent)) continue;
        ++passed;
        const std::string path(head.target.path);
        REQUIRE_EQ(path.find(';'), path.npos);
        for (const char* dots : {"/../", "/./", "%2e", "%61"}) REQUIRE_EQ((path + "/").find(dots), path.npos);
        const std::string forward(head.target.forward_path);
        REQUIRE(!normalise(again, forward));
        REQUIRE_EQ(again.target.path, path);
        REQUIRE_EQ(again.target.forward_path, forward);
    }
    CHECK_GT(passed, 5'000);
}

TEST_CASE("target refuses paths and queries that two readers could read differently") {
    RequestHead head;
    for (const RefusedPath& row : kRefused) {
        CAPTURE(row.sent);
        const auto refusal = normalise(head, row.sent);
        CHECK(refusal);
        if (!refusal) continue;
        CHECK_EQ(refusal->status, 400);
        CHECK_EQ(std::string_view(refusal->rfc), row.rfc);
    }
}
