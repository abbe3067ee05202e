// What weir answers itself, and what it must not.
#include "proxy/local_reply.h"

#include <string>

#include "tests/support/proxy_rig.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::support;
using namespace std::chrono_literals;

namespace {
// Other hosts have no route.
constexpr std::string_view kOneShop = R"(
listeners: [ { address: "127.0.0.1:8080" } ]
pools: { app: { endpoints: [ "127.0.0.1:3000" ] } }
routes: [ { match: { host: shop }, pool: app } ]
)";

// Asked of `shop` with these fields; what came back, or nothing when it was forwarded.
std::string answered(ProxyRig& rig, const std::string& fields, std::string_view version = "1.1") {
    return rig.ask(rig.connect(), "GET / HTTP/" + std::string(version) + "\r\nHost: shop\r\n" + fields + "\r\n");
}
}  // namespace

TEST_CASE("an OPTIONS that may go no further is answered without content") {
    ProxyRig rig;
    const auto client = rig.connect();
    for (const char* target : {"/a", "*"}) {
        const std::string answer =
            rig.ask(client, "OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: shop\r\nMax-Forwards: 0\r\n\r\n");
        CHECK(starts(answer, "HTTP/1.1 204 No Content\r\n"));
        CHECK(has(answer, "\r\nAllow: GET, "));
        CHECK(answer.find("Content-") == answer.npos);
        CHECK_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
    }
    CHECK(rig.backends.empty());
}

TEST_CASE("every error that weir answers says so in Proxy-Status, with the token of RFC 9209") {
    struct Row {
        const char* request;
        const char* start;
        const char* token;
    };
    const Row rows[] = {
        {"GET / HTTP/1.1\r\nHost: other\r\n\r\n", "HTTP/1.1 404 ", "http_request_error"},
        {"TRACE / HTTP/1.1\r\nHost: shop\r\n\r\n", "HTTP/1.1 405 ", "http_request_error"},
        {"CONNECT shop:80 HTTP/1.1\r\nHost: shop\r\n\r\n", "HTTP/1.1 405 ", "http_request_error"},
        {"GET / HTTP/1.1\r\nHost: shop\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 501 ",
         "http_request_error"},
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "http_request_error"},
        {"GET / HTTP/2.5\r\nHost: shop\r\n\r\n", "HTTP/1.1 505 ", "http_request_error"},
        {"GET / HTTP/1.1\r\nHost: shop\r\nExpect: tea\r\n\r\n", "HTTP/1.1 417 ", "http_request_error"},
        {"GET / HTTP/1.1\r\nHost: shop\r\nVia: 1.1 weir-test\r\n\r\n", "HTTP/1.1 508 ", "proxy_loop_detected"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.request);
        ProxyRig rig(kOneShop);
        const std::string answer = rig.ask(rig.connect(), row.request);
        CHECK(starts(answer, row.start));
        CHECK(has(answer, "\r\nProxy-Status: weir; error=" + std::string(row.token) + "\r\n"));
        CHECK(rig.backends.empty());
    }
    ProxyRig slow(kOneShop);
    const auto client = slow.connect();
    slow.ask(client, "GET / HTTP/1.1\r\nHo");
    slow.advance(11s);
    const std::string late = client->take_received();
    CHECK(starts(late, "HTTP/1.1 408 "));
    CHECK(has(late, "\r\nProxy-Status: weir; error=http_request_error\r\n"));
}

TEST_CASE("only a request that may become a WebSocket is answered 501; another one passes without its Upgrade") {
    struct Row {
        const char* what;
        const char* request;
    };
    const Row rows[] = {
        {"no Connection option (RFC 9110 7.8)", "GET / HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\n\r\n"},
        {"another option", "GET / HTTP/1.1\r\nHost: shop\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n\r\n"},
        {"HTTP/1.0 (RFC 9110 7.8)",
         "GET / HTTP/1.0\r\nHost: shop\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"},
        {"a body (RFC 6455 4.1)",
         "POST / HTTP/1.1\r\nHost: shop\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx"},
        {"another protocol",
         "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"},
        {"a longer name", "GET / HTTP/1.1\r\nHost: shop\r\nConnection: upgrade\r\nUpgrade: websocket2\r\n\r\n"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        ProxyRig rig(kOneShop);
        const auto client = rig.connect();
        CHECK(rig.ask(client, row.request).empty());
        REQUIRE_EQ(rig.backends.size(), 1);
        CHECK_FALSE(has(rig.backend()->take_received(), "Upgrade"));
        CHECK(starts(rig.answer(client), "HTTP/1.1 200 "));
    }
    ProxyRig rig(kOneShop);
    CHECK(starts(answered(rig, "Connection: keep-alive, UPGRADE\r\nUpgrade: h2c, WebSocket\r\n"), "HTTP/1.1 501 "));
}

TEST_CASE("a page is for who asks for text/html by name, a problem document for everybody else") {
    struct Row {
        const char* accept;
        bool html;
    };
    const Row rows[] = {
        {"", false},
        {"Accept: */*\r\n", false},
        {"Accept: application/json\r\n", false},
        {"Accept: text/html\r\n", true},
        {"Accept: TEXT/HTML;level=1\r\n", true},
        {"Accept: application/json;q=0.9, text/html;q=0.1\r\n", true},
        {"Accept: application/json\r\nAccept: text/html\r\n", true},
        {"Accept: text/html;q=0\r\n", false},
        {"Accept: text/html; q=0.000, */*\r\n", false},
        {"Accept: text/html;q=0.001\r\n", true},
    };
    for (const Row& row : rows) {
        CAPTURE(row.accept);
        ProxyRig rig(kOneShop);
        const std::string answer =
            answered(rig, "Connection: upgrade\r\nUpgrade: websocket\r\n" + std::string(row.accept));
        CHECK_EQ(has(answer, "\r\nContent-Type: text/html; charset=utf-8\r\n"), row.html);
        CHECK_EQ(has(answer, "\r\nContent-Type: application/problem+json\r\n"), !row.html);
    }
}
