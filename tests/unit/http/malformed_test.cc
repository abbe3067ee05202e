// Every table of rows that must be refused, each row fed in every way, and the proof that no check is without a row.
// ./mutate takes the checks out one by one and sees these tests fail.
#include <set>

#include "tests/unit/http/body_rows.h"
#include "tests/unit/http/field_rows.h"
#include "tests/unit/http/framing_rows.h"
#include "tests/unit/http/request_line_rows.h"
#include "tests/unit/http/response_rows.h"
//
#include "tests/support/doctest.h"

using namespace weir::http;
using namespace weir::http::rows;

namespace {

constexpr HeadLimits kUsual;
constexpr HeadLimits kTight{64, 3};
constexpr HeadLimits kWide{256 * 1024, 100};

const std::string kRequest = "GET / HTTP/1.1\r\nHost: a\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string kResponse = "HTTP/1.1 200 OK\r\nDate: x\r\n";

const std::vector<Table>& tables() {
    static const std::vector<Table> all = {
        {"request lines", Kind::request, "", &kRequestLineRows, "Host: a\r\n\r\n", kUsual},
        {"long request lines", Kind::request, "", &kLongRequestLineRows, "Host: a\r\n\r\n", kTight},
        {"fields of a request", Kind::request, kRequest, &kFieldRows, "\r\n", kUsual},
        {"fields of a response", Kind::response, kResponse, &kFieldRows, "\r\n", kUsual},
        {"fields of a trailer section", Kind::trailers, "X-First: a\r\n", &kFieldRows, "\r\n", kUsual},
        {"first fields of a request", Kind::request, "GET / HTTP/1.1\r\n", &kFirstFieldRows, "\r\n", kUsual},
        {"first fields of a response", Kind::response, "HTTP/1.1 200 OK\r\n", &kFirstFieldRows, "\r\n", kUsual},
        {"first fields of a trailer section", Kind::trailers, "", &kFirstFieldRows, "\r\n", kUsual},
        {"limits of a request", Kind::request, kRequest, &kLimitRows, "\r\n", kTight},
        {"limits of a trailer section",
         Kind::trailers,
         kRequest.substr(16) + "Date: abcdefgh\r\n",
         &kLimitRows,
         "\r\n",
         {64, 4}},
        {"long names", Kind::request, kRequest, &kLongNameRows, "\r\n", kWide, 4096},
        {"Host", Kind::request, "", &kHostRows, "", kUsual},
        {"Expect", Kind::request, kPost, &kExpectationRows, "\r\n", kUsual},
        {"Expect of HTTP/1.0", Kind::request, "POST / HTTP/1.0\r\n", &kExpectationRows, "\r\n", kUsual},
        {"Connection of a request", Kind::request, kPost, &kConnectionRows, "\r\n", kUsual, 16},
        {"Connection of an HTTP/1.0 request", Kind::request, "GET / HTTP/1.0\r\n", &kConnectionRows, "\r\n", kUsual,
         16},
        {"Connection of a response", Kind::response, kResponse, &kConnectionRows, "\r\n", kUsual, 16},
        {"Connection of a response to HEAD", Kind::response_to_head, kResponse, &kConnectionRows, "\r\n", kUsual, 16},
        {"codings of a request", Kind::request, kPost, &kCodingRows, "\r\n", kUsual},
        {"codings of a response", Kind::response, kResponse, &kCodingRows, "\r\n", kUsual},
        {"codings of a response to HEAD", Kind::response_to_head, kResponse, &kCodingRows, "\r\n", kUsual},
        {"codings of an HTTP/1.0 request", Kind::request, "POST / HTTP/1.0\r\n", &kHttp10CodingRows, "\r\n", kUsual},
        {"codings of an HTTP/1.0 response", Kind::response, "HTTP/1.0 200 OK\r\n", &kHttp10CodingRows, "\r\n", kUsual},
        {"lengths of a request", Kind::request, kPost, &kLengthRows, "\r\n", kUsual},
        {"lengths of an HTTP/1.0 request", Kind::request, "POST / HTTP/1.0\r\n", &kLengthRows, "\r\n", kUsual},
        {"lengths of a response", Kind::response, kResponse, &kLengthRows, "\r\n", kUsual},
        {"lengths of a response to HEAD", Kind::response_to_head, kResponse, &kLengthRows, "\r\n", kUsual},
        {"status lines", Kind::response, "", &kStatusLineRows, "Content-Length: 0\r\n\r\n", kUsual},
        {"responses without a body", Kind::response, "", &kInformationalRows, "", kUsual},
        {"limits of a response", Kind::response, "", &kResponseLimitRows, "", kTight},
        {"chunks", Kind::chunks, "", &kChunkSizeRows, "", kUsual},
        {"second chunks", Kind::chunks, "a;b=c\r\n0123456789\r\n", &kChunkSizeRows, "", kUsual},
        {"chunk extensions", Kind::chunks, "", &kExtensionRows, "", kUsual},
        {"extensions behind an extension", Kind::chunks, "3;x\r\nabc\r\n", &kExtensionRows, "0\r\n", kUsual},
        {"long bodies", Kind::chunks, "", &kLongBodyRows, "", kUsual, 512},
        {"trailers", Kind::trailers, "", &kTrailerRows, "\r\n", kUsual},
    };
    return all;
}

void check_row(const Table& table, const Row& row) {
    const std::string bytes = table.before + row.bytes + table.after;
    const Answer expected = refused(row.reason);
    std::string wrong;
    read_in_every_way(table.kind, table.limits, bytes, table.stride, [&](const Answer& answer, const std::string& how) {
        if (answer != expected && wrong.empty()) wrong = how + ": " + answer;
    });
    INFO(std::string(table.name) << ", " << std::string(row.rfc) << " " << std::string(row.why) << "\n"
                                 << row.bytes.substr(0, 200));
    INFO("expected " << expected);
    CHECK_EQ(wrong, "");
}

void check_tables(Kind kind) {
    for (const Table& table : tables())
        if (table.kind == kind)
            for (const Row& row : *table.rows) check_row(table, row);
}

std::set<const std::vector<Row>*> all_rows() {
    std::set<const std::vector<Row>*> all;
    for (const Table& table : tables()) all.insert(table.rows);
    return all;
}

}  // namespace

TEST_CASE("malformed requests are refused, each for its own reason and however they come in pieces") {
    check_tables(Kind::request);
}

TEST_CASE("malformed responses are refused, each for its own reason and however they come in pieces") {
    check_tables(Kind::response);
    check_tables(Kind::response_to_head);
}

TEST_CASE("malformed chunked bodies are refused, each for its own reason and however they come in pieces") {
    check_tables(Kind::chunks);
}

TEST_CASE("malformed trailer sections are refused, each for its own reason and however they come in pieces") {
    check_tables(Kind::trailers);
}

TEST_CASE("malformed rows leave no reason for a refusal without a row, and stand there once") {
    std::set<Reason> hit;
    size_t count = 0;
    for (const std::vector<Row>* rows : all_rows()) {
        std::set<std::string> seen;
        for (const Row& row : *rows) {
            hit.insert(row.reason);
            ++count;
            INFO(row.bytes);
            CHECK(seen.insert(row.bytes).second);
            CHECK_EQ(std::string(row.rfc).rfind("RFC ", 0), 0);
        }
    }
    for (size_t i = 0; i < static_cast<size_t>(Reason::count_); ++i) {
        INFO("no row for: " << std::string(kRefusals[i].reason));
        CHECK_EQ(hit.count(static_cast<Reason>(i)), 1);
    }
    MESSAGE(count << " rows");
    CHECK_GE(count, 400);
}
