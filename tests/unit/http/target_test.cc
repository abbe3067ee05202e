#include "http/target.h"

#include <string>

#include "http/message.h"

#include "tests/support/doctest.h"

using namespace weir::http;

namespace {

constexpr const char* kNoHost = nullptr;

const Refusal* normalise(RequestHead& head, Method method, std::string_view target, const char* host) {
    head.method = method;
    head.target_text = target;
    head.fields.clear();
    if (host != kNoHost) head.fields.add(Field(HeaderName::host, "Host", host));
    return normalise_target(head);
}

struct RefusedRow {
    const char* rfc;
    Method method;
    std::string target;
    std::string host;
};

struct RefusedHost {
    const char* rfc;
    std::string sent;
};

struct HostRow {
    const char* rfc;
    const char* sent;
    const char* host;
    int port;
};

const RefusedRow kRefusedForms[] = {
    {"RFC 9112 3.2", Method::get, "", "h"},
    {"RFC 9112 3.2.4", Method::get, "*", "h"},
    {"RFC 9112 3.2.4", Method::other, "*", "h"},
    {"RFC 9112 3.2", Method::options, "*a", "h"},
    {"RFC 9112 3.2", Method::options, "**", "h"},
    {"RFC 9112 3.2", Method::options, "*?a", "h"},
    {"RFC 9112 3.2", Method::get, "api/items", "h"},
    {"RFC 9112 3.2", Method::get, "?a", "h"},
    {"RFC 9112 3.2", Method::get, "%2fapi", "h"},
    {"RFC 9112 3.2", Method::get, ";/api", "h"},
    {"RFC 9112 3.2", Method::get, "http:", "h"},
    {"RFC 9112 3.2", Method::get, "http:/a", "h"},
    {"RFC 9112 3.2", Method::get, "http:a", "h"},
    {"RFC 9112 3.2.2", Method::get, "ftp://h/", "h"},
    {"RFC 9112 3.2.2", Method::get, "ws://h/", "h"},
    {"RFC 9112 3.2.2", Method::get, "file:///etc/passwd", "h"},
    {"RFC 9112 3.2.2", Method::get, "httpx://h/", "h"},
    {"RFC 9112 3.2", Method::get, "javascript:alert(1)", "h"},
    {"RFC 9110 4.2.1", Method::get, "http://", "h"},
    {"RFC 9110 4.2.1", Method::get, "http:///a", "h"},
    {"RFC 9110 4.2.1", Method::get, "http://?a", "h"},
    {"RFC 9110 4.2.1", Method::get, "http://:80/a", "h"},
    {"RFC 9110 4.2.4", Method::get, "http://user@h/", "h"},
    {"RFC 9110 4.2.4", Method::get, "http://user:pass@h/", "h"},
    {"RFC 9110 4.2.4", Method::get, "http://@h/", "h"},
    {"RFC 9110 4.2.5", Method::get, "http://h#a", "h"},
    {"RFC 9110 4.2.5", Method::get, "http://h/#a", "h"},
    {"RFC 3986 3.2.3", Method::get, "http://h:0/", "h"},
    {"RFC 3986 3.2.3", Method::get, "http://h:99999/", "h"},
    {"RFC 3986 3.2.2", Method::get, "http://h\\a/", "h"},
    {"RFC 3986 3.2.2", Method::get, "http://a b/", "h"},
    {"RFC 3986 5.2.4", Method::get, "http://h/../a", "h"},
    {"RFC 9112 3.2", Method::get, "h:443", "h"},
    {"RFC 9112 3.2.3", Method::connect, "h", "h"},
    {"RFC 9112 3.2.3", Method::connect, "h:", "h"},
    {"RFC 3986 3.2.2", Method::connect, "/a", "h"},
    {"RFC 3986 3.2.3", Method::connect, "http://h:443/", "h"},
    {"RFC 9112 3.2.3", Method::connect, "*", "h"},
    {"RFC 3986 3.2.3", Method::connect, "h:443/", "h"},
    {"RFC 9110 4.2.1", Method::connect, ":443", "h"},
    {"RFC 3986 3.2.2", Method::get, "http://h/", "a b"},
    {"RFC 9110 4.2.1", Method::get, "http://h/", ""},
    {"RFC 3986 3.2.2", Method::options, "*", "a/b"},
};

const HostRow kHosts[] = {
    {"RFC 9110 7.2", "shop.example.com", "shop.example.com", 0},
    {"RFC 9110 7.2", "shop.example.com:8080", "shop.example.com", 8080},
    {"RFC 3986 6.2.2.1", "Shop.EXAMPLE.com:80", "shop.example.com", 80},
    {"RFC 1034 3.1", "example.com.", "example.com", 0},
    {"RFC 1034 3.1", "Example.com.:81", "example.com", 81},
    {"RFC 3986 3.2.3", "h:1", "h", 1},
    {"RFC 3986 3.2.3", "h:65535", "h", 65535},
    {"RFC 3986 3.2.3", "h:00080", "h", 80},
    {"RFC 3986 3.2.3", "h:", "h", 0},
    {"RFC 3986 3.2.2", "127.0.0.1:3000", "127.0.0.1", 3000},
    {"RFC 3986 3.2.2", "a_b-c.d~e", "a_b-c.d~e", 0},
    {"RFC 3986 3.2.2", "a!$&'()*+;=b", "a!$&'()*+;=b", 0},
    {"RFC 3986 3.2.2", "[::1]", "::1", 0},
    {"RFC 3986 3.2.2", "[::1]:3000", "::1", 3000},
    {"RFC 3986 3.2.2", "[::1]:", "::1", 0},
    {"RFC 5952 4.3", "[2001:DB8::A]", "2001:db8::a", 0},
    {"RFC 5952 4.2", "[2001:0db8:0:0:0:0:0:1]:443", "2001:db8::1", 443},
    {"RFC 4291 2.5.5.2", "[::ffff:102:304]", "1.2.3.4", 0},
};

const RefusedHost kRefusedHosts[] = {
    {"RFC 9110 4.2.1", ""},
    {"RFC 9110 4.2.1", ":80"},
    {"RFC 1034 3.1", "."},
    {"RFC 1034 3.1", ".example.com"},
    {"RFC 1034 3.1", "a..b"},
    {"RFC 1034 3.1", "a.."},
    {"RFC 3986 3.2.3", "h:0"},
    {"RFC 3986 3.2.3", "h:65536"},
    {"RFC 3986 3.2.3", "h:000080"},
    {"RFC 3986 3.2.3", "h:8a"},
    {"RFC 3986 3.2.3", "h:+80"},
    {"RFC 3986 3.2.3", "h:-1"},
    {"RFC 3986 3.2.3", "h:80:90"},
    {"RFC 3986 3.2.3", "h:80 "},
    {"RFC 3986 3.2.2", "a b"},
    {"RFC 3986 3.2.2", "a/b"},
    {"RFC 3986 3.2.2", "a?b"},
    {"RFC 3986 3.2.2", "a#b"},
    {"RFC 3986 3.2.2", "a\\b"},
    {"RFC 3986 3.2.2", "user@h"},
    {"RFC 3986 3.2.2", "a,b"},
    {"RFC 3986 3.2.2", "a, b"},
    {"RFC 3986 3.2.2", "a%2eb"},
    {"RFC 3986 3.2.2", "a\"b"},
    {"RFC 3986 3.2.2", "a<b>"},
    {"RFC 3986 3.2.2", "a|b"},
    {"RFC 3986 3.2.3", "http://h"},
    {"RFC 3986 3.2.2", std::string("a\0b", 3)},
    {"RFC 3986 3.2.2", "a\tb"},
    {"RFC 3986 3.2.2", "a\x7f"},
    {"RFC 3986 3.2.2",
     "b\xc3\xbc"
     "cher.example"},
    {"RFC 3986 3.2.3", "::1"},
    {"RFC 3986 3.2.2", "[]"},
    {"RFC 3986 3.2.2", "["},
    {"RFC 3986 3.2.2", "[::1"},
    {"RFC 3986 3.2.2", "[::1]a"},
    {"RFC 3986 3.2.2", "[::1].a"},
    {"RFC 3986 3.2.3", "[::1]:0"},
    {"RFC 3986 3.2.3", "[::1]::80"},
    {"RFC 3986 3.2.2", "[:::1]"},
    {"RFC 3986 3.2.2", "[1::2::3]"},
    {"RFC 3986 3.2.2", "[127.0.0.1]"},
    {"RFC 3986 3.2.2", "[v1.a]"},
    {"RFC 3986 3.2.2", "[fe80::1%25eth0]"},
    {"RFC 3986 3.2.2", "[12345::1]"},
    {"RFC 3986 3.2.2", "[1:2:3:4:5:6:7:8:9]"},
    {"RFC 3986 3.2.2", std::string("[::1\0]", 6)},
    {"RFC 3986 3.2.2", "a[::1]"},
};

}  // namespace

TEST_CASE("target refuses forms that its method may not have and authorities that name nobody") {
    RequestHead head;
    for (const RefusedRow& row : kRefusedForms) {
        CAPTURE(std::string(row.rfc));
        CAPTURE(row.target);
        CAPTURE(row.host);
        const auto refusal = normalise(head, row.method, row.target, row.host.c_str());
        CHECK(refusal);
        if (!refusal) continue;
        CHECK_EQ(refusal->status, 400);
        CHECK_EQ(std::string_view(refusal->rfc), row.rfc);
    }
}

TEST_CASE("target reads Host without port and trailing dot, in lower case, and passes it on as it came") {
    RequestHead head;
    for (const HostRow& row : kHosts) {
        CAPTURE(std::string(row.rfc));
        CAPTURE(row.sent);
        REQUIRE(!normalise(head, Method::get, "/", row.sent));
        CHECK_EQ(head.target.host, row.host);
        CHECK_EQ(head.target.port, row.port);
        CHECK_EQ(head.target.authority, row.sent);
        // The same in an absolute-form target, which wins over Host (RFC 9112 3.2.2).
        const std::string absolute = "http://" + std::string(row.sent) + "/a";
        REQUIRE(!normalise(head, Method::get, absolute, "other:1"));
        CHECK_EQ(head.target.host, row.host);
        CHECK_EQ(head.target.port, row.port);
        CHECK_EQ(head.target.authority, row.sent);
        CHECK_EQ(head.target.path, "/a");
    }
}

TEST_CASE("target refuses a Host that is no host") {
    RequestHead head;
    for (const RefusedHost& row : kRefusedHosts) {
        CAPTURE(std::string(row.rfc));
        CAPTURE(row.sent);
        head.method = Method::get;
        head.target_text = "/";
        head.fields.clear();
        head.fields.add(Field(HeaderName::host, "Host", row.sent));
        const auto refusal = normalise_target(head);
        CHECK(refusal);
        if (!refusal) continue;
        CHECK_EQ(refusal->status, 400);
        CHECK_EQ(std::string_view(refusal->rfc), row.rfc);
    }
}

TEST_CASE("target reads the absolute form with its scheme, and an empty path as the root") {
    RequestHead head;
    REQUIRE(!normalise(head, Method::get, "HTTPS://Shop.example.com:8443/A/../b?c", "other"));
    CHECK_EQ(head.target.form, Target::Form::absolute);
    CHECK_EQ(head.target.scheme, "https");
    CHECK_EQ(head.target.authority, "Shop.example.com:8443");
    CHECK_EQ(head.target.host, "shop.example.com");
    CHECK_EQ(head.target.port, 8443);
    CHECK_EQ(head.target.path, "/b");
    CHECK_EQ(head.target.forward_path, "/b");
    CHECK_EQ(head.target.query, "?c");

    REQUIRE(!normalise(head, Method::get, "http://h", "other"));
    CHECK_EQ(head.target.forward_path, "/");
    CHECK_EQ(head.target.query, "");
    REQUIRE(!normalise(head, Method::get, "http://h?a=/b", "other"));
    CHECK_EQ(head.target.path, "/");
    CHECK_EQ(head.target.forward_path, "/");
    CHECK_EQ(head.target.query, "?a=/b");
    REQUIRE(!normalise(head, Method::other, "http://h/", kNoHost));
    CHECK_EQ(head.target.authority, "h");
}

TEST_CASE("target reads OPTIONS * and sends it on for an absolute form without a path") {
    RequestHead head;
    REQUIRE(!normalise(head, Method::options, "*", "h"));
    CHECK_EQ(head.target.form, Target::Form::asterisk);
    CHECK_EQ(head.target.forward_path, "*");
    CHECK_EQ(head.target.path, "*");
    CHECK_EQ(head.target.host, "h");
    REQUIRE(!normalise(head, Method::options, "http://g:81", "h"));
    CHECK_EQ(head.target.forward_path, "*");
    CHECK_EQ(head.target.host, "g");
    REQUIRE(!normalise(head, Method::options, "http://g/", "h"));
    CHECK_EQ(head.target.forward_path, "/");
    REQUIRE(!normalise(head, Method::options, "http://g?a", "h"));
    CHECK_EQ(head.target.forward_path, "/");
}

TEST_CASE("target reads the authority form of CONNECT") {
    RequestHead head;
    REQUIRE(!normalise(head, Method::connect, "Example.com:443", "other"));
    CHECK_EQ(head.target.form, Target::Form::authority);
    CHECK_EQ(head.target.host, "example.com");
    CHECK_EQ(head.target.port, 443);
    CHECK_EQ(head.target.authority, "Example.com:443");
    REQUIRE(!normalise(head, Method::connect, "[::1]:443", "other"));
    CHECK_EQ(head.target.host, "::1");
}

TEST_CASE("target of a request without Host has no host") {
    RequestHead head;
    REQUIRE(!normalise(head, Method::get, "/a", kNoHost));
    CHECK_EQ(head.target.host, "");
    CHECK_EQ(head.target.authority, "");
    CHECK_EQ(head.target.port, 0);
}

TEST_CASE("target keeps nothing of the request before it, and its views when its head is moved") {
    RequestHead head;
    REQUIRE(!normalise(head, Method::get, "http://A.example:81/%61;p?q", "other"));
    REQUIRE(!normalise(head, Method::get, "/b", kNoHost));
    CHECK_EQ(head.target.form, Target::Form::origin);
    CHECK_EQ(head.target.scheme, "");
    CHECK_EQ(head.target.authority, "");
    CHECK_EQ(head.target.query, "");
    CHECK_EQ(head.target.port, 0);

    RequestHead small;
    REQUIRE(!normalise(small, Method::get, "/%61", "B"));
    const RequestHead moved = std::move(small);
    CHECK_EQ(moved.target.host, "b");
    CHECK_EQ(moved.target.path, "/a");
}
