// Field lines that must be refused, in requests, responses and trailer sections alike. Each stands behind another
// field.
#pragma once

#include "tests/unit/http/rows.h"

namespace weir::http::rows {

inline const std::vector<Row>& field_rows() {
    using namespace std::string_literals;
    using R = Reason;
    static const std::vector<Row> rows = {
        {"X: a\n"s, R::bare_lf, "RFC 9112 2.2", "LF ends a field line"},
        {"X: a\nTransfer-Encoding: chunked\r\n"s, R::bare_lf, "RFC 9112 2.2", "LF hides a second field"},
        {"X: a\n\n"s, R::bare_lf, "RFC 9112 2.2", "LF LF ends the head for some"},
        {"X: a\n\r\n"s, R::bare_lf, "RFC 9112 2.2", ""},
        {"X: a\r\n\n"s, R::bare_lf, "RFC 9112 2.2", "an empty line of LF"},
        {"\n"s, R::bare_lf, "RFC 9112 2.2", "an empty line of LF at once"},
        {"X:\n"s, R::bare_lf, "RFC 9112 2.2", "behind the colon"},
        {"X:\n\nGET / HTTP/1.1\r\n"s, R::bare_lf, "RFC 9112 2.2", "LF as white space before a value"},
        {"X\n"s, R::bare_lf, "RFC 9112 2.2", "in a name"},
        {"X\n: a\r\n"s, R::bare_lf, "RFC 9112 5.1", "before the colon"},
        {"X: a \n"s, R::bare_lf, "RFC 9112 2.2", ""},
        {"X: a\r\nY: b\n"s, R::bare_lf, "RFC 9112 2.2", "behind a whole field"},
        {"X: 0123456789abcdef0123456789abcdef\n"s, R::bare_lf, "RFC 9112 2.2", "at the start of a block"},

        {"X: a\rb\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR within a value"},
        {"X: \rTransfer-Encoding: chunked\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR ends a line for some"},
        {"Visible: a\rSmuggled: b\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR ends a line for some"},
        {"X: a\r\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR CR LF"},
        {"X: a\r \n"s, R::bare_cr, "RFC 9112 2.2", ""},
        {"X: a\r\t\r\n"s, R::bare_cr, "RFC 9112 2.2", ""},
        {"\rX: a\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR before a name"},
        {"\r\r\n"s, R::bare_cr, "RFC 9112 2.2", "the empty line has two CR"},
        {"\rZGET /: a\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR and any byte end the head for some"},
        {"X\r: a\r\n"s, R::bare_cr, "RFC 9112 5.1", "CR before the colon"},
        {"Content\rLength: 3\r\n"s, R::bare_cr, "RFC 9112 5.1", "CR with the case bit set is a dash"},
        {"Connection: keep\ralive\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR with the case bit set is a dash"},
        {"X:\r a\r\n"s, R::bare_cr, "RFC 9112 2.2", "CR behind the colon"},
        {"X: a\r\nY: b\rc\r\n"s, R::bare_cr, "RFC 9112 2.2", "in a later field"},

        {" X: a\r\n"s, R::obs_fold, "RFC 9112 5.2", "a space before a name"},
        {"\tX: a\r\n"s, R::obs_fold, "RFC 9112 5.2", "a tab before a name"},
        {" \r\n"s, R::obs_fold, "RFC 9112 5.2", "a line of a space"},
        {"\t\r\n"s, R::obs_fold, "RFC 9112 5.2", "a line of a tab"},
        {"X: a\r\n b\r\n"s, R::obs_fold, "RFC 9112 5.2", ""},
        {"X: a\r\n\tb\r\n"s, R::obs_fold, "RFC 9112 5.2", ""},
        {"X:\r\n a\r\n"s, R::obs_fold, "RFC 9112 5.2", "the whole value is folded"},
        {"X: a\r\n \r\n"s, R::obs_fold, "RFC 9112 5.2", "an empty fold"},
        {"X: a\r\n  Transfer-Encoding: chunked\r\n"s, R::obs_fold, "RFC 9112 5.2", "a field to those who trim lines"},
        {"Transfer-Encoding:\r\n chunked\r\n"s, R::obs_fold, "RFC 9112 5.2", ""},
        {"Transfer-Encoding: chunked\r\n , identity\r\n"s, R::obs_fold, "RFC 9112 5.2", ""},
        {"Content-Length: 1\r\n 0\r\n"s, R::obs_fold, "RFC 9112 5.2", "1, 10 or \"1 0\""},
        {"Connection: a,\r\n\t\tclose\r\n"s, R::obs_fold, "RFC 9112 5.2", ""},

        {": a\r\n"s, R::name_missing, "RFC 9110 5.1", ""},
        {":\r\n"s, R::name_missing, "RFC 9110 5.1", "a colon alone ends the head for some"},
        {": \r\n"s, R::name_missing, "RFC 9110 5.1", ""},
        {":: a\r\n"s, R::name_missing, "RFC 9110 5.1", ""},
        {":X: a\r\n"s, R::name_missing, "RFC 9110 5.1", "a pseudo-header of HTTP/2"},
        {":path: /\r\n"s, R::name_missing, "RFC 9110 5.1", "a pseudo-header of HTTP/2"},
        {":\n"s, R::name_missing, "RFC 9110 5.1", ""},

        {"X : a\r\n"s, R::name_space, "RFC 9112 5.1", "a space before the colon"},
        {"X\t: a\r\n"s, R::name_space, "RFC 9112 5.1", "a tab before the colon"},
        {"X  : a\r\n"s, R::name_space, "RFC 9112 5.1", "two spaces before the colon"},
        {"X Y: a\r\n"s, R::name_space, "RFC 9112 5.1", "a space within a name"},
        {"Content-Length : 5\r\n"s, R::name_space, "RFC 9112 5.1", "a length to some, none to others"},
        {"Content-Length\t: 5\r\n"s, R::name_space, "RFC 9112 5.1", ""},
        {"Transfer-Encoding : chunked\r\n"s, R::name_space, "RFC 9112 5.1", "a coding to some, none to others"},
        {"Transfer-Encoding\t:chunked\r\n"s, R::name_space, "RFC 9112 5.1", ""},
        {"Transfer Encoding: chunked\r\n"s, R::name_space, "RFC 9112 5.1", ""},
        {"Content -Length: 5\r\n"s, R::name_space, "RFC 9112 5.1", ""},
        {"Host : b\r\n"s, R::name_space, "RFC 9112 5.1", ""},
        {"Content-Length 5\r\n"s, R::name_space, "RFC 9112 5", "a space for the colon"},
        {"no colon here\r\n"s, R::name_space, "RFC 9112 5", ""},
        {"GET / HTTP/1.1\r\n"s, R::name_space, "RFC 9112 5", "a request line for a field"},

        {"X(: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X): a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X,: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X/: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X;: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X<: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X=: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X>: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X?: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X@: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X[: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X\\: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X]: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X{: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X}: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"\"X\": a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"\000X: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "NUL before a name"},
        {"X\000: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "NUL behind a name"},
        {"X\001: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X\010: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X\037: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"X\177: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "DEL"},
        {"X\200: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "the first byte above ASCII"},
        {"X\377: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "the last byte"},
        {"\357foo: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"\357\273\277X: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "a byte order mark"},
        {"Content-Length\000: 5\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "NUL ends a name for some"},
        {"Content-Length\013: 5\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "VT is white space for some"},
        {"Content-Length\205: 5\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "NEL is white space for some"},
        {"Transfer-Encoding\014: chunked\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "FF is white space for some"},
        {"Transfer-Encoding\240: chunked\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "NBSP is white space for some"},
        {"\013Transfer-Encoding: chunked\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "VT before a name"},
        {"Transfer\377Encoding: chunked\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"Content\255Length: 5\r\n"s, R::name_not_token, "RFC 9110 5.6.2", "a soft hyphen"},
        {"a-name-that-is-longer-than-two-blocks-an\001d: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},
        {"<script>: a\r\n"s, R::name_not_token, "RFC 9110 5.6.2", ""},

        {"X\r\n"s, R::colon_missing, "RFC 9112 5", ""},
        {"X: a\r\nY\r\n"s, R::colon_missing, "RFC 9112 5", ""},
        {"Transfer-\r\nEncoding: chunked\r\n"s, R::colon_missing, "RFC 9112 5", "a name over two lines"},
        {"Transfer-Encoding\r\n"s, R::colon_missing, "RFC 9112 5", ""},
        {"Content-Length\r\n: 5\r\n"s, R::colon_missing, "RFC 9112 5", ""},
        {"0\r\n"s, R::colon_missing, "RFC 9112 5", "a chunk for a field"},

        {"X: \000\r\n"s, R::value_control, "RFC 9110 5.5", "NUL"},
        {"X: a\000b\r\n"s, R::value_control, "RFC 9110 5.5", "NUL ends a value for some"},
        {"X:\000a\r\n"s, R::value_control, "RFC 9110 5.5", "NUL before a value"},
        {"X: a\000\r\n"s, R::value_control, "RFC 9110 5.5", "NUL behind a value"},
        {"X: \001\r\n"s, R::value_control, "RFC 9110 5.5", ""},
        {"X: \007\r\n"s, R::value_control, "RFC 9110 5.5", "bell"},
        {"X: \010\r\n"s, R::value_control, "RFC 9110 5.5", "the byte before a tab"},
        {"X: \013\r\n"s, R::value_control, "RFC 9110 5.5", "VT"},
        {"X: \014\r\n"s, R::value_control, "RFC 9110 5.5", "FF"},
        {"X: \016\r\n"s, R::value_control, "RFC 9110 5.5", "the byte behind CR"},
        {"X: \033[2J\r\n"s, R::value_control, "RFC 9110 5.5", "an escape sequence of a terminal"},
        {"X: \037\r\n"s, R::value_control, "RFC 9110 5.5", "the last control byte"},
        {"X: \177\r\n"s, R::value_control, "RFC 9110 5.5", "DEL"},
        {"Transfer-Encoding: \013chunked\r\n"s, R::value_control, "RFC 9110 5.5", "VT is white space for some"},
        {"Transfer-Encoding: chunked\014\r\n"s, R::value_control, "RFC 9110 5.5", "FF is white space for some"},
        {"Transfer-Encoding: \000chunked\r\n"s, R::value_control, "RFC 9110 5.5", ""},
        {"Content-Length: 5\000\r\n"s, R::value_control, "RFC 9110 5.5", ""},
        {"Content-Length: \0135\r\n"s, R::value_control, "RFC 9110 5.5", ""},
        {"Connection: close\000\r\n"s, R::value_control, "RFC 9110 5.5", ""},
        {"X: 0123456789abcde\001\r\n"s, R::value_control, "RFC 9110 5.5", "at the end of a block"},
        {"X: 0123456789abcdef\001\r\n"s, R::value_control, "RFC 9110 5.5", "at the start of a block"},
        {"X: 0123456789abcdef0123456789abcde\177\r\n"s, R::value_control, "RFC 9110 5.5", "in a later block"},
        {"X: a\tb\tc\001\r\n"s, R::value_control, "RFC 9110 5.5", "behind tabs, which may stand there"},
        {"X: \377\376\001\r\n"s, R::value_control, "RFC 9110 5.5", "behind bytes above ASCII, which may stand there"},
    };
    return rows;
}

// Behind a start line at once.
inline const std::vector<Row>& first_field_rows() {
    using namespace std::string_literals;
    using R = Reason;
    static const std::vector<Row> rows = {
        {" Host: a\r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a space"},
        {"\tHost: a\r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a tab"},
        {" \r\nHost: a\r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a line of a space"},
        {"  \t \r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a line of white space"},
        {"\tContent-Length: 1\r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a length to those who trim"},
        {" : a\r\n"s, R::space_before_first_field, "RFC 9112 2.2", ""},
        {" HTTP/1.1\r\n"s, R::space_before_first_field, "RFC 9112 2.2", "a folded start line"},
    };
    return rows;
}

// With heads of at most 64 bytes and 3 fields, behind "GET / HTTP/1.1" and "Host: a": 25 bytes.
inline const std::vector<Row>& limit_rows() {
    using R = Reason;
    static const std::vector<Row> rows = {
        {"X: " + std::string(100, 'a') + "\r\n", R::head_too_long, "RFC 6585 5", "a long value"},
        {"X: " + std::string(33, 'a') + "\r\n", R::head_too_long, "RFC 6585 5", "one byte too long"},
        {std::string(80, 'X') + ": a\r\n", R::head_too_long, "RFC 6585 5", "a long name"},
        {std::string(39, 'X'), R::head_too_long, "RFC 6585 5", "a name up to the limit"},
        {"X:" + std::string(80, ' ') + "a\r\n", R::head_too_long, "RFC 6585 5", "white space"},
        {"X: a\r\nY: " + std::string(60, 'b') + "\r\n", R::head_too_long, "RFC 6585 5", "in the last field"},
        {"A: 1\r\nB: 2\r\nC: 3\r\n", R::too_many_fields, "RFC 6585 5", "one field too many"},
        {"A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n", R::too_many_fields, "RFC 6585 5", "empty fields count"},
        {"A: 1\r\nA: 2\r\nA: 3\r\n", R::too_many_fields, "RFC 6585 5", "repeated fields count"},
        {"A: 1\r\nB: 2\r\nC", R::too_many_fields, "RFC 6585 5", "the first byte of a field too many"},
    };
    return rows;
}

// With heads of at most 256 KiB.
inline const std::vector<Row>& long_name_rows() {
    static const std::vector<Row> rows = {
        {std::string(65536, 'x') + ": a\r\n", Reason::name_too_long, "RFC 6585 5", "64 KiB"},
    };
    return rows;
}

}  // namespace weir::http::rows
