// Where a request ends: lengths, codings, chunks and trailers that two readers could understand differently. With a wrong
// head the backend hears of nothing; with a wrong body it never gets the request whole; what is harmless passes as exactly
// one request, framed anew. Beside a row: who once took it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Attacked, SMUGGLED } from '../support/attacked.mjs';
import { until } from '../support/deadline.mjs';
import { Stage } from '../support/weir.mjs';

const post = (fields, body = '', version = 'HTTP/1.1') => `POST /marker ${version}\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const ask = (method, fields, body) => `${method} /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked', body);
const NONE = '0\r\n\r\n'; // an empty chunked body

// [what is wrong, the RFC's word on it, bytes, status where it is not 400]
const LENGTHS = [
  ['two Content-Lengths that differ', 'RFC 9112 6.3', post('Content-Length: 1\r\nContent-Length: 2', 'ab')], // CVE-2025-30346 (Varnish)
  ['two Content-Lengths that agree', 'RFC 9112 6.3', post('Content-Length: 2\r\nContent-Length: 2', 'ab')],
  ['an empty Content-Length before a good one', 'RFC 9110 8.6', post('Content-Length:\r\nContent-Length: 2', 'ab')], // CVE-2023-40225 (HAProxy)
  ['a good Content-Length before an empty one', 'RFC 9110 8.6', post('Content-Length: 2\r\nContent-Length:', 'ab')],
  ['a list in Content-Length', 'RFC 9112 6.3', post('Content-Length: 2, 2', 'ab')], // gunicorn 26.0
  ['a list of different Content-Lengths', 'RFC 9112 6.3', post('Content-Length: 1, 2', 'ab')],
  ['Content-Length with a sign', 'RFC 9110 8.6', post('Content-Length: +2', 'ab')], // CVE-2023-40167 (Jetty), CVE-2023-38697 (protocol-http1)
  ['a negative Content-Length', 'RFC 9110 8.6', post('Content-Length: -2', 'ab')],
  ['a negative Content-Length of nothing', 'RFC 9110 8.6', post('Content-Length: -0')],
  ['a hexadecimal Content-Length', 'RFC 9110 8.6', post('Content-Length: 0x2', 'ab')], // CVE-2023-38697 (protocol-http1)
  ['Content-Length with an underscore', 'RFC 9110 8.6', post('Content-Length: 1_0', '0123456789')], // CVE-2023-47627 (aiohttp)
  ['Content-Length with letters behind it', 'RFC 9110 8.6', post('Content-Length: 2Z', 'ab')],
  ['Content-Length with a fraction', 'RFC 9110 8.6', post('Content-Length: 2.0', 'ab')],
  ['an empty Content-Length', 'RFC 9110 8.6', post('Content-Length:', 'ab')], // CVE-2023-40225 (HAProxy), CVE-2023-40175 (Puma)
  ['a Content-Length of 2^63', 'RFC 9110 8.6', post('Content-Length: 9223372036854775808', 'ab')],
  ['a Content-Length past 64 bits', 'RFC 9110 8.6', post('Content-Length: 18446744073709551618', 'ab')],
  ['a Content-Length past 32 bits more than once', 'RFC 9110 8.6', post(`Content-Length: 1${'0'.repeat(40)}`, 'ab')],
  ['Content-Length with a space in it', 'RFC 9110 8.6', post('Content-Length: 1 2', 'ab')],
  ['Content-Length behind a vertical tab', 'RFC 9110 5.5', post('Content-Length: \x0b2', 'ab')],
  ['Content-Length in other digits', 'RFC 9110 8.6', post('Content-Length: \xb2', 'ab')],
  ['Content-Length in full-width digits', 'RFC 9110 8.6', post('Content-Length: \xef\xbc\x92', 'ab')],
  ['a folded Content-Length', 'RFC 9112 5.2', post('Content-Length:\r\n 2', 'ab')], // 0.CL; CVE-2025-32094 (Akamai)
  ['a space before the name of Content-Length', 'RFC 9112 5.2', post(' Content-Length: 2', 'ab')], // CVE-2024-27982 (Node)
  ['Content-Length with a space before its colon', 'RFC 9112 5.1', post('Content-Length : 2', 'ab')], // CVE-2023-40518 (OpenLiteSpeed)
  ['Content-Length with a space for its colon', 'RFC 9112 5', post('Content-Length 2', 'ab')],
  ['Content-Length and NEL before its colon', 'RFC 9112 5.1', post('Content-Length\x85: 2', 'ab')],
  ['Content-Length behind a bare LF', 'RFC 9112 2.2', post('X-A: b\nContent-Length: 2', 'ab')],
  ['Content-Length behind a bare CR', 'RFC 9112 2.2', post('X-A: b\rContent-Length: 2', 'ab')], // CVE-2023-30589 (Node)
];

const CODINGS = [
  ['Content-Length with Transfer-Encoding', 'RFC 9112 6.1', post('Content-Length: 4\r\nTransfer-Encoding: chunked', NONE)], // CL.TE; CVE-2023-47641 (aiohttp)
  ['Transfer-Encoding with Content-Length', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nContent-Length: 0', NONE)], // TE.CL; CVE-2026-54387 (Tinyproxy)
  ['Transfer-Encoding with a bad Content-Length', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nContent-Length: +5', NONE)],
  ['an unknown coding with Content-Length', 'RFC 9112 6.1', post('Transfer-Encoding: x\r\nContent-Length: 2', 'ab')], // CVE-2024-6827 (gunicorn)
  ['a coding before chunked', 'RFC 9112 6.1', post('Transfer-Encoding: gzip, chunked', NONE)],
  ['chunked twice', 'RFC 9112 6.1', post('Transfer-Encoding: chunked, chunked', NONE)], // gunicorn 26.0
  ['chunked, identity', 'RFC 9112 6.1', post('Transfer-Encoding: chunked, identity', NONE)], // CVE-2026-42585 (Netty)
  ['identity, chunked', 'RFC 9112 7', post('Transfer-Encoding: identity, chunked', NONE)],
  ['chunked, xchunked', 'RFC 9112 6.1', post('Transfer-Encoding: chunked, xchunked', NONE)], // CVE-2026-89044 (Netty)
  ['chunked and a comma', 'RFC 9112 7', post('Transfer-Encoding: chunked,', NONE)], // Tinyproxy, 2026-06
  ['a comma and chunked', 'RFC 9112 7', post('Transfer-Encoding: ,chunked', NONE)], // LiteSpeed, Tornado, 2024
  ['chunked with a parameter', 'RFC 9112 7.1', post('Transfer-Encoding: chunked;a=b', NONE)],
  ['Transfer-Encoding twice', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', NONE)], // CVE-2024-1135 (gunicorn)
  ['chunked in two Transfer-Encodings', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', NONE)], // GHSA-753j-mpmx-qq6g (Tornado)
  ['Transfer-Encoding: identity', 'RFC 9112 7', post('Transfer-Encoding: identity')],
  ['a coding that begins like chunked', 'RFC 9112 7', post('Transfer-Encoding: chunked123', NONE)], // CVE-2023-47641 (aiohttp)
  ['a coding that ends like chunked', 'RFC 9112 7', post('Transfer-Encoding: xchunked', NONE)],
  ['chunked in quotes', 'RFC 9112 7', post('Transfer-Encoding: "chunked"', NONE)],
  ['chunked behind a vertical tab', 'RFC 9110 5.5', post('Transfer-Encoding: \x0bchunked', NONE)],
  ['chunked behind a form feed', 'RFC 9110 5.5', post('Transfer-Encoding: \x0cchunked', NONE)],
  ['chunked between no-break spaces', 'RFC 9112 7', post('Transfer-Encoding: \xa0chunked\xa0', NONE)], // GHSA-753j-mpmx-qq6g (Tornado)
  ['chunked with a Kelvin sign', 'RFC 9112 7', post('Transfer-Encoding: chun\xe2\x84\xaaed', NONE)], // CVE-2025-69224 (aiohttp)
  ['chunked and NUL', 'RFC 9110 5.5', post('Transfer-Encoding: chunked\0', NONE)],
  ['an empty Transfer-Encoding', 'RFC 9112 6.1', post('Transfer-Encoding:', NONE)], // HAProxy, 2024-07
  ['a folded Transfer-Encoding', 'RFC 9112 5.2', post('Transfer-Encoding:\r\n chunked', NONE)],
  ['a space before the name of Transfer-Encoding', 'RFC 9112 5.2', post('X-A: b\r\n Transfer-Encoding: chunked', NONE)],
  ['Transfer-Encoding with a tab before its colon', 'RFC 9112 5.1', post('Transfer-Encoding\t: chunked', NONE)],
  ['Transfer-Encoding over two lines', 'RFC 9112 5', post('Transfer-\r\nEncoding: chunked\r\nContent-Length: 5', NONE)], // Mongoose, 2023
  ['Transfer-Encoding behind a bare LF', 'RFC 9112 2.2', post('X-A: b\nTransfer-Encoding: chunked', NONE)],
  ['Transfer-Encoding in HTTP/1.0', 'RFC 9112 6.1', post('Transfer-Encoding: chunked', NONE, 'HTTP/1.0')], // CVE-2026-2835 (Pingora)
  ['Transfer-Encoding in HTTP/1.0 that stays open', 'RFC 9112 6.1', post('Connection: keep-alive\r\nTransfer-Encoding: chunked', NONE, 'HTTP/1.0')],
];

// [what is wrong, the RFC's word on it, the body, status where it is not 400]
const CHUNKS = [
  ['a chunk size that is none', 'RFC 9112 7.1', 'zz\r\nabc\r\n0\r\n\r\n'],
  ['a negative chunk size', 'RFC 9112 7.1', '-1\r\nabc\r\n0\r\n\r\n'],
  ['a negative last chunk', 'RFC 9112 7.1', '-0\r\n\r\n'],
  ['a chunk size with a sign', 'RFC 9112 7.1', '+3\r\nabc\r\n0\r\n\r\n'], // CVE-2023-38697 (protocol-http1)
  ['a chunk size with 0x', 'RFC 9112 7.1', '0x3\r\nabc\r\n0\r\n\r\n'], // CVE-2023-47627 (aiohttp)
  ['a chunk size with an underscore', 'RFC 9112 7.1', '0_3\r\nabc\r\n0\r\n\r\n'], // CVE-2023-47627 (aiohttp)
  ['a chunk size with letters behind it', 'RFC 9112 7.1', '3these-bytes\r\nabc\r\n0\r\n\r\n'], // Traffic Server, 2023-10
  ['a chunk size with a point', 'RFC 9112 7.1', '3.0\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size in full-width digits', 'RFC 9112 7.1', '\xef\xbc\x93\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size past 64 bits', 'RFC 9112 7.1', '10000000000000003\r\nabc\r\n0\r\n\r\n'], // CVE-2026-42580 (Netty): past 32
  ['a chunk size of 2^64 - 1', 'RFC 9112 7.1', 'ffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size of 2^63', 'RFC 9112 7.1', '8000000000000000\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size of many zeros', 'RFC 9112 7.1', `${'0'.repeat(16)}3\r\nabc\r\n0\r\n\r\n`],
  ['an empty chunk size', 'RFC 9112 7.1', '\r\nabc\r\n0\r\n\r\n'], // Go, 2023
  ['an empty line between chunks', 'RFC 9112 7.1', '3\r\nabc\r\n\r\n0\r\n\r\n'],
  ['a space before the chunk size', 'RFC 9112 7.1', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['a space behind the chunk size', 'RFC 9112 7.1', '3 \r\nabc\r\n0\r\n\r\n'],
  ['a tab behind the chunk size', 'RFC 9112 7.1', '3\t\r\nabc\r\n0\r\n\r\n'],
  ['a bare LF behind the chunk size', 'RFC 9112 7.1', '3\nabc\r\n0\r\n\r\n'], // CVE-2025-22871 (Go), CVE-2025-58056 (Netty)
  ['a bare CR behind the chunk size', 'RFC 9112 7.1', '3\rabc\r\n0\r\n\r\n'],
  ['a CR and another byte behind the chunk size', 'RFC 9112 7.1', '5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n'], // H2O, 2024-02
  ['no line end behind a chunk', 'RFC 9112 7.1', '3\r\nabcd\r\n0\r\n\r\n'],
  ['no line end at all behind a chunk', 'RFC 9112 7.1', '3\r\nabc0\r\n\r\n'], // CVE-2025-47905 (Varnish)
  ['two other bytes behind a chunk', 'RFC 9112 7.1', '3\r\nabcXX0\r\n\r\n'], // CVE-2025-43859 (h11)
  ['a bare LF behind a chunk', 'RFC 9112 7.1', '3\r\nabc\n0\r\n\r\n'], // HAProxy, 2024-02
  ['a bare CR behind a chunk', 'RFC 9112 7.1', '3\r\nabc\r0\r\n\r\n'],
  ['a bare LF behind the last chunk', 'RFC 9112 7.1', '0\n\r\n'],
  ['a bare LF at the end of the body', 'RFC 9112 7.1', '0\r\n\n'],
  ['a CR and another byte at the end of the body', 'RFC 9112 7.1', '0\r\n\rX'],
];

const EXTENSIONS = [
  ['a bare LF in a chunk extension', 'RFC 9112 7.1.1', '3;a\nabc\r\n0\r\n\r\n'], // CVE-2025-55315 (Kestrel)
  ['a bare LF in place of an extension', 'RFC 9112 7.1.1', '3;\nabc\r\n0\r\n\r\n'], // CVE-2025-55315 (Kestrel): TERM.EXT
  ['a bare CR in a chunk extension', 'RFC 9112 7.1.1', '3;a\rb\r\nabc\r\n0\r\n\r\n'], // CVE-2024-53868 (Traffic Server)
  ['two CRs behind a chunk extension', 'RFC 9112 7.1.1', '3;a=b\r\rX\r\nabc\r\n0\r\n\r\n'],
  ['a line end in a quoted extension', 'RFC 9110 5.6.4', '3;a="b\r\nabc\r\n0\r\n\r\n'], // CVE-2026-2332 (Jetty), CVE-2026-33870 (Netty)
  ['a bare LF in a quoted extension', 'RFC 9110 5.6.4', '3;a="b\nabc\r\n0\r\n\r\n'], // CVE-2026-24033 (Traffic Server)
  ['an escaped line end in a quoted extension', 'RFC 9110 5.6.4', '3;a="b\\\r\nabc\r\n0\r\n\r\n'],
  ['NUL in a chunk extension', 'RFC 9112 7.1.1', '3;a=\0\r\nabc\r\n0\r\n\r\n'],
  ['a byte outside of ASCII in a chunk extension', 'RFC 9112 7.1.1', '3;a=\xe9\r\nabc\r\n0\r\n\r\n'],
  ['a chunk extension without a name', 'RFC 9112 7.1.1', '3;\r\nabc\r\n0\r\n\r\n'],
  ['a chunk extension with a value and no name', 'RFC 9112 7.1.1', '3;=b\r\nabc\r\n0\r\n\r\n'],
  ['a chunk extension of two words', 'RFC 9112 7.1.1', '3;a b\r\nabc\r\n0\r\n\r\n'],
  ['a space before a chunk extension', 'RFC 9112 7.1.1', '3 ;a\r\nabc\r\n0\r\n\r\n'],
  ['a chunk extension past 256 bytes', 'contract', `3;a=${'x'.repeat(300)}\r\nabc\r\n0\r\n\r\n`], // CVE-2024-22019 (Node)
  ['chunk extensions past 16 KiB', 'contract', `${`1;a=${'x'.repeat(200)}\r\nX\r\n`.repeat(100)}0\r\n\r\n`], // CVE-2024-21647 (Puma), CVE-2023-39326 (Go)
];

const TRAILERS = [
  ['Content-Length in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n'],
  ['Transfer-Encoding in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['Host in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nHost: b\r\n\r\n'],
  ['Connection in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nConnection: close\r\n\r\n'], // CVE-2025-12642 (lighttpd)
  ['Authorization in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nAuthorization: Basic eDp5\r\n\r\n'],
  ['a cookie in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nCookie: a=b\r\n\r\n'],
  ['X-Forwarded-For in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n'], // CVE-2025-12642 (lighttpd)
  ['Expect in the trailers', 'RFC 9110 6.5.1', '3\r\nabc\r\n0\r\nExpect: 100-continue\r\n\r\n'],
  ['a folded trailer', 'RFC 9112 5.2', '3\r\nabc\r\n0\r\nX-A: 1\r\n 2\r\n\r\n'],
  ['a space before the first trailer', 'RFC 9112 2.2', '3\r\nabc\r\n0\r\n X-A: 1\r\n\r\n'],
  ['a space before the colon of a trailer', 'RFC 9112 5.1', '3\r\nabc\r\n0\r\nX-A : 1\r\n\r\n'],
  ['a trailer without a colon', 'RFC 9112 5', '3\r\nabc\r\n0\r\nNoColon\r\n\r\n'], // CVE-2023-45648 (Tomcat)
  ['a trailer without a name', 'RFC 9110 5.1', '3\r\nabc\r\n0\r\n: 1\r\n\r\n'],
  ['a request in place of the trailers', 'RFC 9112 5', `3\r\nabc\r\n0\r\n${SMUGGLED}`], // CVE-2024-35161 (Traffic Server)
  ['a request behind a bare LF in a trailer', 'RFC 9112 2.2', `3\r\nabc\r\n0\r\nX-A: 1\n${SMUGGLED}`], // CVE-2025-58068 (eventlet)
  ['NUL in a trailer', 'RFC 9110 5.5', '3\r\nabc\r\n0\r\nX-A: a\0\r\n\r\n'],
  ['a bare LF in the trailers', 'RFC 9112 2.2', '3\r\nabc\r\n0\r\nX-A: 1\n\r\n'],
  ['a bare CR in the trailers', 'RFC 9112 2.2', '3\r\nabc\r\n0\r\nX-A: 1\rX-B: 2\r\n\r\n'],
  ['trailers past header_bytes', 'contract', `3\r\nabc\r\n0\r\nX-A: ${'x'.repeat(40_000)}\r\n\r\n`, 431], // CVE-2023-46589 (Tomcat)
  ['more trailers than fields may come', 'contract', `3\r\nabc\r\n0\r\n${'X-A: 1\r\n'.repeat(101)}\r\n`, 431], // CVE-2026-22815 (aiohttp)
];

// [what is odd, bytes, what the backend gets (see Attacked.passes)]
const sized = (body) => ({ body, fields: { 'content-length': `${body.length}`, 'transfer-encoding': undefined } });
const inChunks = (body, trailers = {}) => ({ body, trailers, fields: { 'content-length': undefined, 'transfer-encoding': 'chunked' } });
const as = (method, wanted) => ({ line: `${method} /marker HTTP/1.1`, ...wanted });
const ABC = `3\r\nabc\r\n${NONE}`;
const CHUNKED = 'Transfer-Encoding: chunked';
const SIZED = `Content-Length: ${SMUGGLED.length}`;
const HARMLESS = [
  ['a Content-Length with leading zeros', post('Content-Length: 003', 'abc'), sized('abc')], // HAProxy, 2023-08
  ['a Content-Length of zeros', post('Content-Length: 00'), sized('')],
  ['white space around a Content-Length', post('Content-Length: \t 3 \t', 'abc'), sized('abc')],
  ['white space around chunked', post('Transfer-Encoding:\t chunked \t', `3\r\nabc\r\n${NONE}`), inChunks('abc')], // CVE-2026-54387 (Tinyproxy)
  ['chunked in mixed case', post('Transfer-Encoding: cHuNKeD', `3\r\nabc\r\n${NONE}`), inChunks('abc')], // CVE-2026-31842 (Tinyproxy), CVE-2026-23527 (h3)
  ['chunk sizes in both cases', chunked(`a\r\n0123456789\r\nA\r\n0123456789\r\n${NONE}`), inChunks('01234567890123456789')],
  ['a chunk size with leading zeros', chunked(`${'0'.repeat(15)}3\r\nabc\r\n000\r\n\r\n`), inChunks('abc')],
  ['chunk extensions', chunked('3;a;b=c;d="e\\"; f"\r\nabc\r\n0;g\r\n\r\n'), inChunks('abc')],
  ['white space in a chunk extension', chunked(`3;a = b\r\nabc\r\n${NONE}`), inChunks('abc')],
  ['a trailer that looks like a request', chunked('3\r\nabc\r\n0\r\nX:POST / HTTP/1.1\r\n\r\n'), inChunks('abc', { X: 'POST / HTTP/1.1' })], // HTTP Garden, 39
  ['a chunk that looks like the end and a request', chunked(`${(5 + SMUGGLED.length).toString(16)}\r\n${NONE}${SMUGGLED}\r\n${NONE}`), inChunks(NONE + SMUGGLED)],
  ['a body that looks like a request', post(`Content-Length: ${SMUGGLED.length}`, SMUGGLED), sized(SMUGGLED)],
  ['a length with underscores beside the true one', post('Content_Length: 99\r\nContent-Length: 3', 'abc'), sized('abc')],
  ['a length with dots beside the true one', post('Content.Length: 99\r\nContent-Length: 3', 'abc'), sized('abc')], // CVE-2026-88011 (Traefik)
  ['a coding with underscores beside a length', post('Transfer_Encoding: chunked\r\nContent-Length: 5', NONE), sized(NONE)],
  ['a length with underscores in the trailers', chunked('3\r\nabc\r\n0\r\nContent_Length: 99\r\nX-A: 1\r\n\r\n'), inChunks('abc', { 'X-A': '1' })],
  ['X_Forwarded_For in the trailers', chunked('3\r\nabc\r\n0\r\nX_Forwarded_For: 192.0.2.1\r\nX-A: 1\r\n\r\n'), inChunks('abc', { 'X-A': '1' })], // CVE-2024-45614 (Puma)
  ['X-Forwarded-Prefix in the trailers', chunked('3\r\nabc\r\n0\r\nX-Forwarded-Prefix: /x\r\nX-A: 1\r\n\r\n'), inChunks('abc', { 'X-A': '1' })],
  ['GET with a length', ask('GET', SIZED, SMUGGLED), as('GET', sized(SMUGGLED))], // CL.0; CVE-2026-34441 (cpp-httplib)
  ['GET in chunks', ask('GET', CHUNKED, ABC), as('GET', inChunks('abc'))], // TE.0
  ['HEAD with a length', ask('HEAD', SIZED, SMUGGLED), as('HEAD', sized(SMUGGLED))], // CVE-2026-111809 (Traffic Server)
  ['HEAD in chunks', ask('HEAD', CHUNKED, ABC), as('HEAD', inChunks('abc'))], // CVE-2026-111809 (Traffic Server)
  ['OPTIONS with a length', ask('OPTIONS', SIZED, SMUGGLED), as('OPTIONS', sized(SMUGGLED))],
  ['OPTIONS in chunks', ask('OPTIONS', CHUNKED, ABC), as('OPTIONS', inChunks('abc'))], // TE.0; CVE-2026-29057 (http-proxy)
  ['DELETE in chunks', ask('DELETE', CHUNKED, ABC), as('DELETE', inChunks('abc'))], // CVE-2026-29057 (http-proxy)
  ['a length in HTTP/1.0', post('Content-Length: 3', 'abc', 'HTTP/1.0'), { ...sized('abc'), closes: true }],
];

const stage = new Stage();
let attacked;

before(async () => (attacked = await Attacked.start(stage)));
after(() => stage.stop());

for (const [what, rows] of Object.entries({ 'a length': LENGTHS, 'a coding': CODINGS })) {
  describe(`${what} that is refused`, () => {
    for (const [name, rfc, bytes, status] of rows) test(`${name} (${rfc})`, () => attacked.refuses(bytes, status));
  });
}

for (const [what, rows] of Object.entries({ 'a chunk': CHUNKS, 'a chunk extension': EXTENSIONS, 'a trailer section': TRAILERS })) {
  describe(`${what} that breaks its request`, () => {
    for (const [name, rfc, body, status] of rows) test(`${name} (${rfc})`, () => attacked.breaks(chunked(body), status));
  });
}

describe('framing that is odd and harmless', () => {
  for (const [name, bytes, wanted] of HARMLESS) {
    test(`${name} passes as one request`, () => attacked.passes(bytes, { line: 'POST /marker HTTP/1.1', ...wanted }));
  }

  // CVE-2026-42580 (Netty): in 32 bits it is a chunk of three bytes, and a smuggled request stands behind its body.
  test('all that stands behind a chunk size past 32 bits is data of that chunk', async () => {
    const wire = await attacked.weir.connect();
    const data = `abc\r\n${NONE}${SMUGGLED}`;
    wire.send(chunked(`100000003\r\n${data}`));
    await until(() => attacked.backend.received().endsWith(`\r\n${data}\r\n`), 'the data to come to the backend');
    wire.end();
    assert.equal((await wire.readEnd()).rest.length, 0);
    wire.close();
    await until(() => attacked.backend.failures.at(-1)?.rest.toString('latin1').includes(data), 'the end of a request that is not whole');
  });

  // CVE-2026-2835 (Pingora): such a body went on until the end of the connection.
  test('a request of HTTP/1.0 without a length has no body, and the next one is the next one', async () => {
    const first = 'POST /marker HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n';
    await attacked.passes(first, { line: 'POST /marker HTTP/1.1', fields: { 'content-length': undefined, 'transfer-encoding': undefined } });
  });
});

test('nothing else came to the backend', () => attacked.nothingElseCame());
