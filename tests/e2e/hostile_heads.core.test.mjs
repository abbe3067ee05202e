// Request heads that two readers could understand differently, or not at all: request lines, targets, hosts, field lines.
// Each is refused with a 4xx or 5xx and the end of the connection, and the backend never hears of it nor of the smuggled
// request behind it. What is harmless passes, and as what it is. Beside a row: who once took it.
import { after, before, describe, test } from 'node:test';
import { Attacked } from '../support/attacked.mjs';
import { OVER_TLS, SCHEME } from '../support/secure.mjs';
import { Stage } from '../support/weir.mjs';

const get = (fields) => `GET /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;
const line = (text, host = 'Host: a') => `${text}\r\n${host}\r\n\r\n`;
const OTHER_SCHEME = OVER_TLS ? 'http' : 'https';
const host = (text) => line('GET /marker HTTP/1.1', text);

// [what is wrong, the RFC's word on it, bytes, status where it is not 400]
const REQUEST_LINES = [
  ['two spaces in the request line', 'RFC 9112 3', line('GET  /marker HTTP/1.1')],
  ['a tab in the request line', 'RFC 9112 3', line('GET\t/marker HTTP/1.1')],
  ['a form feed in the request line', 'RFC 9112 3', line('GET /marker\x0cHTTP/1.1')],
  ['a bare LF between target and version', 'RFC 9112 2.2', line('GET /marker\nHTTP/1.1')], // aiohttp, 2023-10
  ['a bare CR between target and version', 'RFC 9112 2.2', line('GET /marker\rHTTP/1.1')],
  ['a space behind the version', 'RFC 9112 3', line('GET /marker HTTP/1.1 ')],
  ['a space within the version', 'RFC 9112 2.3', line('GET /marker HTTP/ 1.1')],
  ['no version', 'RFC 9112 3', line('GET /marker')],
  ['a request of HTTP/0.9', 'RFC 9110 2.5', 'GET /marker\r\n'], // CVE-2017-7656 (Jetty)
  ['HTTP/0.9 in an HTTP/1 head', 'RFC 9110 2.5', line('GET /marker HTTP/0.9'), 505], // CVE-2017-7656 (Jetty)
  ['HTTP/1.2', 'RFC 9110 2.5', line('GET /marker HTTP/1.2'), 505],
  ['HTTP/2.0 in an HTTP/1 head', 'RFC 9110 2.5', line('GET /marker HTTP/2.0'), 505],
  ['the preface of HTTP/2', 'RFC 9113 3.4', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a version in small letters', 'RFC 9112 2.3', line('GET /marker http/1.1')],
  ['a version with too many digits', 'RFC 9112 2.3', line('GET /marker HTTP/1.10')], // aiohttp, 2023-10: by prefix
  ['a version with leading zeros', 'RFC 9112 2.3', line('GET /marker HTTP/01.1')],
  ['a version without a minor one', 'RFC 9112 2.3', line('GET /marker HTTP/1')],
  ['a version that overflows', 'RFC 9112 2.3', line('GET /marker HTTP/4294967297.1')], // libevent, Mongoose
  ['a version with a sign', 'RFC 9112 2.3', line('GET /marker HTTP/1.+1')],
  ['a version in other digits', 'RFC 9112 2.3', line('GET /marker HTTP/1.\xb9')], // CVE-2025-69225 (aiohttp): digits of any script
  ['another protocol', 'RFC 9112 2.3', line('GET /marker RTSP/1.0')],
  ['a method that is no token', 'RFC 9110 9.1', line('G(T /marker HTTP/1.1')], // aiohttp, 2023-10: by prefix
  ['a method with a colon', 'RFC 9110 9.1', line('GET: /marker HTTP/1.1')],
  ['a method outside of ASCII', 'RFC 9110 9.1', line('G\xcbT /marker HTTP/1.1')],
  ['an empty method', 'RFC 9112 3', line(' /marker HTTP/1.1')],
  ['a method that is longer than a head may be', 'RFC 9112 3', line(`${'G'.repeat(40_000)} /marker HTTP/1.1`), 414],
  ['NUL before the request line', 'RFC 9112 2.2', `\0${get('X-A: 1')}`], // CVE-2026-50020 (Netty)
  ['a control byte before the request line', 'RFC 9112 2.2', `\x01${get('X-A: 1')}`], // CVE-2026-50020 (Netty)
  ['a space before the request line', 'RFC 9112 2.2', ` ${get('X-A: 1')}`],
  ['a bare LF before the request line', 'RFC 9112 2.2', `\n${get('X-A: 1')}`],
  ['many empty lines before the request line', 'RFC 9112 2.2', `${'\r\n'.repeat(3)}${get('X-A: 1')}`],
  ['a TLS hello', 'RFC 9112 3', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03marker\r\n\r\n'],
  ['a header of the PROXY protocol', 'RFC 9112 3', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${get('X-A: 1')}`],
];

const TARGETS = [
  ['a target without a slash', 'RFC 9112 3.2', line('GET marker HTTP/1.1')],
  ['a target that is a query alone', 'RFC 9112 3.2', line('GET ?marker HTTP/1.1')],
  ['a target that begins with @', 'RFC 9112 3.2', line('GET @evil.example/marker HTTP/1.1')],
  ['a target of one odd byte', 'RFC 9112 3.2', line('GET ! HTTP/1.1')], // aiohttp, 2023-10
  ['an authority in the place of a target', 'RFC 9112 3.2.3', line('GET marker.example:80 HTTP/1.1')], // gunicorn 26.0
  ['an asterisk with another method', 'RFC 9112 3.2.4', line('GET * HTTP/1.1')], // gunicorn 26.0
  ['an asterisk with more behind it', 'RFC 9112 3.2.4', line('OPTIONS *marker HTTP/1.1')],
  ['CONNECT to a path', 'RFC 9112 3.2.3', line('CONNECT /marker HTTP/1.1')],
  ['CONNECT to a target with a scheme', 'RFC 9112 3.2.3', line('CONNECT http://marker:80 HTTP/1.1')], // HAProxy, 2024-05
  ['CONNECT without a port', 'RFC 9110 9.3.6', line('CONNECT marker HTTP/1.1')],
  ['a space in the target', 'RFC 9112 3.2', line('GET /marker b HTTP/1.1')], // CVE-2023-25690 (httpd)
  ['NUL in the target', 'RFC 9112 3.2', line('GET /marker\0b HTTP/1.1')],
  ['a tab in the target', 'RFC 9112 3.2', line('GET /marker\tb HTTP/1.1')],
  ['DEL in the target', 'RFC 9112 3.2', line('GET /marker\x7f HTTP/1.1')],
  ['a bare CR in the target', 'RFC 9112 2.2', line('GET /marker\rb HTTP/1.1')],
  ['a byte outside of ASCII in the target', 'RFC 9112 3.2', line('GET /marker\xe9 HTTP/1.1')], // HAProxy, 2024-04
  ['a fragment in the target', 'RFC 9112 3.2', line('GET /marker#part HTTP/1.1')], // CVE-2023-45539 (HAProxy)
  ['a fragment that hides a path', 'RFC 9112 3.2', line('GET /#/../marker HTTP/1.1')], // CVE-2023-47106 (Traefik)
  ['a fragment in the query', 'RFC 9112 3.2', line('GET /marker?a#b HTTP/1.1')],
  ['an absolute target of another scheme', 'RFC 9112 3.2.2', line('GET ftp://a/marker HTTP/1.1')],
  ['an absolute target of ws', 'RFC 9112 3.2.2', line('GET ws://a/marker HTTP/1.1')],
  ['an absolute target with one slash', 'RFC 9112 3.2.2', line('GET http:/marker HTTP/1.1')],
  ['an absolute target without a host', 'RFC 9110 4.2.1', line('GET http:///marker HTTP/1.1')],
  ['an absolute target with user information', 'RFC 9110 4.2.4', line('GET http://u@a/marker HTTP/1.1')], // CVE-2024-6763 (Jetty)
  ['an absolute target with a list of hosts', 'RFC 9110 4.2.1', line('GET http://a,b/marker HTTP/1.1')], // HAProxy, 2026-04
  ['an absolute target with a backslash behind its host', 'RFC 9110 4.2.1', line('GET http://a\\@b/marker HTTP/1.1')],
  ['an absolute target beside a bad Host', 'RFC 9112 3.2', line('GET http://a/marker HTTP/1.1', 'Host: a b')],
  ['an absolute target beside two Hosts', 'RFC 9112 3.2', line('GET http://a/marker HTTP/1.1', 'Host: a\r\nHost: b')],
  ['an absolute target without Host', 'RFC 9112 3.2', 'GET http://a/marker HTTP/1.1\r\n\r\n'],
];

const PATHS = [
  ['a path that climbs above the root', 'RFC 3986 5.2.4', line('GET /../marker HTTP/1.1')],
  ['a path that climbs with escapes', 'RFC 3986 5.2.4', line('GET /%2e%2e/marker HTTP/1.1')], // CVE-2025-47952 (Traefik)
  ['a path that climbs with parameters', 'RFC 3986 3.3', line('GET /..;a=b/marker HTTP/1.1')], // CVE-2026-73551 (Envoy)
  ['a path that climbs behind what it went down', 'RFC 3986 5.2.4', line('GET /a/../../marker HTTP/1.1')],
  ['a backslash in the path', 'RFC 3986 2', line('GET /a\\marker HTTP/1.1')],
  ['a backslash that makes a host of the path', 'RFC 3986 2', line('GET /\\evil.example/marker HTTP/1.1')],
  ['%00 in the path', 'RFC 3986 7.3', line('GET /marker%00 HTTP/1.1')],
  ['%00 within a dot segment', 'RFC 3986 7.3', line('GET /a/.%00./marker HTTP/1.1')],
  ['an escaped CRLF in the path', 'RFC 3986 7.3', line('GET /marker%0d%0aX:1 HTTP/1.1')], // CVE-2023-25690 (httpd)
  ['an escaped LF in parameters', 'RFC 3986 7.3', line('GET /marker;a=%0a HTTP/1.1')],
  ['a broken escape in the path', 'RFC 3986 2.1', line('GET /marker%zz HTTP/1.1')],
  ['an escape of more than two digits', 'RFC 3986 2.1', line('GET /marker%u002e HTTP/1.1')],
  ['a cut escape in the path', 'RFC 3986 2.1', line('GET /marker%4 HTTP/1.1')],
];

const HOSTS = [
  ['no Host', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nX-A: b\r\n\r\n'],
  ['an empty Host', 'RFC 9110 7.2', host('Host:')],
  ['two Hosts', 'RFC 9112 3.2', host('Host: a\r\nHost: b')], // CVE-2025-30346 (Varnish), CVE-2026-34525 (aiohttp)
  ['two Hosts that agree', 'RFC 9112 3.2', host('Host: a\r\nHost: a')],
  ['two Hosts in HTTP/1.0', 'RFC 9112 3.2', line('GET /marker HTTP/1.0', 'Host: a\r\nHost: b')],
  ['a second Host with a space before its colon', 'RFC 9112 5.1', host('Host: a\r\nHost : b')],
  ['a second Host behind a space', 'RFC 9112 5.2', host('Host: a\r\n Host: b')],
  ['a folded Host', 'RFC 9112 5.2', host('Host:\r\n a')],
  ['a list in Host', 'RFC 9112 3.2', host('Host: a, b')],
  ['a list without a space in Host', 'RFC 9112 3.2', host('Host: a,b')], // HAProxy, 2026-04
  ['a Host with a path', 'RFC 9112 3.2', host('Host: a/b')],
  ['a Host with a query', 'RFC 9112 3.2', host('Host: a?b')],
  ['a Host with a fragment', 'RFC 9112 3.2', host('Host: a#b')],
  ['a Host with user information', 'RFC 9110 4.2.4', host('Host: u@a')], // CVE-2025-12543 (Undertow)
  ['a Host with a space', 'RFC 9112 3.2', host('Host: a b')],
  ['a Host with a tab', 'RFC 9112 3.2', host('Host: a\tb')],
  ['a Host with NUL', 'RFC 9110 5.5', host('Host: a\0.example')], // CVE-2026-48930 (Node)
  ['a Host with an escape', 'RFC 3986 3.2.2', host('Host: a%2eb')],
  ['a Host with markup', 'RFC 3986 3.2.2', host('Host: a"><b')],
  ['a Host outside of ASCII', 'RFC 3986 3.2.2', host('Host: \xe9')],
  ['a Host with an empty label', 'RFC 1034 3.1', host('Host: a..b')],
  ['a Host of a dot', 'RFC 1034 3.1', host('Host: .')],
  ['a Host with a port that is none', 'RFC 9112 3.2', host('Host: a:port')],
  ['a Host with a port past 65535', 'RFC 3986 3.2.3', host('Host: a:65616')],
  ['a Host with a sign before its port', 'RFC 3986 3.2.3', host('Host: a:+80')],
  ['a Host with two ports', 'RFC 3986 3.2.3', host('Host: a:80:80')],
  ['an IPv6 Host without brackets', 'RFC 3986 3.2.2', host('Host: ::1')],
  ['an IPv6 Host with one bracket', 'RFC 3986 3.2.2', host('Host: [::1')],
  ['an IPv6 Host with more behind it', 'RFC 3986 3.2.2', host('Host: [::1]b')],
];

const FIELD_LINES = [
  ['a folded field line', 'RFC 9112 5.2', get('X-A: 1\r\n folded')], // CVE-2025-32094 (Akamai)
  ['a fold of spaces alone', 'RFC 9112 5.2', get('X-A: 1\r\n \r\nX-B: 1')],
  ['a fold behind the request line', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\n Host: b\r\nHost: a\r\n\r\n'], // CVE-2026-28369 (Undertow)
  ['a tab before the first field', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\n\tX-A: b\r\nHost: a\r\n\r\n'], // CVE-2023-47627 (aiohttp)
  ['a space before the colon', 'RFC 9112 5.1', get('X-A : 2')], // CVE-2023-40518 (OpenLiteSpeed)
  ['a tab before the colon', 'RFC 9112 5.1', get('X-A\t: 2')],
  ['a space within a name', 'RFC 9112 5.1', get('X A: 2')],
  ['a field line without a colon', 'RFC 9112 5', get('NoColon')],
  ['a space in the place of a colon', 'RFC 9112 5', get('X-A 2')],
  ['an empty field name', 'RFC 9110 5.1', get(': empty')], // CVE-2023-25725 (HAProxy)
  ['a colon alone', 'RFC 9110 5.1', get(':')], // CVE-2023-25725 (HAProxy)
  ['a name that is no token', 'RFC 9110 5.1', get('X(a): 1')], // CVE-2026-28368 (Undertow), CVE-2023-38522 (Traffic Server)
  ['a name outside of ASCII', 'RFC 9110 5.1', get('X\xe9: 1')], // aiohttp, Mongoose, 2023
  ['a name that ends in NEL', 'RFC 9110 5.1', get('X-A\x85: 1')],
  ['a name that goes on in the next line', 'RFC 9112 5', get('X-\r\nA: 1')],
  ['a name that goes on behind a bare LF', 'RFC 9112 2.2', get('X-\nA: 1')],
  ['NUL in a name', 'RFC 9110 5.1', get('X\0A: b')],
  ['NUL in a value', 'RFC 9110 5.5', get('X-A: a\0b')],
  ['NUL at the end of a value', 'RFC 9110 5.5', get('X-A: a\0')],
  ['a bare CR in a value', 'RFC 9112 2.2', get('X-A: a\rX-B: b')], // CVE-2025-23167, CVE-2023-30589 (Node)
  ['a bare CR at the end of a value', 'RFC 9112 2.2', get('X-A: a\r')],
  ['DEL in a value', 'RFC 9110 5.5', get('X-A: a\x7fb')],
  ['an escape character in a value', 'RFC 9110 5.5', get('X-A: a\x1bb')],
  ['a vertical tab in a value', 'RFC 9110 5.5', get('X-A: a\x0bb')],
  ['a bare LF at the end of a line', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n'],
  ['bare LFs all through', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\nHost: a\n\n'],
  ['bare CRs all through', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\rHost: a\r\r'],
  ['a bare LF at the end of the head', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\nHost: a\r\n\n'],
  ['a head that ends in CR and another byte', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\nHost: a\r\n\rX'], // CVE-2025-23167 (llhttp)
  ['a head that ends in CRs', 'RFC 9112 2.2', 'GET /marker HTTP/1.1\r\nHost: a\r\n\r\r\r'], // CVE-2026-28367 (Undertow)
  ['a field too many', 'RFC 6585 5', get(Array.from({ length: 100 }, (_, i) => `X-${i}: 1`).join('\r\n')), 431], // CVE-2026-58044 (Node)
  ['a hundred and one crumbs of a cookie', 'RFC 6585 5', get('Cookie: a=1\r\n'.repeat(101).trim()), 431],
  ['more options in Connection than fields may come', 'RFC 9110 7.6.1', get(`Connection: ${Array.from({ length: 101 }, (_, i) => `x${i}`)}`)],
];

// [what is odd, bytes, what the backend gets (see Attacked.passes)]: not wrong, and read in one way only
const LONG = `Content-Length${'x'.repeat(256)}`;
const HARMLESS = [
  ['two empty lines before the request line', `\r\n\r\n${get('X-A: 1')}`, {}],
  ['a method of five thousand letters', line(`${'G'.repeat(5000)} /marker HTTP/1.1`), { line: `${'G'.repeat(5000)} /marker HTTP/1.1` }],
  ['a method in small letters', line('get /marker HTTP/1.1'), { line: 'get /marker HTTP/1.1' }],
  ['a target that begins with two slashes', line('GET //evil.example/marker HTTP/1.1'), { line: 'GET //evil.example/marker HTTP/1.1', fields: { host: 'a' } }],
  ['a path that looks like a URL', line('GET /http://evil.example/marker HTTP/1.1'), { line: 'GET /http://evil.example/marker HTTP/1.1', fields: { host: 'a' } }],
  ['an absolute target of another host', line('GET http://B.example/marker HTTP/1.1'), { fields: { host: 'B.example', 'x-forwarded-host': 'B.example' } }],
  ['an absolute target of another scheme', line(`GET ${OTHER_SCHEME}://b/marker HTTP/1.1`), { fields: { host: 'b', 'x-forwarded-proto': SCHEME } }],
  ['an absolute target without a path', line('GET http://b?marker HTTP/1.1'), { line: 'GET /?marker HTTP/1.1', fields: { host: 'b' } }],
  ['an absolute target of OPTIONS without a path', line('OPTIONS http://b HTTP/1.1'), { line: 'OPTIONS * HTTP/1.1', fields: { host: 'b' } }], // RFC 9112 3.2.4
  ['an escaped slash behind dots', line('GET /a/%2e%2e%2fmarker HTTP/1.1'), { line: 'GET /a/..%2fmarker HTTP/1.1' }], // CVE-2025-66490 (Traefik)
  ['an escaped backslash behind dots', line('GET /a/..%5cmarker HTTP/1.1'), { line: 'GET /a/..%5cmarker HTTP/1.1' }],
  ['a dot segment that is escaped twice', line('GET /a/%252e%252e/marker HTTP/1.1'), { line: 'GET /a/%252e%252e/marker HTTP/1.1' }],
  ['a dot segment with parameters', line('GET /a/..;b=c/marker HTTP/1.1'), {}], // CVE-2026-73551 (Envoy)
  ['a dot segment behind an escaped #', line('GET /%23/../marker HTTP/1.1'), {}], // CVE-2023-47106 (Traefik)
  ['dot segments in a query', line('GET /marker?/../b HTTP/1.1'), { line: 'GET /marker?/../b HTTP/1.1' }],
  ['an escaped CRLF in a query', line('GET /marker?%0d%0aX:1 HTTP/1.1'), { line: 'GET /marker?%0d%0aX:1 HTTP/1.1' }],
  ['a name of 270 bytes that begins like another', get(`${LONG}: 5`), { fields: { [LONG]: '5', 'content-length': undefined } }], // CVE-2021-40346 (HAProxy)
  ['HTTP/1.0 without Host', 'GET /marker HTTP/1.0\r\n\r\n', { fields: { host: '' }, closes: true }],
];

const stage = new Stage();
let attacked;

before(async () => (attacked = await Attacked.start(stage)));
after(() => stage.stop());

let refused = 0;
for (const [what, rows] of Object.entries({ 'a request line': REQUEST_LINES, 'a target': TARGETS, 'a path': PATHS, 'a Host': HOSTS, 'a field line': FIELD_LINES })) {
  describe(`${what} that is refused`, () => {
    for (const [name, rfc, bytes, status] of rows) test(`${name} (${rfc})`, () => attacked.refuses(bytes, status));
  });
  refused += rows.length;
}

test('each of them counts as an error of the client, alone and behind a good request', async () => {
  await attacked.weir.metricBecomes('weir_exchanges_total', { outcome: 'http_request_error' }, 2 * refused);
  await attacked.weir.metricBecomes('weir_exchanges_total', { outcome: 'ok' }, 3 * refused);
});

describe('a head that is odd and harmless', () => {
  for (const [name, bytes, wanted] of HARMLESS) {
    test(`${name} passes as one request`, () => attacked.passes(bytes, { line: 'GET /marker HTTP/1.1', ...wanted }));
  }
});

test('nothing else came to the backend', () => attacked.nothingElseCame());

// CVE-2026-58155 (Traffic Server): cut to 16 bits, such a name is another one.
test('a field name past 64 KiB is refused and not cut, where a head may be so long (RFC 6585 5)', async () => {
  const own = new Stage();
  const wide = await Attacked.start(own, { limits: { header_bytes: '128KiB' } });
  await wide.refuses(get(`Content-Length${'x'.repeat(65_536)}: 5`), 431);
  await own.stop();
});
