// Responses that must be refused. kFieldRows, kCodingRows and kLengthRows must be refused in responses too.
#pragma once

#include "tests/unit/http/rows.h"

namespace weir::http::rows {

// Status lines; each stands before "Content-Length: 0" and the end of the head.
inline const std::vector<Row> kStatusLineRows = {
    {"HTTP/1.1 200 OK\n"s, R::bare_lf, "RFC 9112 2.2", ""},
    {"HTTP/1.1 200\n"s, R::bare_lf, "RFC 9112 2.2", ""},
    {"HTTP/1.1 \n"s, R::bare_lf, "RFC 9112 2.2", ""},
    {"HTTP/1.1\n"s, R::bare_lf, "RFC 9112 2.2", ""},
    {"\nHTTP/1.1 200 OK\r\n"s, R::bare_lf, "RFC 9112 2.2", "LF left over from the response before"},
    {"HTTP/1.1 200 O\nK\r\n"s, R::bare_lf, "RFC 9112 4", ""},
    {"HTTP/1.1 20\n0 OK\r\n"s, R::bare_lf, "RFC 9112 4", ""},

    {"HTTP/1.1 200 OK\r\r\n"s, R::bare_cr, "RFC 9112 2.2", ""},
    {"HTTP/1.1 200 O\rK\r\n"s, R::bare_cr, "RFC 9112 2.2", ""},
    {"HTTP/1.1 200\r OK\r\n"s, R::bare_cr, "RFC 9112 2.2", ""},
    {"HTTP/1.1\r200 OK\r\n"s, R::bare_cr, "RFC 9112 4", ""},
    {"HTTP/1.1 2\r00 OK\r\n"s, R::bare_cr, "RFC 9112 4", ""},
    {"\rHTTP/1.1 200 OK\r\n"s, R::bare_cr, "RFC 9112 2.2", ""},
    {"HTTP\r/1.1 200 OK\r\n"s, R::bare_cr, "RFC 9112 2.3", ""},

    {"HTPP/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"http/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/11.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/01.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/1.01 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/1.1200 OK\r\n"s, R::version_malformed, "RFC 9112 4", "no space behind the version"},
    {"HTTP/1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/2 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP /1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"HTTP/ 1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", ""},
    {"ICY 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", "another protocol"},
    {"RTSP/1.0 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.3", "another protocol"},
    {"SSH-2.0-OpenSSH_9.2\r\n"s, R::version_malformed, "RFC 9112 4", "another protocol"},
    {"220 mail ready\r\n"s, R::version_malformed, "RFC 9112 4", "another protocol"},
    {" HTTP/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 4", "a space before the version"},
    {"\tHTTP/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 4", ""},
    {"\r\nHTTP/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 2.2", "only requests may have empty lines first"},
    {"200 OK\r\n"s, R::version_malformed, "RFC 9112 4", "no version"},
    {"<html>\r\n"s, R::version_malformed, "RFC 9112 4", "HTTP/0.9"},
    {"\025\003\001\000\002"s, R::version_malformed, "RFC 9112 4", "an alert of TLS"},
    {"\000HTTP/1.1 200 OK\r\n"s, R::version_malformed, "RFC 9112 4", ""},

    {"HTTP/2.0 200 OK\r\n"s, R::version_unsupported, "RFC 9112 2.3", ""},
    {"HTTP/0.9 200 OK\r\n"s, R::version_unsupported, "RFC 9112 2.3", ""},
    {"HTTP/1.2 200 OK\r\n"s, R::version_unsupported, "RFC 9112 2.3", ""},
    {"HTTP/3.1 200 OK\r\n"s, R::version_unsupported, "RFC 9112 2.3", ""},

    {"HTTP/1.1\r\n"s, R::status_malformed, "RFC 9112 4", "no status"},
    {"HTTP/1.1 \r\n"s, R::status_malformed, "RFC 9112 4", "no status"},
    {"HTTP/1.1 OK\r\n"s, R::status_malformed, "RFC 9112 4", "no status"},
    {"HTTP/1.1 2\r\n"s, R::status_malformed, "RFC 9112 4", "one digit"},
    {"HTTP/1.1 20\r\n"s, R::status_malformed, "RFC 9112 4", "two digits"},
    {"HTTP/1.1 20 OK\r\n"s, R::status_malformed, "RFC 9112 4", "two digits"},
    {"HTTP/1.1 2000 OK\r\n"s, R::status_malformed, "RFC 9112 4", "four digits"},
    {"HTTP/1.1 0200 OK\r\n"s, R::status_out_of_range, "RFC 9112 4", "four digits"},
    {"HTTP/1.1 2x0 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},
    {"HTTP/1.1 -20 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},
    {"HTTP/1.1 +20 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},
    {"HTTP/1.1 0x1 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},
    {"HTTP/1.1 2 0 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},
    {"HTTP/1.1 2\00000 OK\r\n"s, R::status_malformed, "RFC 9112 4", "NUL"},
    {"HTTP/1.1 2\26200 OK\r\n"s, R::status_malformed, "RFC 9112 4", ""},

    {"HTTP/1.1 000 OK\r\n"s, R::status_out_of_range, "RFC 9110 15", ""},
    {"HTTP/1.1 042 OK\r\n"s, R::status_out_of_range, "RFC 9110 15", ""},
    {"HTTP/1.1 099 OK\r\n"s, R::status_out_of_range, "RFC 9110 15", "the last below"},
    {"HTTP/1.1 600 OK\r\n"s, R::status_out_of_range, "RFC 9110 15", "the first above"},
    {"HTTP/1.1 999 OK\r\n"s, R::status_out_of_range, "RFC 9110 15", ""},

    {"HTTP/1.1  200 OK\r\n"s, R::status_line_space, "RFC 9112 4", "two spaces"},
    {"HTTP/1.1\t200 OK\r\n"s, R::status_line_space, "RFC 9112 4", "a tab"},
    {"HTTP/1.1 \t200 OK\r\n"s, R::status_line_space, "RFC 9112 4", ""},
    {"HTTP/1.1:200 OK\r\n"s, R::status_line_space, "RFC 9112 4", ""},
    {"HTTP/1.1\000200 OK\r\n"s, R::status_line_space, "RFC 9112 4", "NUL"},
    {"HTTP/1.1 200\tOK\r\n"s, R::status_line_space, "RFC 9112 4", ""},
    {"HTTP/1.1 200OK\r\n"s, R::status_line_space, "RFC 9112 4", ""},
    {"HTTP/1.1 200-OK\r\n"s, R::status_line_space, "RFC 9112 4", ""},
    {"HTTP/1.1 200.1 OK\r\n"s, R::status_line_space, "RFC 9112 4", ""},

    {"HTTP/1.1 200 \000\r\n"s, R::reason_control, "RFC 9112 4", "NUL"},
    {"HTTP/1.1 200 O\001K\r\n"s, R::reason_control, "RFC 9112 4", ""},
    {"HTTP/1.1 200 \013OK\r\n"s, R::reason_control, "RFC 9112 4", "VT"},
    {"HTTP/1.1 200 \033[0mOK\r\n"s, R::reason_control, "RFC 9112 4", ""},
    {"HTTP/1.1 200 OK\177\r\n"s, R::reason_control, "RFC 9112 4", "DEL"},
};

// Whole heads.
inline const std::vector<Row> kInformationalRows = {
    {"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"s, R::informational_framed, "RFC 9110 8.6", ""},
    {"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n"s, R::informational_framed, "RFC 9110 8.6", ""},
    {"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n"s, R::informational_framed, "RFC 9112 6.1", ""},
    {"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5\r\n\r\n"s, R::informational_framed, "RFC 9110 8.6", ""},
    {"HTTP/1.1 199 Odd\r\nTransfer-Encoding: chunked\r\n\r\n"s, R::informational_framed, "RFC 9112 6.1", ""},
    {"HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n"s, R::length_malformed, "RFC 9110 8.6", "even unused"},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s, R::length_repeated, "RFC 9110 8.6",
     "even unused"},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"s, R::coding_with_length,
     "RFC 9112 6.3", "even unused"},
};

// With heads of at most 64 bytes and 3 fields. Whole heads.
inline const std::vector<Row> kResponseLimitRows = {
    {"HTTP/1.1 200 " + std::string(80, 'a') + "\r\n\r\n", R::head_too_long, "RFC 6585 5", "a long reason"},
    {"HTTP/1.1 200 OK\r\nX: " + std::string(41, 'a') + "\r\n\r\n", R::head_too_long, "RFC 6585 5", "one byte"},
    {"HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n", R::too_many_fields, "RFC 6585 5", ""},
};

}  // namespace weir::http::rows
