// Chunked bodies and trailer sections that must be refused.
#pragma once

#include "tests/unit/http/rows.h"

namespace weir::http::rows {

inline const std::vector<Row>& chunk_size_rows() {
    using namespace std::string_literals;
    using R = Reason;
    static const std::vector<Row> rows = {
        {"\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "an empty line is 0 to some"},
        {"\r\n\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {"\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {" 5\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a space before the size"},
        {"\t5\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a tab before the size"},
        {"-5\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a sign"},
        {"+5\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a sign"},
        {"-0\r\n\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a sign"},
        {"_5\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {"xyz\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {"g\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the letter behind f"},
        {"@\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the byte before A"},
        {"`\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the byte before a"},
        {":\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the byte behind 9"},
        {"/\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the byte before 0"},
        {";a=b\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "an extension alone"},
        {"\"5\"\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {"\000005\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "NUL"},
        {"\3605\r\nhello\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", ""},
        {"5\r\nhello\r\n\r\n0\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "an empty line between chunks"},
        {"5\r\nhello\r\n 0\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "a space before the last chunk"},
        {"GET / HTTP/1.1\r\n"s, R::chunk_size_missing, "RFC 9112 7.1", "the next request"},

        {"5 \r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a space behind the size"},
        {"5\t\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a tab behind the size"},
        {"5 ;a=b\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1.1", "a space before an extension"},
        {"0 \r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"3 \n  \r\n\\\r\nfoo"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"0x5\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a prefix"},
        {"0X5\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a prefix"},
        {"5h\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a suffix"},
        {"5g\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "the letter behind f"},
        {"0_2e\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a number to Python's int"},
        {"5 5\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"5,5\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"5.0\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"5-\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"5:\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", ""},
        {"5=a\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1.1", "no semicolon"},
        {"2 erfrferferf\r\naa\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1.1", "no semicolon"},
        {"5\000\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "NUL"},
        {"5\013\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "VT"},
        {"5\014\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "FF"},
        {"5\240\r\nhello\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "NBSP"},
        {"1these-bytes\r\nZ\r\n"s, R::chunk_size_malformed, "RFC 9112 7.1", "a valid prefix is no size"},

        {"8000000000000000\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", "2^63"},
        {"FFFFFFFFFFFFFFFF\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", "2^64 - 1 is -1"},
        {"fffffffffffffffe\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", "-2"},
        {"10000000000000005\r\nhello\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", "2^64 + 5 wraps to 5"},
        {"f0000000000000005\r\nhello\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", ""},
        {"fffffffffffffffffffff\r\n"s, R::chunk_size_too_large, "RFC 9112 7.1", ""},

        {"00000000000000005\r\nhello\r\n"s, R::chunk_size_too_long, "RFC 9112 7.1", "17 digits"},
        {"00000000000000000\r\n"s, R::chunk_size_too_long, "RFC 9112 7.1", "17 zeros"},
        {"000000000000000000000000000000000000000000000000"s, R::chunk_size_too_long, "RFC 9112 7.1", "no end"},

        {"5\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1", "LF"},
        {"0\n\r\n"s, R::chunk_line_end, "RFC 9112 7.1", "LF behind the last chunk"},
        {"5\r5\r\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1", "CR"},
        {"5\rhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1", "CR"},
        {"5\r\r\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1", "CR CR LF"},
        {"5\r\r;ABCD\r\n34\r\nE\r\n0\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", "CR and any byte end a line for some"},
        {"5\rX\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1", ""},
        {"5;\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", "LF in an extension: EXT.TERM"},
        {"2;\nxx\r\n4c\r\n0\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", "TERM.EXT"},
        {"5;a\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", ""},
        {"5;a=b\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", ""},
        {"5;a=\"b\n\"\r\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", "LF in a quoted value"},
        {"5;a\r;b\r\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", "CR in an extension"},
        {"5;a=b\r\r\nhello\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", ""},
        {"0;a\n\r\n"s, R::chunk_line_end, "RFC 9112 7.1.1", ""},

        {"5\r\nhelloX\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "one byte too many"},
        {"5\r\nhelloXX0\r\n\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "any two bytes end data for some"},
        {"5\r\nhello\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "LF"},
        {"5\r\nhello\r0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "CR"},
        {"5\r\nhello\r\r\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "CR CR LF"},
        {"5\r\nhello0\r\n\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "nothing"},
        {"5\r\nhello \r\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", ""},
        {"5\r\nhello;a\r\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", ""},
        {"3\r\nhello\r\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "a size too small"},
        {"1\r\na\r\n1\r\nbc\r\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", "in the second chunk"},
        {"5\r\nhello\000\n0\r\n"s, R::chunk_data_end, "RFC 9112 7.1", ""},
    };
    return rows;
}

inline const std::vector<Row>& extension_rows() {
    using namespace std::string_literals;
    using R = Reason;
    static const std::vector<Row> rows = {
        {"5;\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no name"},
        {"5; \r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no name"},
        {"5;a=b;\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no second name"},
        {"5;;a\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no first name"},
        {"5;=b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no name"},
        {"5;a=\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no value"},
        {"5;a=;b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "no value"},
        {"5;a==b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=b=c\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "two words"},
        {"5;a \r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "white space behind a name"},
        {"5;a=b c\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "two words"},
        {"5;a=b \r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "white space behind a value"},
        {"5;a=b\t\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a,b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=b,c\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;(a)\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a@b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=b/c\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;\"a\"=b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "a quoted name"},
        {"5;a=\"b\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "a quote without end"},
        {"5;a=\"b\\\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", "an escaped line end"},
        {"5;a=\"b\"c\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=\"b\"\"c\"\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=b\"c\"\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;\200\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},
        {"5;a=\377\r\nhello\r\n"s, R::extension_malformed, "RFC 9112 7.1.1", ""},

        {"5;a\000\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "NUL"},
        {"5;\000a\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "NUL"},
        {"5;a=\001\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", ""},
        {"5;a=\"\001\"\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "quoted"},
        {"5;a=\"\\\000\"\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "escaped"},
        {"5;\013a\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "VT"},
        {"5;a\177\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "DEL"},
        {"5;a=\"\177\"\r\nhello\r\n"s, R::extension_control, "RFC 9112 7.1.1", "DEL, quoted"},

        {"5;" + std::string(256, 'a') + "\r\nhello\r\n", R::extension_too_long, "RFC 9112 7.1.1", "257 bytes"},
        {"5;a=" + std::string(300, 'b') + "\r\nhello\r\n", R::extension_too_long, "RFC 9112 7.1.1", ""},
        {"5;a=\"" + std::string(300, ' '), R::extension_too_long, "RFC 9112 7.1.1", "quoted"},
        {"0;" + std::string(256, 'a') + "\r\n", R::extension_too_long, "RFC 9112 7.1.1", "of the last chunk"},
        {"5" + std::string(300, ';'), R::extension_malformed, "RFC 9112 7.1.1", "before it is too long"},
    };
    return rows;
}

// Cut at every 512 bytes only.
inline const std::vector<Row>& long_body_rows() {
    using namespace std::string_literals;
    static const std::vector<Row> rows = [] {
        std::string body;
        for (int i = 0; i < 64; ++i) body += "1;" + std::string(255, 'a') + "\r\nx\r\n";
        return std::vector<Row>{
            {body + "1;a\r\nx\r\n0\r\n", Reason::extensions_too_long, "RFC 9112 7.1.1", "16 KiB and a byte"},
            {body + "0;a\r\n", Reason::extensions_too_long, "RFC 9112 7.1.1", "at the last chunk"},
        };
    }();
    return rows;
}

// Each stands before the end of the trailer section.
inline const std::vector<Row>& trailer_rows() {
    using namespace std::string_literals;
    using R = Reason;
    static const std::vector<Row> rows = {
        {"Content-Length: 5\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"content-length: 5\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"X: a\r\nContent-Length: 5\r\nY: b\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"Transfer-Encoding: chunked\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"transfer-ENCODING: x\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"Trailer: X\r\n"s, R::trailer_forbidden, "RFC 9110 6.6.2", "framing"},
        {"TE: trailers\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "framing"},
        {"Connection: close\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "of the connection"},
        {"Keep-Alive: timeout=5\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "of the connection"},
        {"Proxy-Connection: close\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "of the connection"},
        {"Upgrade: websocket\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "of the connection"},
        {"HTTP2-Settings: AAMAAABk\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "of the connection"},
        {"Expect: 100-continue\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "a modifier"},
        {"Max-Forwards: 1\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "a modifier"},
        {"Host: evil\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"Via: 1.1 x\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"Forwarded: for=1.2.3.4\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"X-Forwarded-For: 1.2.3.4\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"X-Forwarded-Host: evil\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"X-Forwarded-Port: 1\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"X-Forwarded-Proto: https\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"X-Real-IP: 1.2.3.4\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "routing"},
        {"Authorization: Basic eDp5\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "authentication"},
        {"Proxy-Authorization: Basic eDp5\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "authentication"},
        {"Proxy-Authenticate: Basic\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "authentication"},
        {"Cookie: a=b\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "authentication"},
        {"Set-Cookie: a=b\r\n"s, R::trailer_forbidden, "RFC 9110 6.5.1", "authentication"},
    };
    return rows;
}

}  // namespace weir::http::rows
