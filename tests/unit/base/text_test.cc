#include "base/text.h"

#include <vector>

#include "tests/support/doctest.h"

using namespace weir;

namespace {
std::vector<std::string_view> elements(std::string_view text) {
    std::vector<std::string_view> all;
    CommaList list(text);
    for (std::string_view element; list.next(element);) all.push_back(element);
    return all;
}
}  // namespace

TEST_CASE("text compares letters without case and other bytes as they are") {
    CHECK(equal_ignoring_case("Content-Length", "cONTENT-lENGTH"));
    CHECK(equal_ignoring_case("", ""));
    CHECK(!equal_ignoring_case("a", "ab"));
    CHECK(!equal_ignoring_case("@", "`"));
    CHECK(!equal_ignoring_case("[", "{"));
    CHECK(!equal_ignoring_case("\xc4", "\xe4"));
    CHECK(starts_with_ignoring_case("HTTPS://x", "https://"));
    CHECK(!starts_with_ignoring_case("http", "http:"));
}

TEST_CASE("text trims spaces and tabs and nothing else") {
    CHECK_EQ(trim(" \t a b\t "), "a b");
    CHECK_EQ(trim(" \t "), "");
    CHECK_EQ(trim("\ra\n"), "\ra\n");
    CHECK_EQ(trim("\va"), "\va");
}

TEST_CASE("text reads decimal numbers strictly") {
    CHECK_EQ(parse_decimal("0"), 0u);
    CHECK_EQ(parse_decimal("007"), 7u);
    CHECK_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
    for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "1.0", "1,2", "18446744073709551616", "1_0"}) {
        CAPTURE(bad);
        CHECK(!parse_decimal(bad));
    }
}

TEST_CASE("text reads hexadecimal digits and writes numbers") {
    CHECK_EQ(hex_digit('f'), 15);
    CHECK_EQ(hex_digit('A'), 10);
    for (const char c : {'g', '/', ':', '@', '`', 'G', '\x10'}) CHECK_EQ(hex_digit(c), -1);
    char buffer[8];
    const unsigned char bytes[] = {0x00, 0x9a, 0xff};
    CHECK_EQ(std::string(buffer, write_hex(bytes, buffer)), "009aff");
    char digits[20];
    CHECK_EQ(std::string(digits, write_decimal(UINT64_MAX, digits)), "18446744073709551615");
}

TEST_CASE("comma list gives its elements without white space and skips empty ones") {
    CHECK_EQ(elements("close"), std::vector<std::string_view>{"close"});
    CHECK_EQ(elements(" a ,\tb,,c , "), std::vector<std::string_view>{"a", "b", "c"});
    CHECK_EQ(elements(""), std::vector<std::string_view>{});
    CHECK_EQ(elements(" , ,"), std::vector<std::string_view>{});
    CHECK_EQ(elements("a b,c"), std::vector<std::string_view>{"a b", "c"});
}

TEST_CASE("text tells UTF-8 from what only looks like it") {
    const std::string_view good[] = {"a",
                                     "\x7f",
                                     "\xc2\x80",
                                     "\xdf\xbf",
                                     "\xe0\xa0\x80",
                                     "\xed\x9f\xbf",
                                     "\xef\xbf\xbf",
                                     "\xf0\x90\x80\x80",
                                     "\xf4\x8f\xbf\xbf"};
    for (const std::string_view text : good) {
        CAPTURE(text);
        CHECK_EQ(utf8_length(text), text.size());
    }
    const std::string_view bad[] = {"",
                                    "\x80",
                                    "\xc0\xae",          // overlong
                                    "\xc1\xbf",          // overlong
                                    "\xe0\x9f\xbf",      // overlong
                                    "\xf0\x8f\xbf\xbf",  // overlong
                                    "\xed\xa0\x80",      // a surrogate
                                    "\xf4\x90\x80\x80",  // past U+10FFFF
                                    "\xf5\x80\x80\x80",
                                    "\xff",
                                    "\xc2",
                                    "\xc2\x41",
                                    "\xe4\xbd",
                                    "\xf0\x9f\x98"};
    for (const std::string_view text : bad) {
        CAPTURE(text);
        CHECK_EQ(utf8_length(text), 0);
    }
}

TEST_CASE("closest finds what was meant and nothing where nothing is near") {
    const std::vector<std::string_view> keys = {"address", "name", "backlog", "limits", "timeout", "pool", "tls"};
    CHECK_EQ(closest("adress", keys), "address");
    CHECK_EQ(closest("Address", keys), "address");
    CHECK_EQ(closest("nmae", keys), "name");
    CHECK_EQ(closest("time_out", keys), "timeout");
    CHECK_EQ(closest("pools", keys), "pool");
    CHECK_EQ(closest("tsl", keys), "tls");
    CHECK_EQ(closest("xyz", keys), "");
    CHECK_EQ(closest("", keys), "");
    CHECK_EQ(closest("certificate", keys), "");
    CHECK_EQ(closest("name", {}), "");
    CHECK_EQ(closest("q", std::vector<std::string_view>{"x"}), "");
}
