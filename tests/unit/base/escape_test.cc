#include "base/escape.h"

#include <string>

#include "tests/support/doctest.h"

using namespace weir;

namespace {
std::string json(std::string_view text, size_t room = 256) {
    std::string out(room, '#');
    out.resize(static_cast<size_t>(escape_json(text, out.data(), out.data() + room) - out.data()));
    return out;
}
std::string controls(std::string_view text) {
    std::string out(256, '#');
    out.resize(static_cast<size_t>(escape_controls(text, out.data(), out.data() + out.size()) - out.data()));
    return out;
}
}  // namespace

TEST_CASE("json escaping leaves plain text and UTF-8 as they are") {
    CHECK_EQ(json(""), "");
    CHECK_EQ(json("/a/long/enough/path?with=query&and=more"), "/a/long/enough/path?with=query&and=more");
    CHECK_EQ(json("gr\u00fc\u00dfe \u20ac \U0001F600 at the end"), "gr\u00fc\u00dfe \u20ac \U0001F600 at the end");
}

TEST_CASE("json escaping finds what is special at every place of a long text") {
    struct Row {
        std::string text, escaped;
    };
    const Row rows[] = {
        {"\"", "\\\""},      {"\\", "\\\\"},      {"\n", "\\n"},
        {"\r", "\\r"},       {"\t", "\\t"},       {std::string(1, '\0'), "\\u0000"},
        {"\x1b", "\\u001b"}, {"\x1f", "\\u001f"}, {"\x7f", "\\u007f"},
        {"\x80", "\\u0080"}, {"\xff", "\\u00ff"}, {"\xc2\x9b", "\\u009b"},
        {"\xc3", "\\u00c3"},
    };
    for (const Row& row : rows) {
        for (size_t before = 0; before < 20; ++before) {
            for (size_t after = 0; after < 20; ++after) {
                const std::string left(before, 'a');
                const std::string right(after, 'z');
                CHECK_EQ(json(left + row.text + right), left + row.escaped + right);
            }
        }
    }
}

TEST_CASE("json escaping writes bytes that are no UTF-8 as code points") {
    CHECK_EQ(json("\xc0\xaf"), "\\u00c0\\u00af");                        // overlong /
    CHECK_EQ(json("\xe0\x80\xaf"), "\\u00e0\\u0080\\u00af");             // overlong
    CHECK_EQ(json("\xed\xa0\x80"), "\\u00ed\\u00a0\\u0080");             // a surrogate
    CHECK_EQ(json("\xf0\x80\x80\xaf"), "\\u00f0\\u0080\\u0080\\u00af");  // overlong
    CHECK_EQ(json("\xf4\x90\x80\x80"), "\\u00f4\\u0090\\u0080\\u0080");  // past U+10FFFF
    CHECK_EQ(json("\xf5\x80\x80\x80"), "\\u00f5\\u0080\\u0080\\u0080");
    CHECK_EQ(json("\xe2\x82"), "\\u00e2\\u0082");  // ends within a character
    CHECK_EQ(json("\xf0\x9f\x98"), "\\u00f0\\u009f\\u0098");
}

TEST_CASE("json escaping cuts what does not fit between two characters") {
    CHECK_EQ(json("0123456789", 10), "0123456...");
    CHECK_EQ(json("0123456", 10), "0123456");
    CHECK_EQ(json("012345\n89", 10), "012345...");
    CHECK_EQ(json("01234\u20ac89", 10), "01234...");
    CHECK_EQ(json(std::string(300, 'x')), std::string(253, 'x') + "...");
    CHECK_EQ(json(std::string(300, '\x01'), 20), "\\u0001\\u0001...");
}

TEST_CASE("control escaping keeps quotes and backslashes") {
    CHECK_EQ(controls("a \"word\" and a \\ and a line\nbreak \x1b[31m"),
             "a \"word\" and a \\ and a line\\nbreak \\u001b[31m");
}
