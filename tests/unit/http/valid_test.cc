// What is odd but valid must pass, and must say the same however it comes in pieces.
#include "tests/unit/http/rows.h"
//
#include "tests/support/doctest.h"

using namespace weir::http;
using namespace weir::http::rows;

namespace {

struct Valid {
    std::string bytes;
    const char* says;  // the first line of the answer
    const char* why;
};

void check_valid(Kind kind, const std::vector<Valid>& rows, HeadLimits limits = {}) {
    for (const Valid& row : rows) {
        INFO(row.bytes.substr(0, 300));
        INFO(std::string(row.why));
        const Answer whole = read(kind, limits, row.bytes, {});
        CHECK_EQ(whole.substr(0, whole.find('\n')), std::string(row.says));
        std::string wrong;
        read_in_every_way(kind, limits, row.bytes, 1, [&](const Answer& answer, const std::string& how) {
            if (answer != whole && wrong.empty()) wrong = how + ": " + answer;
        });
        CHECK_EQ(wrong, "");
        // What stands behind a message is none of its business.
        if (kind == Kind::chunks) continue;
        CHECK_EQ(read(kind, limits, row.bytes + "GET /next HTTP/1.1\r\nHost: b\r\n\r\n", {}), whole);
    }
}

// A head of a request with these field lines behind Host.
std::string with(const std::string& lines) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

const HeadLimits kTight{64, 3};

}  // namespace

TEST_CASE("valid request lines pass, however odd") {
    check_valid(
        Kind::request,
        {
            {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", ""},
            {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "an empty line first"},
            {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "two empty lines first"},
            {"g / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "a method of one letter in lower case"},
            {"M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "an unknown method"},
            {"!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "every kind of byte of a token"},
            {"get / HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "methods know case: this is not GET"},
            {"QUERY /q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", "sized 3, keep", "a new method with a body"},
            {"GET /?a=\"<>^`{|}' HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "what browsers leave unescaped"},
            {"GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "several blocks"},
            {"GET http://a/x HTTP/1.1\r\nHost: b\r\n\r\n", "none, keep", "absolute form"},
            {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "asterisk form"},
            {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "none, keep", "authority form"},
            {"GET / HTTP/1.0\r\n\r\n", "none, close", "HTTP/1.0 without Host"},
            {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", "none, close", "HTTP/1.0 with Host"},
        });
}

TEST_CASE("valid fields pass, however odd") {
    check_valid(Kind::request,
                {
                    {with("X:\r\n"), "none, keep", "an empty value"},
                    {with("X: \r\n"), "none, keep", "an empty value"},
                    {with("X: \t \r\n"), "none, keep", "a value of white space"},
                    {with("X:a\r\n"), "none, keep", "no white space"},
                    {with("X:\t a \t\r\n"), "none, keep", "white space around"},
                    {with("X: a\tb  c\r\n"), "none, keep", "white space within"},
                    {with("X:  a\r\n"), "none, keep", "two spaces"},
                    {with("X: a \r\n"), "none, keep", "a space behind"},
                    {with("!#$%&'*+-.^_`|~0aZ: a\r\n"), "none, keep", "every kind of byte of a token"},
                    {with("x_y: a\r\n"), "none, keep", "an odd name"},
                    {with("x.y: a\r\n"), "none, keep", "an odd name"},
                    {with("Content_Length: 5\r\n"), "none, keep", "no framing field"},
                    {with("Transfer_Encoding: chunked\r\n"), "none, keep", "no framing field"},
                    {with("Content-Length-X: 5\r\n"), "none, keep", "no framing field"},
                    {with("XTransfer-Encoding: chunked\r\n"), "none, keep", "no framing field"},
                    {with("X-Very-Long-Name-" + std::string(100, 'x') + ": a\r\n"), "none, keep", "a long name"},
                    {with("a-name-of-just-16: a\r\n"), "none, keep", "the colon in the second block"},
                    {with("a-name-of-15-xx: a\r\n"), "none, keep", "the colon ends the first block"},
                    {with("a-name-of-31-bytes-xxxxxxxxxxxx: a\r\n"), "none, keep", "the colon ends the second block"},
                    {with("a-name-of-32-bytes-xxxxxxxxxxxxx: a\r\n"), "none, keep", "the colon in the third block"},
                    {with("X: ::a:b:: \r\n"), "none, keep", "colons in a value"},
                    {with("X: \200\377\303\251\r\n"), "none, keep", "bytes above ASCII"},
                    {with("X: \"a, b\" (c) <d> {e} [f] \\ / ; , = ? @\r\n"), "none, keep", "separators"},
                    {with("X: " + std::string(15, 'v') + "\r\n"), "none, keep", "a value of 15"},
                    {with("X: " + std::string(16, 'v') + "\r\n"), "none, keep", "a value of 16"},
                    {with("X: " + std::string(17, 'v') + "\r\n"), "none, keep", "a value of 17"},
                    {with("X: " + std::string(500, 'v') + "\r\n"), "none, keep", "a long value"},
                    {with("X: " + std::string(200, '\t') + "v\r\n"), "none, keep", "much white space"},
                    {with("X: a\r\nX: a\r\nx: b\r\n"), "none, keep", "the same name three times"},
                    {with("Accept: a\r\nAccept: b\r\n"), "none, keep", "a known name twice"},
                    {with("HOST_: b\r\nX-Host: c\r\n"), "none, keep", "nearly Host"},
                    {with("Cookie: a=b; c=d\r\nCookie: e=f\r\n"), "none, keep", "two Cookies"},
                    {with("Upgrade: websocket\r\nConnection: Upgrade\r\n"), "none, keep", "an upgrade"},
                });
}

TEST_CASE("valid framing is read as it is meant") {
    check_valid(
        Kind::request,
        {
            {with("Content-Length: 0\r\n"), "sized 0, keep", ""},
            {with("Content-Length: 5\r\n"), "sized 5, keep", "GET with a body"},
            {with("conTENT-Length:5\t \r\n"), "sized 5, keep", "white space around a number"},
            {with("Content-Length: 003\r\n"), "sized 3, keep", "leading zeros are decimal"},
            {with("Content-Length: 010\r\n"), "sized 10, keep", "leading zeros are not octal"},
            {with("Content-Length: " + std::string(100, '0') + "7\r\n"), "sized 7, keep", "many zeros"},
            {with("Content-Length: 9223372036854775807\r\n"), "sized 9223372036854775807, keep", "2^63 - 1"},
            {with("Transfer-Encoding: chunked\r\n"), "chunked, keep", ""},
            {with("transfer-encoding:CHUNKED \r\n"), "chunked, keep", "codings know no case"},
            {with("TE: trailers, gzip\r\n"), "none, keep", "TE is not Transfer-Encoding"},
            {"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", "sized 5, close", ""},
            {with("Content-Length: 5\r\nExpect: 100-Continue\r\n"), "sized 5, keep, expect", "it knows no case"},
            {with("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n"),
             "chunked, keep, expect", "twice the same"},
            {"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", "sized 5, close",
             "ignored in HTTP/1.0 (RFC 9110 10.1.1)"},
        });
}

TEST_CASE("valid Connection fields say whether the connection lives on") {
    std::string hundred = "x";
    for (int i = 1; i < 100; ++i) hundred += ", x" + std::to_string(i);
    check_valid(Kind::request,
                {
                    {with("Connection: keep-alive\r\n"), "none, keep", ""},
                    {with("Connection: close\r\n"), "none, close", ""},
                    {with("Connection: Close\t\r\n"), "none, close", "options know no case"},
                    {with("Connection: keep-alive, Upgrade\r\n"), "none, keep", ""},
                    {with("Connection: x, close\r\n"), "none, close", "anywhere in the list"},
                    {with("Connection: close, keep-alive\r\n"), "none, close", "close wins"},
                    {with("Connection: keep-alive\r\nConnection: close\r\n"), "none, close", "in a second field"},
                    {with("Connection: close\r\nConnection: keep-alive\r\n"), "none, close", "in a first field"},
                    {with("Connection:\r\n"), "none, keep", "empty"},
                    {with("Connection: , ,\r\n"), "none, keep", "a list of nothing"},
                    {with("Connection: keep-alive, " + hundred + "\r\n"), "none, keep", "100 names"},
                    {with("Connection: closed\r\n"), "none, keep", "another option"},
                    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "none, keep", "asked for in HTTP/1.0"},
                    {"GET / HTTP/1.0\r\nConnection: x,Keep-Alive\r\n\r\n", "none, keep", ""},
                    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "none, close", "close wins"},
                });
}

TEST_CASE("valid heads may be as long as the limit and have as many fields, and no more") {
    const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
    check_valid(Kind::request,
                {
                    {line + "X: " + std::string(32, 'a') + "\r\n\r\n", "none, keep", "64 bytes"},
                    {line + "A:\r\nB:\r\n\r\n", "none, keep", "three fields"},
                    {"GET /" + std::string(37, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", "none, keep", "64 bytes"},
                },
                kTight);
    check_valid(Kind::response,
                {{"HTTP/1.1 200 OK\r\nX: " + std::string(40, 'a') + "\r\n\r\n", "until close, close", ""}}, kTight);
    const HeadLimits wide{256 * 1024, 1000};
    std::string many = line;
    for (int i = 0; i < 999; ++i) many += "X-" + std::to_string(i) + ": " + std::string(50, 'v') + "\r\n";
    CHECK_EQ(read(Kind::request, wide, many + "\r\n", {1000, 30000}).substr(0, 10), "none, keep");
    CHECK_EQ(read(Kind::request, wide, many + "X:\r\n\r\n", {}), refused(Reason::too_many_fields));
    const std::string name(65535, 'n');
    CHECK_EQ(read(Kind::request, wide, line + name + ": a\r\n\r\n", {}).substr(0, 10), "none, keep");
}

TEST_CASE("valid responses pass, and their body is what the method and the status make it") {
    check_valid(
        Kind::response,
        {
            {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "sized 5, keep", ""},
            {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", ""},
            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", "chunked, keep", ""},
            {"HTTP/1.1 200 OK\r\n\r\n", "until close, close", "neither"},
            {"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", "until close, close", "whatever it says"},
            {"HTTP/1.0 200 OK\r\n\r\n", "until close, close", ""},
            {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "sized 5, close", ""},
            {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", "sized 5, keep", ""},
            {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", "sized 5, close", ""},
            {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", "no reason and no space (RFC 9112 4)"},
            {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "sized 0, keep", "no reason"},
            {"HTTP/1.1 200  OK \t\303\251 \r\nContent-Length: 0\r\n\r\n", "sized 0, keep", "an odd reason"},
            {"HTTP/1.1 404 Not Found: 1/2\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", ""},
            {"HTTP/1.1 599 X\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", "the last status"},
            {"HTTP/1.1 299 X\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", "an unknown status"},
            {"HTTP/1.1 100 Continue\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 204 No Content\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "none, keep", "many send it"},
            {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "none, close", "five bytes may follow"},
            {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "none, close", "a chunk may follow"},
            {"HTTP/1.1 304 Not Modified\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "none of 5, keep", "what a 200 would have"},
            {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "none, keep", ""},
            {"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "sized 0, keep", ""},
            {"HTTP/1.1 200 OK\r\nX_Y: a\r\nB.C: d\r\nContent-Length: 1\r\n\r\n", "sized 1, keep", "odd names"},
            {"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 1\r\n\r\n", "sized 1, keep", ""},
        });
    check_valid(Kind::response_to_head,
                {
                    {"HTTP/1.1 200 OK\r\n\r\n", "none, keep", ""},
                    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "none of 5, keep", "what a GET would have"},
                    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "none of 0, keep", ""},
                    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "none, keep", ""},
                    {"HTTP/1.0 200 OK\r\n\r\n", "none, close", ""},
                });
}

TEST_CASE("a response to CONNECT that is a success ends HTTP on its connection") {
    H1Parser parser(HeadLimits{});
    ResponseHead head;
    parser.begin_response(head);
    const std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    REQUIRE_EQ(parser.parse(bytes.data(), bytes.size()), H1Parser::State::done);
    CHECK(!frame_response(head, Method::connect));
    CHECK_EQ(head.body.kind, BodyLength::Kind::none);
    CHECK(!head.keep_alive);
}

TEST_CASE("valid trailer sections pass") {
    check_valid(Kind::trailers, {
                                    {"\r\n", "2 bytes", "none"},
                                    {"X: a\r\n\r\n", "8 bytes", ""},
                                    {"Server-Timing: a;dur=1\r\nETag: \"x\"\r\n\r\n", "37 bytes", ""},
                                    {"Content-Type: text/plain\r\n\r\n", "28 bytes", "neither framing nor routing"},
                                    {"grpc-status: 0\r\ngrpc-message:\r\n\r\n", "33 bytes", ""},
                                });
}

TEST_CASE("valid chunked bodies are decoded up to their last chunk") {
    const std::string longest(256, 'a');
    std::string most;
    for (int i = 0; i < 64; ++i) most += "1;" + std::string(255, 'a') + "\r\nx\r\n";
    check_valid(Kind::chunks,
                {
                    {"0\r\n", "3 bytes: ", "an empty body"},
                    {"0\r\n\r\n", "3 bytes: ", "the trailer section is not part of it"},
                    {"5\r\nhello\r\n0\r\n\r\n", "13 bytes: hello", ""},
                    {"5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n", "26 bytes: hello world", "zeros"},
                    {"a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n", "33 bytes: 0123456789abcdefghij", "either case"},
                    {"0000000000000005\r\nhello\r\n0000000000000000\r\n", "43 bytes: hello", "16 digits"},
                    {"5;a\r\nhello\r\n0\r\n", "15 bytes: hello", "an extension"},
                    {"5;a=b;c=\"d;\\\" e\\\\\";f\r\nhello\r\n0;g\r\n", "34 bytes: hello", "extensions"},
                    {"5; a = b ; c\t=\t\"d\" ;e\r\nhello\r\n0\r\n", "33 bytes: hello", "bad white space"},
                    {"5;a=\"\"\r\nhello\r\n0\r\n", "18 bytes: hello", "an empty value"},
                    {"5;a=\"\t\200\377\\\t\\\200\"\r\nhello\r\n0\r\n", "25 bytes: hello", "quoted bytes above ASCII"},
                    {"3\r\n\r\n\r\r\n0\r\n", "11 bytes: \r", "data of line ends"},
                    {"5;" + longest.substr(1) + "\r\nhello\r\n0\r\n", "269 bytes: hello", "256 bytes of extension"},
                });
    CHECK_EQ(read(Kind::chunks, {}, most + "0\r\n", {}),
             std::to_string(most.size() + 3) + " bytes: " + std::string(64, 'x'));
}
