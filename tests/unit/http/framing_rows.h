// Requests whose fields are well formed one by one and whose head must be refused all the same. Whole heads.
#pragma once

#include "tests/unit/http/rows.h"

namespace weir::http::rows {

inline const std::vector<Row> kHostRows = {
    {"GET / HTTP/1.1\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"GET http://a/ HTTP/1.1\r\n\r\n"s, R::host_missing, "RFC 9112 3.2.2", "the absolute form does not replace it"},
    {"OPTIONS * HTTP/1.1\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"CONNECT a:443 HTTP/1.1\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nX-Host: a\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nHost_: a\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nHos: a\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", "a prefix of the name"},
    {"GET / HTTP/1.1\r\nX-Forwarded-Host: a\r\n\r\n"s, R::host_missing, "RFC 9112 3.2", ""},

    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", "the same twice"},
    {"GET / HTTP/1.1\r\nhost: a\r\nHOST: b\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nHost: b\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", ""},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", "the second is empty"},
    {"GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", "the first is empty"},
    {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2", "in HTTP/1.0 too"},
    {"GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"s, R::host_repeated, "RFC 9112 3.2.2", ""},
};

// Behind "POST / HTTP/1.1" and "Host: a".
inline const std::vector<Row> kExpectationRows = {
    {"Expect: 200-ok\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect:\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", "an empty one"},
    {"Expect: 100-continued\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: 100 continue\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: 100\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: y 100-continue\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", "read as 100-continue by some"},
    {"Expect: 100-continue, x\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: 100-continue;q=1\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: \"100-continue\"\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", ""},
    {"Expect: 100-continue\r\nExpect: x\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", "the second of two"},
    {"Expect: x\r\nExpect: 100-continue\r\n"s, R::expectation_unknown, "RFC 9110 10.1.1", "the first of two"},
};

inline std::string names(int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i > 0 ? ", x-" : "x-") + std::to_string(i);
    return list;
}

// In requests and responses of any version.
inline const std::vector<Row> kConnectionRows = {
    {"Connection: " + names(101) + "\r\n", R::options_too_many, "RFC 9110 7.6.1", "one more than 100"},
    {"Connection: close, " + names(101) + "\r\n", R::options_too_many, "RFC 9110 7.6.1", "behind a close"},
    {"Connection: " + names(60) + "\r\nConnection: " + names(41) + "\r\n", R::options_too_many, "RFC 9110 7.6.1",
     "in two fields"},
    {"Connection: x," + names(100) + "\r\nUser-Agent: a\r\n", R::options_too_many, "RFC 9110 7.6.1", "named or not"},
};

// Framing fields that must be refused in requests and responses of HTTP/1.1 alike. Each stands behind another field.
inline const std::vector<Row> kCodingRows = {
    {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"s, R::coding_with_length, "RFC 9112 6.3", "CL.TE"},
    {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", "TE.CL"},
    {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"TRANSFER-ENCODING: chunked\r\ncontent-LENGTH: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Transfer-Encoding:\r\nContent-Length: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", "an empty coding"},
    {"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Transfer-Encoding: chunked\r\nContent-Length:\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Transfer-Encoding: chunked\r\nContent-Length: x\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nX: y\r\nTransfer-Encoding: chunked\r\n"s, R::coding_with_length, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"s, R::coding_with_length,
     "RFC 9112 6.3", ""},

    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"s, R::coding_repeated, "RFC 9112 6.1", "TE.TE"},
    {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"s, R::coding_repeated, "RFC 9112 6.1", "TE.TE"},
    {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\ntransfer-encoding: x\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},
    {"Transfer-Encoding:\r\nTransfer-Encoding:\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\nX: y\r\nTransfer-Encoding: chunked\r\n"s, R::coding_repeated, "RFC 9112 6.1", ""},

    {"Transfer-Encoding: gzip, chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "we do not decode gzip"},
    {"Transfer-Encoding: deflate, chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked, gzip\r\n"s, R::coding_not_chunked, "RFC 9112 6.3", "chunked is not the last"},
    {"Transfer-Encoding: chunked, chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "twice in a list"},
    {"Transfer-Encoding: chunked,chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked, identity\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: identity, chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: identity\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "gone since RFC 7230"},
    {"Transfer-Encoding: gzip\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: compress\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: pigeons\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "an unknown coding"},
    {"Transfer-Encoding: xchunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "chunked to who looks for the end"},
    {"Transfer-Encoding: chunkedx\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "chunked to who looks for the start"},
    {"Transfer-Encoding: chunkedchunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunke\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked;q=1\r\n"s, R::coding_not_chunked, "RFC 9112 7.1", "chunked has no parameters"},
    {"Transfer-Encoding: chunked; a=b\r\n"s, R::coding_not_chunked, "RFC 9112 7.1", ""},
    {"Transfer-Encoding: ,chunked\r\n"s, R::coding_not_chunked, "RFC 9110 5.6.1", "an empty element"},
    {"Transfer-Encoding: chunked,\r\n"s, R::coding_not_chunked, "RFC 9110 5.6.1", "an empty element"},
    {"Transfer-Encoding: , chunked ,\r\n"s, R::coding_not_chunked, "RFC 9110 5.6.1", ""},
    {"Transfer-Encoding: \"chunked\"\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: 'chunked'\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: x chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chu\tnked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked:\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: : chunked\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", ""},
    {"Transfer-Encoding:\r\n"s, R::coding_not_chunked, "RFC 9112 6.1", "nothing"},
    {"Transfer-Encoding: \240chunked\r\n"s, R::coding_not_chunked, "RFC 9110 5.5", "NBSP is white space for some"},
    {"Transfer-Encoding: chunked\205\r\n"s, R::coding_not_chunked, "RFC 9110 5.5", "NEL is white space for some"},
    {"Transfer-Encoding: \377chunked\377\r\n"s, R::coding_not_chunked, "RFC 9110 5.5", ""},
    {"Transfer-Encoding: chun\305\277ked\r\n"s, R::coding_not_chunked, "RFC 9110 5.5", ""},
    {"Transfer-Encoding: chun\342\204\252ed\r\n"s, R::coding_not_chunked, "RFC 9110 5.5", "the Kelvin sign is a k"},
};

// As kCodingRows.
inline const std::vector<Row> kLengthRows = {
    {"Content-Length: 5\r\nContent-Length: 6\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nContent-Length: 5\r\n"s, R::length_repeated, "RFC 9112 6.3", "the same twice"},
    {"Content-Length: 0\r\nContent-Length: 0\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length: 0\r\nContent-Length: 5\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length:\r\nContent-Length: 43\r\n"s, R::length_repeated, "RFC 9112 6.3", "the first is empty"},
    {"Content-Length: 43\r\nContent-Length:\r\n"s, R::length_repeated, "RFC 9112 6.3", "the second is empty"},
    {"content-length: 5\r\nCONTENT-LENGTH: 5\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nX: y\r\nContent-Length: 5\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 5\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},
    {"Content-Length: 5\r\nContent-Length: x\r\n"s, R::length_repeated, "RFC 9112 6.3", ""},

    {"Content-Length:\r\n"s, R::length_malformed, "RFC 9110 8.6", "nothing"},
    {"Content-Length: \t \r\n"s, R::length_malformed, "RFC 9110 8.6", "white space"},
    {"Content-Length: abc\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: -1\r\n"s, R::length_malformed, "RFC 9110 8.6", "negative"},
    {"Content-Length: -0\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: +5\r\n"s, R::length_malformed, "RFC 9110 8.6", "a sign"},
    {"Content-Length: 0x10\r\n"s, R::length_malformed, "RFC 9110 8.6", "hexadecimal"},
    {"Content-Length: 0b1\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: a\r\n"s, R::length_malformed, "RFC 9110 8.6", "a hexadecimal digit"},
    {"Content-Length: 5 5\r\n"s, R::length_malformed, "RFC 9110 8.6", "white space within"},
    {"Content-Length: 13 37\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 1\t0\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 5,5\r\n"s, R::length_malformed, "RFC 9112 6.3", "a list of the same"},
    {"Content-Length: 5, 5\r\n"s, R::length_malformed, "RFC 9112 6.3", "a list of the same"},
    {"Content-Length: 5, 6\r\n"s, R::length_malformed, "RFC 9112 6.3", "a list"},
    {"Content-Length: 5,\r\n"s, R::length_malformed, "RFC 9112 6.3", "an empty element"},
    {"Content-Length: ,5\r\n"s, R::length_malformed, "RFC 9112 6.3", "an empty element"},
    {"Content-Length: 5;\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 5.0\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 1e3\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 1_0\r\n"s, R::length_malformed, "RFC 9110 8.6", "a number to Python's int"},
    {"Content-Length: \"5\"\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 1Z\r\n"s, R::length_malformed, "RFC 9110 8.6", "a valid prefix is no number"},
    {"Content-Length: 5 bytes\r\n"s, R::length_malformed, "RFC 9110 8.6", ""},
    {"Content-Length: 5:\r\n"s, R::length_malformed, "RFC 9110 8.6", "the byte behind 9"},
    {"Content-Length: 5/\r\n"s, R::length_malformed, "RFC 9110 8.6", "the byte before 0"},
    {"Content-Length: 5\240\r\n"s, R::length_malformed, "RFC 9110 8.6", "NBSP is white space for some"},
    {"Content-Length: \357\274\225\r\n"s, R::length_malformed, "RFC 9110 8.6", "a full-width 5"},
    {"Content-Length: \331\245\r\n"s, R::length_malformed, "RFC 9110 8.6", "an Arabic 5"},

    {"Content-Length: 9223372036854775808\r\n"s, R::length_too_large, "RFC 9110 8.6", "2^63"},
    {"Content-Length: 18446744073709551615\r\n"s, R::length_too_large, "RFC 9110 8.6", "2^64 - 1"},
    {"Content-Length: 18446744073709551616\r\n"s, R::length_too_large, "RFC 9110 8.6", "2^64 wraps to 0"},
    {"Content-Length: 18446744073709551621\r\n"s, R::length_too_large, "RFC 9110 8.6", "wraps to 5"},
    {"Content-Length: 36893488147419103237\r\n"s, R::length_too_large, "RFC 9110 8.6", "wraps to 5 twice"},
    {"Content-Length: 10000000000000000000\r\n"s, R::length_too_large, "RFC 9110 8.6", ""},
    {"Content-Length: 99999999999999999999999999999999999999\r\n"s, R::length_too_large, "RFC 9110 8.6", ""},
};

// Behind "POST / HTTP/1.0" and behind "HTTP/1.0 200 OK".
inline const std::vector<Row> kHttp10CodingRows = {
    {"Transfer-Encoding: chunked\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: identity\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
    {"Transfer-Encoding: gzip, chunked\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
    {"Transfer-Encoding:\r\n"s, R::coding_in_http10, "RFC 9112 6.1", ""},
};

}  // namespace weir::http::rows
