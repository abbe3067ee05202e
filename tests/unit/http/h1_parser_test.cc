// What the tables of malformed and valid messages do not say: when a refusal comes, what a field is, what is known.
#include "http/h1_parser.h"

#include "http/header_name_table.h"
#include "tests/unit/http/rows.h"
//
#include "tests/support/doctest.h"

using namespace weir;
using namespace weir::http;
using namespace std::string_view_literals;

namespace {

// How many bytes must have come before a request is refused; 0 when it is not.
size_t refused_after(std::string_view bytes) {
    for (size_t size = 1; size <= bytes.size(); ++size) {
        RequestHead head;
        H1Parser parser(HeadLimits{});
        parser.begin_request(head);
        rows::Copy copy(bytes.substr(0, size));
        if (parser.parse(copy.data(), size) == H1Parser::State::refused) return size;
    }
    return 0;
}

}  // namespace

TEST_CASE("h1 parser refuses at the first byte after which nothing valid can follow, in the middle of a line") {
    CHECK_EQ(refused_after("GET / HTTP/1.1\nHost: a\n\n"), 15);
    CHECK_EQ(refused_after("GET\t"), 4);
    CHECK_EQ(refused_after("GET  "), 5);
    CHECK_EQ(refused_after("GET /\x80"), 6);
    CHECK_EQ(refused_after("GET / h"), 7);
    CHECK_EQ(refused_after("GET / HTTP/1.1 "), 15);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nHost : a"), 21);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\n Host"), 17);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nX: abc\rd"), 24);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nX: abc\nd"), 23);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nX: a\0"sv), 21);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nX: a\r\n b"), 23);
    CHECK_EQ(refused_after("\r\n\r\n\r\n"), 6);
    CHECK_EQ(refused_after("\x16\x03\x01"), 1);
    CHECK_EQ(refused_after("GET / HTTP/1.1\r\nHost: a\r\nX: a"), 0);
}

TEST_CASE("h1 parser is untouched until something else than empty lines comes") {
    RequestHead head;
    H1Parser parser(HeadLimits{});
    parser.begin_request(head);
    CHECK(parser.untouched());
    const std::string_view bytes = "\r\n\r\nG";
    for (size_t size = 0; size <= 4; ++size) {
        CHECK_EQ(parser.parse(bytes.data(), size), H1Parser::State::more);
        CHECK(parser.untouched());
    }
    CHECK_EQ(parser.parse(bytes.data(), 5), H1Parser::State::more);
    CHECK(!parser.untouched());

    ResponseHead response;
    parser.begin_response(response);
    CHECK(parser.untouched());
    CHECK_EQ(parser.parse("H", 1), H1Parser::State::more);
    CHECK(!parser.untouched());

    Fields trailers;
    parser.begin_trailers(trailers);
    CHECK_EQ(parser.parse("", 0), H1Parser::State::more);
    CHECK(parser.untouched());
    CHECK_EQ(parser.parse("X: a\r\n", 6), H1Parser::State::more);
    CHECK(!parser.untouched());
}

TEST_CASE("h1 parser keeps its answer until it begins anew, and then knows nothing of the head before") {
    RequestHead head;
    H1Parser parser(HeadLimits{});
    parser.begin_request(head);
    CHECK_EQ(parser.parse("GET\n", 4), H1Parser::State::refused);
    CHECK_EQ(parser.parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27), H1Parser::State::refused);
    const std::string_view first = "POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n";
    parser.begin_request(head);
    CHECK_EQ(parser.parse(first.data(), first.size()), H1Parser::State::done);
    CHECK(!frame_request(head));
    CHECK_EQ(head.body.bytes, 5);
    const std::string_view second = "GET /b HTTP/1.1\r\nHost: b\r\n\r\n";
    parser.begin_request(head);
    CHECK_EQ(parser.parse(second.data(), second.size()), H1Parser::State::done);
    CHECK(!frame_request(head));
    CHECK_EQ(head.body.kind, BodyLength::Kind::none);
    CHECK_EQ(head.body.bytes, 0);
    CHECK_EQ(head.minor_version, 1);
    CHECK_EQ(head.method, Method::get);
    CHECK_EQ(head.target.path, "/b");
    CHECK_EQ(head.fields.size(), 1);
    CHECK(!head.fields.has(HeaderName::content_length));
}

TEST_CASE("h1 parser says of each field whether its line may be forwarded as it is and whether its name is odd") {
    struct {
        std::string_view line;
        std::string_view value;
        bool plain;
        bool odd;
    } const cases[] = {
        {"Accept: */*", "*/*", true, false},   {"X-Unknown: a b", "a b", true, false},
        {"accept: a", "a", true, false},       {"Accept:a", "a", false, false},
        {"Accept:  a", "a", false, false},     {"Accept:\ta", "a", false, false},
        {"Accept: a ", "a", false, false},     {"Accept: a\t", "a", false, false},
        {"Accept: a\tb", "a\tb", true, false}, {"Accept: \xe4", "\xe4", true, false},
        {"Accept:", "", false, false},         {"Accept: ", "", true, false},
        {"Accept:  ", "", false, false},       {"a_b: c", "c", true, true},
        {"a.b: c", "c", true, true},           {"_: c", "c", true, true},
        {"a~b: c", "c", true, false},
    };
    // Far from the end of the head, where lines are read in blocks, and near to it.
    for (const std::string_view behind :
         {"", "X: 0123456789012345678901234567890123456789012345678901234567890123\r\n"}) {
        for (const auto& row : cases) {
            const std::string bytes =
                "GET / HTTP/1.1\r\n" + std::string(row.line) + "\r\n" + std::string(behind) + "\r\n";
            RequestHead head;
            H1Parser parser(HeadLimits{});
            parser.begin_request(head);
            REQUIRE_EQ(parser.parse(bytes.data(), bytes.size()), H1Parser::State::done);
            const Field& field = head.fields[0];
            INFO(row.line);
            CHECK_EQ(field.value(), row.value);
            CHECK_EQ(field.plain_line(), row.plain);
            CHECK_EQ(field.odd_name(), row.odd);
        }
    }
}

TEST_CASE("h1 parser allocates nothing for fields once it has read as many") {
    std::string bytes = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 90; ++i) bytes += "X: y\r\n";
    bytes += "\r\n";
    RequestHead head;
    H1Parser parser(HeadLimits{});
    parser.begin_request(head);
    REQUIRE_EQ(parser.parse(bytes.data(), bytes.size()), H1Parser::State::done);
    const Field* room = head.fields.begin();
    parser.begin_request(head);
    REQUIRE_EQ(parser.parse(bytes.data(), bytes.size()), H1Parser::State::done);
    CHECK_EQ(head.fields.begin(), room);
    CHECK_EQ(head.fields.size(), 90);
}

TEST_CASE("header names are known whatever their case, and nothing else is") {
    for (size_t i = 1; i < header_table::kNames; ++i) {
        const auto id = static_cast<HeaderName>(i);
        const std::string name(text_of(id));
        std::string upper = name;
        for (char& c : upper)
            if (c >= 'a') c = static_cast<char>(c - 0x20);
        CHECK_EQ(find_header_name(name), id);
        CHECK_EQ(find_header_name(upper), id);
        CHECK_EQ(find_header_name(name + "x"), HeaderName::other);
        CHECK_EQ(find_header_name("x" + name), HeaderName::other);
        // Every byte counts, in the blocks of the parser too.
        for (size_t at = 0; at < name.size(); ++at) {
            std::string wrong = name;
            wrong[at] = wrong[at] == 'q' ? 'z' : 'q';
            CHECK_EQ(find_header_name(wrong), HeaderName::other);
            const std::string bytes = "GET / HTTP/1.1\r\n" + wrong + ": a\r\n" + upper + ": " + std::string(64, 'v') +
                                      "\r\n" + name + ": a\r\n\r\n";
            RequestHead head;
            H1Parser parser(HeadLimits{});
            parser.begin_request(head);
            REQUIRE_EQ(parser.parse(bytes.data(), bytes.size()), H1Parser::State::done);
            CHECK_EQ(head.fields[0].id(), HeaderName::other);
            CHECK_EQ(head.fields[1].id(), id);
            CHECK_EQ(head.fields[2].id(), id);
            CHECK(head.fields.repeats(id));
            CHECK_EQ(head.fields.find(id), &head.fields[1]);
        }
    }
    CHECK_EQ(find_header_name(""), HeaderName::other);
    CHECK_EQ(find_header_name("x"), HeaderName::other);
    CHECK_EQ(text_of(HeaderName::other), "");
}

TEST_CASE("methods are known by their case, and some may be repeated") {
    CHECK_EQ(find_method("GET"), Method::get);
    CHECK_EQ(find_method("HEAD"), Method::head);
    CHECK_EQ(find_method("POST"), Method::post);
    CHECK_EQ(find_method("PUT"), Method::put);
    CHECK_EQ(find_method("DELETE"), Method::delete_);
    CHECK_EQ(find_method("PATCH"), Method::patch);
    CHECK_EQ(find_method("OPTIONS"), Method::options);
    CHECK_EQ(find_method("TRACE"), Method::trace);
    CHECK_EQ(find_method("CONNECT"), Method::connect);
    for (const std::string_view other : {"", "get", "Get", "GETS", "GE", "PROPFIND", "DELETf", "XXX"})
        CHECK_EQ(find_method(other), Method::other);
    for (const Method method :
         {Method::get, Method::head, Method::put, Method::delete_, Method::options, Method::trace})
        CHECK(idempotent(method));
    for (const Method method : {Method::other, Method::post, Method::patch, Method::connect})
        CHECK(!idempotent(method));
}

TEST_CASE("chunked decoder moves the data of many chunks together and leaves what is behind the last one") {
    std::string input = "3\r\nabc\r\n2;x\r\nde\r\n1\r\nf\r\n0\r\nX: y\r\n\r\nGET";
    ChunkedDecoder decoder;
    const ChunkedDecoder::Step step = decoder.decode(input.data(), input.size());
    CHECK_EQ(step.state, ChunkedDecoder::Step::State::last_chunk);
    CHECK_EQ(input.substr(0, step.data), "abcdef");
    CHECK_EQ(input.substr(step.consumed), "X: y\r\n\r\nGET");
}

TEST_CASE("chunked decoder gives the data that came before what it refuses, and nothing after") {
    std::string input = "3\r\nabc\r\n2\r\ndeX";
    ChunkedDecoder decoder;
    ChunkedDecoder::Step step = decoder.decode(input.data(), input.size());
    CHECK_EQ(step.state, ChunkedDecoder::Step::State::refused);
    CHECK_EQ(input.substr(0, step.data), "abcde");
    std::string more = "\r\n0\r\n";
    step = decoder.decode(more.data(), more.size());
    CHECK_EQ(step.state, ChunkedDecoder::Step::State::refused);
    CHECK_EQ(step.data, 0);
    CHECK_EQ(step.consumed, 0);
}
