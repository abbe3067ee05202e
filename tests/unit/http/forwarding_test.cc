#include "http/forwarding.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "http/h1_parser.h"

#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;

namespace {

constexpr std::string_view kPseudonym = "weir-0a1b2c3d";
constexpr std::string_view kId = "017f22e2-79b0-7001-8203-040506070809";

const CidrSet kNetworks({*Cidr::parse("10.0.0.0/8"), *Cidr::parse("fd00::/16")});

ClientHop stranger(std::string_view peer = "192.0.2.7") {
    return {peer, nullptr, "http", 8080, kPseudonym, {}, kId};
}
ClientHop proxy(std::string_view peer = "10.0.0.1") {
    return {peer, &kNetworks, "http", 8080, kPseudonym, {}, kId};
}

using Lines = std::vector<std::string>;

// "name: value" of what was forwarded, and the heads and the arena that it looks into.
class Forwarded final {
 public:
    Forwarded(std::string_view fields, const ClientHop& hop,
              std::string_view start = "GET / HTTP/1.1\r\nHost: shop.example.com:8080")
        : text_(std::string(start) + "\r\n" + std::string(fields) + "\r\n") {
        forward(hop);
    }

    RequestHead in;
    Fields out;

    Lines lines() const {
        Lines lines;
        for (const Field& field : out) lines.push_back(std::string(field.name()) + ": " + std::string(field.value()));
        return lines;
    }
    bool has(const std::string& line) const { return count(line) == 1; }
    long count(const std::string& line) const {
        const Lines all = lines();
        return std::count(all.begin(), all.end(), line);
    }
    // The values of all fields of this name, whatever its case, joined with " | ".
    std::string values(std::string_view name) const {
        std::string joined;
        for (const Field& field : out) {
            if (!equal(field.name(), name)) continue;
            if (!joined.empty()) joined += " | ";
            joined += field.value();
        }
        return joined;
    }

 private:
    static bool equal(std::string_view a, std::string_view b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](char x, char y) { return (x | 0x20) == (y | 0x20); });
    }
    void forward(ClientHop hop) {
        H1Parser parser({});
        parser.begin_request(in);
        REQUIRE(parser.parse(text_.data(), text_.size()) == H1Parser::State::done);
        REQUIRE(!normalise_target(in));
        if (const auto kept = kept_request_id(in.fields, hop); !kept.empty()) hop.request_id = kept;
        hop.client = client_ip(in.fields, hop, arena_);
        forward_request_fields(in, hop, out, arena_);
    }
    std::string text_;
    Arena arena_;
};

class Answered final {
 public:
    explicit Answered(const std::string& head, ResponseHop hop = {"Sun, 06 Nov 1994 08:49:37 GMT", kId}) : text_(head) {
        H1Parser parser({});
        parser.begin_response(in_);
        REQUIRE(parser.parse(text_.data(), text_.size()) == H1Parser::State::done);
        forward_response_fields(in_, hop, out, arena_);
    }
    Lines lines() const {
        Lines lines;
        for (const Field& field : out) lines.push_back(std::string(field.name()) + ": " + std::string(field.value()));
        return lines;
    }
    Fields out;

 private:
    std::string text_;
    ResponseHead in_;
    Arena arena_;
};

}  // namespace

TEST_CASE("forwarding sets every forwarded field anew for a client that is not trusted") {
    const Forwarded sent(
        "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
        "X-Forwarded-Port: 1\r\nX-Real-IP: 1.1.1.1\r\nX-Request-Id: mine\r\nAccept: */*\r\n",
        stranger());
    CHECK_EQ(sent.lines(),
             Lines{"Host: shop.example.com:8080", "Accept: */*", "X-Forwarded-For: 192.0.2.7",
                   "X-Forwarded-Proto: http", "X-Forwarded-Host: shop.example.com:8080", "X-Forwarded-Port: 8080",
                   "X-Real-IP: 192.0.2.7", "Forwarded: for=192.0.2.7;host=\"shop.example.com:8080\";proto=http",
                   "Via: 1.1 weir-0a1b2c3d", "X-Request-Id: " + std::string(kId)});
}

TEST_CASE("forwarding appends to what a trusted proxy said and keeps the rest of it") {
    const Forwarded sent(
        "X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nX-Forwarded-For: 10.0.0.9\r\nForwarded: for=1.1.1.1;proto=https\r\n"
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: Shop.example\r\nX-Forwarded-Port: 443\r\n"
        "X-Real-IP: 9.9.9.9\r\nX-Request-Id: theirs/1\r\nX-Forwarded-Prefix: /shop\r\n",
        proxy());
    CHECK_EQ(sent.values("x-forwarded-for"), "1.1.1.1, 2.2.2.2, 10.0.0.9, 10.0.0.1");
    CHECK_EQ(sent.values("forwarded"),
             "for=1.1.1.1;proto=https, for=10.0.0.1;host=\"shop.example.com:8080\";proto=http");
    CHECK_EQ(sent.values("x-forwarded-proto"), "https");
    CHECK_EQ(sent.values("x-forwarded-host"), "Shop.example");
    CHECK_EQ(sent.values("x-forwarded-port"), "443");
    CHECK_EQ(sent.values("x-real-ip"), "2.2.2.2");
    CHECK_EQ(sent.values("x-request-id"), "theirs/1");
    CHECK_EQ(sent.values("x-forwarded-prefix"), "/shop");
}

TEST_CASE("forwarding fills in what a trusted proxy left out, but never a port beside its scheme or host") {
    const Forwarded bare("", proxy());
    CHECK_EQ(bare.values("x-forwarded-for"), "10.0.0.1");
    CHECK_EQ(bare.values("forwarded"), "for=10.0.0.1;host=\"shop.example.com:8080\";proto=http");
    CHECK_EQ(bare.values("x-forwarded-proto"), "http");
    CHECK_EQ(bare.values("x-forwarded-host"), "shop.example.com:8080");
    CHECK_EQ(bare.values("x-forwarded-port"), "8080");
    CHECK_EQ(bare.values("x-real-ip"), "10.0.0.1");
    CHECK_EQ(bare.values("x-request-id"), kId);
    const Forwarded secure("X-Forwarded-Proto: https\r\nX-Forwarded-For: \r\n", proxy());
    CHECK_EQ(secure.values("x-forwarded-port"), "");
    CHECK_EQ(secure.values("x-forwarded-for"), "10.0.0.1");
    CHECK_EQ(Forwarded("X-Forwarded-Host: a\r\n", proxy()).values("x-forwarded-port"), "");
}

TEST_CASE("forwarding writes IPv6 peers, unix peers, TLS and HTTP/1.0 as RFC 7239 and RFC 9110 want them") {
    ClientHop hop = stranger("2001:db8::1");
    hop.scheme = "https";
    hop.port = 8443;
    const Forwarded six("", hop, "GET / HTTP/1.0\r\nHost: shop.example.com:8080");
    CHECK_EQ(six.values("x-forwarded-for"), "2001:db8::1");
    CHECK_EQ(six.values("x-forwarded-proto"), "https");
    CHECK_EQ(six.values("x-forwarded-port"), "8443");
    CHECK_EQ(six.values("forwarded"), "for=\"[2001:db8::1]\";host=\"shop.example.com:8080\";proto=https");
    CHECK_EQ(six.values("via"), "1.0 weir-0a1b2c3d");

    hop = stranger("");
    hop.port = 0;
    const Forwarded local("X-Forwarded-For: 1.1.1.1\r\n", hop);
    CHECK_EQ(local.values("x-forwarded-for"), "");
    CHECK_EQ(local.values("x-real-ip"), "");
    CHECK_EQ(local.values("x-forwarded-port"), "");
    CHECK_EQ(local.values("forwarded"), "for=unknown;host=\"shop.example.com:8080\";proto=http");
    const Forwarded behind("X-Forwarded-For: 1.1.1.1\r\n", proxy(""));
    CHECK_EQ(behind.values("x-forwarded-for"), "1.1.1.1");
    CHECK_EQ(behind.values("x-real-ip"), "1.1.1.1");
}

TEST_CASE("forwarding passes Host on, the target's where that wins, an empty one where none was sent") {
    const Forwarded origin("", stranger());
    CHECK_EQ(origin.out[0].value().data(), origin.in.target.authority.data());
    CHECK(origin.out[0].plain_line());
    const Forwarded absolute("", stranger(), "GET http://Other.example/a HTTP/1.1\r\nHost: a");
    CHECK_EQ(absolute.values("host"), "Other.example");
    CHECK_EQ(absolute.values("x-forwarded-host"), "Other.example");
    CHECK_EQ(absolute.values("forwarded"), "for=192.0.2.7;host=\"Other.example\";proto=http");
    const Forwarded old("A: b\r\n", stranger(), "GET / HTTP/1.0");
    CHECK_EQ(old.lines()[0], "Host: ");
    CHECK_EQ(old.values("x-forwarded-host"), "");
    CHECK_EQ(old.values("forwarded"), "for=192.0.2.7;proto=http");
}

TEST_CASE("forwarding removes hop-by-hop fields and framing") {
    const char* const gone[] = {"Connection: keep-alive", "Connection: close",
                                "Keep-Alive: timeout=5",  "Proxy-Connection: keep-alive",
                                "TE: trailers",           "Transfer-Encoding: chunked",
                                "Upgrade: h2c",           "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                                "Content-Length: 0"};
    for (const char* line : gone) {
        CAPTURE(line);
        const Forwarded sent(std::string(line) + "\r\n", stranger());
        CHECK_EQ(sent.count(line), 0);
        CHECK_EQ(sent.out.size(), 9);
    }
    for (const char* line :
         {"Expect: 100-continue", "Trailer: Expires", "Proxy-Authorization: Basic x", "X-Odd_Name: 1", "x.y_z: 1",
          "Accept_Encoding: br", "X-Forward: 1", "x: 1", "Max-Forwards: 3"}) {
        CAPTURE(line);
        CHECK(Forwarded(std::string(line) + "\r\n", stranger()).has(line));
    }
}

TEST_CASE("forwarding removes what Connection names, in any of its fields and any case") {
    const Forwarded sent(
        "Connection: x-one, CLOSE\r\nX-One: 1\r\nX-Two: 2\r\nUser-Agent: a\r\nX-Three: 3\r\n"
        "connection: ,X-TWO , user-agent\r\n",
        stranger());
    CHECK_EQ(sent.values("x-one") + sent.values("x-two") + sent.values("user-agent"), "");
    CHECK_EQ(sent.values("x-three"), "3");
}

TEST_CASE("forwarding lets no Connection option take away what must arrive") {
    const Forwarded sent(
        "Connection: host, cookie, authorization, x-forwarded-for, x-forwarded-proto, x-forwarded-host\r\n"
        "Connection: x-forwarded-port, forwarded, x-real-ip, via, x-request-id, content-length, transfer-encoding\r\n"
        "Cookie: a=b\r\nAuthorization: Basic x\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
        "X-Forwarded-Host: h\r\nX-Forwarded-Port: 443\r\nForwarded: for=1.1.1.1\r\nVia: 1.1 other\r\n"
        "X-Request-Id: theirs\r\nConnection: x-forwarded-prefix, expect\r\nX-Forwarded-Prefix: /shop\r\n"
        "Expect: 100-continue\r\n",
        proxy());
    CHECK_EQ(sent.values("x-forwarded-prefix"), "/shop");
    CHECK_EQ(sent.values("expect"), "100-continue");
    CHECK_EQ(sent.values("host"), "shop.example.com:8080");
    CHECK_EQ(sent.values("cookie"), "a=b");
    CHECK_EQ(sent.values("authorization"), "Basic x");
    CHECK_EQ(sent.values("x-forwarded-for"), "1.1.1.1, 10.0.0.1");
    CHECK_EQ(sent.values("x-forwarded-proto"), "https");
    CHECK_EQ(sent.values("x-forwarded-host"), "h");
    CHECK_EQ(sent.values("x-forwarded-port"), "443");
    CHECK_EQ(sent.values("forwarded").substr(0, 13), "for=1.1.1.1, ");
    CHECK_EQ(sent.values("x-real-ip"), "1.1.1.1");
    CHECK_EQ(sent.values("via"), "1.1 other | 1.1 weir-0a1b2c3d");
    CHECK_EQ(sent.values("x-request-id"), "theirs");
}

TEST_CASE("forwarding counts Max-Forwards down for OPTIONS alone, and answers the last one") {
    const auto sent = [](const char* method, const char* value) {
        return Forwarded("Max-Forwards: " + std::string(value) + "\r\n", stranger(),
                         std::string(method) + " / HTTP/1.1\r\nHost: x");
    };
    CHECK_EQ(sent("OPTIONS", "10").values("max-forwards"), "9");
    CHECK_EQ(sent("OPTIONS", "1").values("max-forwards"), "0");
    CHECK_EQ(sent("OPTIONS", "many").values("max-forwards"), "many");
    CHECK_EQ(sent("GET", "10").values("max-forwards"), "10");
    CHECK(is_last_hop(sent("OPTIONS", "0").in));
    CHECK(is_last_hop(sent("OPTIONS", "1\r\nMax-Forwards: 000").in));
    CHECK_FALSE(is_last_hop(sent("OPTIONS", "1").in));
    CHECK_FALSE(is_last_hop(sent("OPTIONS", "").in));
    CHECK_FALSE(is_last_hop(sent("GET", "0").in));
}

TEST_CASE("forwarding drops names that a backend may read as ours, and those that only we may say") {
    for (const char* name : {"X_Forwarded_For", "x_forwarded-proto", "X.Forwarded.Host", "X_FORWARDED_PREFIX",
                             "X_Real_IP", "Content_Length", "Transfer.Encoding", "Transfer_Encoding", "X_Request_Id",
                             "Keep_Alive", "HTTP2_Settings", "X-Forwarded_Anything", "X-Client-Cert-Subject",
                             "X_Client_Cert_Verify", "x-client-cert-", "Proxy_Connection", "Max_Forwards"}) {
        CAPTURE(name);
        for (const ClientHop& hop : {stranger(), proxy()}) {
            const Forwarded sent(std::string(name) + ": evil\r\n", hop);
            for (const std::string& line : sent.lines()) CHECK_EQ(line.find("evil"), line.npos);
        }
    }
    CHECK_EQ(Forwarded("X-Forwarded-Prefix: evil\r\n", stranger()).values("x-forwarded-prefix"), "");
    CHECK_EQ(Forwarded("X-Client-Certain: a\r\n", stranger()).values("x-client-certain"), "a");
    const std::string longer = "X_" + std::string(60, 'a');
    CHECK_EQ(Forwarded(longer + ": a\r\n", stranger()).values(longer), "a");
}

TEST_CASE("forwarding finds its own name in Via and nobody else's") {
    const auto loops = [](const std::string& fields) {
        return passed_here(Forwarded(fields, stranger()).in.fields, kPseudonym);
    };
    CHECK(loops("Via: 1.1 weir-0a1b2c3d\r\n"));
    CHECK(loops("Via: 1.0 fred, 1.1 weir-0a1b2c3d (comment)\r\n"));
    CHECK(loops("Via: 1.1 a\r\nVia: 2 weir-0a1b2c3d\r\n"));
    CHECK(loops("Connection: via\r\nVia: 1.1 weir-0a1b2c3d\r\n"));
    CHECK_FALSE(loops("X: weir-0a1b2c3d\r\n"));
    CHECK_FALSE(loops("Via: 1.1 weir-ffffffff\r\n"));
    CHECK_EQ(Forwarded("Via: 1.1 weir-ffffffff\r\n", stranger()).values("via"),
             "1.1 weir-ffffffff | 1.1 weir-0a1b2c3d");
}

TEST_CASE("forwarding keeps a request id only from a trusted proxy and only a sane one") {
    const std::string longest(128, 'a');
    for (const std::string& id : {std::string("1"), longest, std::string("a/b:c=d+~")})
        CHECK_EQ(Forwarded("X-Request-Id: " + id + "\r\n", proxy()).values("x-request-id"), id);
    for (const std::string& id : {longest + "a", std::string("a b"), std::string("a\tb"), std::string("<b>"),
                                  std::string("a\"b"), std::string("caf\xc3\xa9"), std::string()}) {
        CAPTURE(id);
        CHECK_EQ(Forwarded("X-Request-Id: " + id + "\r\n", proxy()).values("x-request-id"), kId);
    }
    CHECK_EQ(Forwarded("X-Request-Id: a\r\nX-Request-Id: b\r\n", proxy()).values("x-request-id"), "a");
}

TEST_CASE("forwarding leaves unchanged fields where they stand and writes ours as one block of lines") {
    const Forwarded sent("Accept: a\r\nCookie: b\r\nConnection: close\r\nX-A: c\r\n", stranger());
    const char* ours = nullptr;
    for (const Field& field : sent.out) {
        CAPTURE(field.name());
        CHECK(field.plain_line());
        const bool came = std::any_of(sent.in.fields.begin(), sent.in.fields.end(), [&field](const Field& one) {
            return one.value().data() == field.value().data();
        });
        if (came) continue;
        if (ours != nullptr) CHECK_EQ(static_cast<const void*>(field.name().data()), ours);
        CHECK_EQ(std::string(field.name().data(), field.name().size() + 2), std::string(field.name()) + ": ");
        CHECK_EQ(std::string(field.value().end(), 2), "\r\n");
        ours = field.value().end() + 2;
    }
    CHECK(ours != nullptr);
}

TEST_CASE("forwarding gives the client's response without hop-by-hop fields, with date and request id") {
    const Answered sent(
        "HTTP/1.1 200 OK\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: "
        "chunked\r\n"
        "Upgrade: h2\r\nProxy-Connection: a\r\nX-Request-Id: theirs\r\nServer: node\r\nTrailer: Expires\r\n"
        "Content_Length: 3\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 1\r\nx_y: 1\r\n\r\n");
    CHECK_EQ(sent.lines(), Lines{"Server: node", "Trailer: Expires", "Set-Cookie: a", "Set-Cookie: b", "x_y: 1",
                                 "Date: Sun, 06 Nov 1994 08:49:37 GMT", "X-Request-Id: " + std::string(kId)});
    const Answered dated("HTTP/1.1 200 OK\r\nDate: then\r\nConnection: set-cookie\r\nSet-Cookie: a\r\n\r\n");
    CHECK_EQ(dated.lines(), Lines{"Date: then", "Set-Cookie: a", "X-Request-Id: " + std::string(kId)});
}

TEST_CASE("forwarding adds nothing to informational responses") {
    const Answered hints("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\n\r\n");
    CHECK_EQ(hints.lines(), Lines{"Link: </a>"});
    const Answered plain("HTTP/1.1 204 No Content\r\nX-Request-Id: a\r\n\r\n", {"", ""});
    CHECK_EQ(plain.lines(), Lines{"X-Request-Id: a"});
}
