// Requests that are well formed and meant to be read in two ways: by fields of one hop, by expectations, by what stands
// behind the last request or where an answer came without its body being read. The backend gets exactly the requests that
// weir read, and what nobody read is never a request. Beside a case: who once took it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Attacked, SMUGGLED } from '../support/attacked.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';

const post = (fields, body = '') => `POST /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const get = (fields) => `GET /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;
const POST = 'POST /marker HTTP/1.1';
const GET = 'GET /marker HTTP/1.1';
const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

const SIZED = `Content-Length: ${SMUGGLED.length}`;
const OURS = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'a', 'x-real-ip': '127.0.0.1' };

// [what it tries, bytes, what the backend gets (see Attacked.passes)]
const HOPS = [
  ['close and Content-Length in Connection', post('Connection: close, content-length\r\nContent-Length: 3', 'abc'), { line: POST, body: 'abc', closes: true }],
  ['Content-Length in Connection', post(`Connection: Content-Length\r\n${SIZED}`, SMUGGLED), { line: POST, body: SMUGGLED }],
  ['Transfer-Encoding in Connection', post('Connection: transfer-encoding\r\nTransfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n'), { line: POST, body: 'abc' }], // unjs/httpxy, 2026-07
  ['Host in Connection', get('Connection: host'), { line: GET, fields: { host: 'a' } }],
  ['credentials in Connection', get('Connection: cookie, authorization\r\nCookie: a=b\r\nAuthorization: Basic eDp5'), { line: GET, fields: { cookie: 'a=b', authorization: 'Basic eDp5' } }],
  ['what weir says in Connection', get('Connection: X-Forwarded-For, X-Forwarded-Host, X-Real-Ip, Via, Forwarded'), { line: GET, fields: OURS }], // CVE-2024-45410 (Traefik)
  ['the same in small letters', get('Connection: x-forwarded-for, x-forwarded-host, x-real-ip'), { line: GET, fields: OURS }], // CVE-2026-29054 (Traefik)
  ['a field of its own in Connection', get('Connection: x-private\r\nX-Private: 1'), { line: GET, fields: { 'x-private': undefined, connection: undefined } }],
  ['an empty option and a strange one in Connection', get('Connection: , "x", close;q=1, keep-alive'), { line: GET, fields: { connection: undefined } }],
  ['Proxy-Connection and Keep-Alive', get('Proxy-Connection: close\r\nKeep-Alive: timeout=1, max=1'), { line: GET, fields: { 'proxy-connection': undefined, 'keep-alive': undefined } }],
  ['chunked in TE', get('TE: chunked, trailers'), { line: GET, fields: { te: undefined, 'transfer-encoding': undefined } }],
  ['X_Forwarded_For', get('X_Forwarded_For: 192.0.2.1'), { line: GET, fields: { x_forwarded_for: undefined, 'x-forwarded-for': '127.0.0.1' } }], // CVE-2024-45614 (Puma), CVE-2026-54763 (Traefik)
  ['X.Forwarded.For', get('X.Forwarded.For: 192.0.2.1'), { line: GET, fields: { 'x.forwarded.for': undefined, 'x-forwarded-for': '127.0.0.1' } }], // CVE-2026-88011 (Traefik)
  ['X-Forwarded-For twice', get('X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2'), { line: GET, fields: { 'x-forwarded-for': '127.0.0.1' } }],
  ['X-Forwarded-Prefix', get('X-Forwarded-Prefix: /admin'), { line: GET, fields: { 'x-forwarded-prefix': undefined } }], // GHSA-6384-m2mw-rf54 (Traefik)
  ['X-Client-Cert-*', get('X-Client-Cert-Subject: CN=root'), { line: GET, fields: { 'x-client-cert-subject': undefined } }],
  ['an upgrade to h2c', get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk'), { line: GET, fields: { upgrade: undefined, 'http2-settings': undefined } }],
  ['an upgrade to h2c among others, in two lines', get('Connection: upgrade\r\nUpgrade: foo, h2c\r\nUpgrade: bar'), { line: GET, fields: { upgrade: undefined } }], // HAProxy, 2026-05
  ['an upgrade to h2c with a body', post(`Connection: Upgrade\r\nUpgrade: h2c\r\n${SIZED}`, SMUGGLED), { line: POST, body: SMUGGLED, fields: { upgrade: undefined } }],
  ['an upgrade to h2c that Connection does not name', get('Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk'), { line: GET, fields: { upgrade: undefined, 'http2-settings': undefined } }],
  ['a WebSocket handshake with a body', get(`${HANDSHAKE}\r\n${SIZED}`) + SMUGGLED, { line: GET, body: SMUGGLED, fields: { upgrade: undefined } }],
  ['a WebSocket handshake of HTTP/1.0', `GET /marker HTTP/1.0\r\nHost: a\r\n${HANDSHAKE}\r\n\r\n`, { line: GET, fields: { upgrade: undefined }, closes: true }],
  ['an upgrade to TLS', get('Connection: upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1'), { line: GET, fields: { upgrade: undefined } }], // CVE-2025-49812 (httpd)
  ['Expect with nothing to send', get('Expect: 100-continue'), { line: GET }],
  ['Expect in other letters', post('Expect: 100-Continue\r\nContent-Length: 3', 'abc'), { line: POST, body: 'abc' }],
  ['Expect with a body that does not wait', post(`Expect: 100-continue\r\n${SIZED}`, SMUGGLED), { line: POST, body: SMUGGLED }],
  ['Expect with GET and a body', get(`Expect: 100-continue\r\n${SIZED}`) + SMUGGLED, { line: GET, body: SMUGGLED }],
  ['Expect with OPTIONS', `OPTIONS /marker HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${SIZED}\r\n\r\n${SMUGGLED}`, { line: 'OPTIONS /marker HTTP/1.1', body: SMUGGLED }], // CVE-2025-32094 (Akamai)
  ['Expect in HTTP/1.0', `POST /marker HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n${SIZED}\r\n\r\n${SMUGGLED}`, { line: POST, body: SMUGGLED, fields: { expect: undefined }, closes: true }], // RFC 9110 10.1.1: ignored
];

describe('a request that is meant to be read in two ways', () => {
  const stage = new Stage();
  let attacked;

  before(async () => (attacked = await Attacked.start(stage)));
  after(() => stage.stop());

  for (const [name, bytes, wanted] of HOPS) test(`${name}: exactly one request`, () => attacked.passes(bytes, wanted));

  // RFC 9110 10.1.1. "y 100-continue" and the like were 0.CL at several CDNs in 2025.
  for (const value of ['y 100-continue', '100-continue y', '100-continue, 100-continue', '100-continue;q=1', '100-continued', '"100-continue"', '']) {
    test(`Expect: ${value || 'nothing'} is refused`, () => attacked.refuses(post(`Expect: ${value}\r\n${SIZED}`, SMUGGLED), 417));
  }

  test('a folded Expect is refused', () => attacked.refuses(post('Expect:\r\n 100-continue\r\nContent-Length: 3', 'abc')));

  // CVE-2024-49768 (Waitress). RFC 9112 9.6: what stands behind a close is not processed.
  for (const [name, first] of [
    ['Connection: close', get('Connection: close')],
    ['Connection: close among others', get('Connection: x-a, Close')],
    ['Connection: close beside keep-alive', get('Connection: keep-alive, close')],
    ['Connection: close in a second line', get('Connection: keep-alive\r\nConnection: close')],
    ['HTTP/1.0', 'GET /marker HTTP/1.0\r\nHost: a\r\n\r\n'],
  ]) {
    test(`a request behind ${name} is not read`, () => attacked.passes(first + SMUGGLED, { line: GET, closes: true }));
  }

  test('nothing else came to the backend', () => attacked.nothingElseCame());
});

// A body that nobody read must not be the next request, whether it came with its head or later. LOOP is the name under
// which this weir knows itself in Via.
describe('an answer of weir to a request with a body', () => {
  const stage = new Stage();
  let weir;
  let loop;

  before(async () => {
    const backend = stage.own(await RawBackend.answering((request) => sized(request.get('via'))));
    weir = stage.own(
      await Weir.start({
        pools: { echo: [backend.address], gone: [`127.0.0.1:${await freePort()}`] },
        routes: [{ match: { path: '/echo' }, pool: 'echo' }, { match: { path: '/gone' }, pool: 'gone' }],
      }),
    );
    loop = (await weir.request({ path: '/echo' })).text();
  });
  after(() => stage.stop());

  const ANSWERS = [
    ['404, no route', 'POST /nowhere HTTP/1.1\r\nHost: a\r\n', 404],
    ['405, TRACE', 'TRACE /echo HTTP/1.1\r\nHost: a\r\n', 405],
    ['405, CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n', 405], // CVE-2026-56866 (Go), CVE-2026-71324 (Traefik)
    ['204, the last hop', 'OPTIONS /echo HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n', 204],
    ['508, a loop', 'POST /echo HTTP/1.1\r\nHost: a\r\nVia: LOOP\r\n', 508],
    ['502, no backend', 'POST /gone HTTP/1.1\r\nHost: a\r\n', 502],
    ['417, an expectation', 'POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n', 417],
    ['400, two Hosts', 'POST /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n', 400], // CVE-2025-30346 (Varnish)
  ];
  const BODIES = [
    ['a length', `${SIZED}\r\n\r\n`, SMUGGLED],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n', `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`],
  ];
  for (const [name, head, status] of ANSWERS) {
    for (const [how, framing, body] of BODIES) {
      for (const late of [false, true]) {
        test(`${name}, with a body in ${how} that comes ${late ? 'later' : 'with it'}: one answer, and the end`, async () => {
          const wire = await weir.connect();
          wire.send(head.replace('LOOP', loop) + framing + (late ? '' : body));
          const answer = await wire.readResponse();
          assert.equal(answer.status, status);
          assert.match(answer.get('connection'), /close/i);
          wire.send((late ? body : '') + SMUGGLED);
          const { rest } = await wire.readEnd();
          wire.close();
          assert.equal(rest.toString('latin1'), '');
        });
      }
    }
  }

  test('counts as one request each', async () => {
    await weir.metricBecomes('weir_http_requests_total', {}, 1 + ANSWERS.length * BODIES.length * 2);
  });

  // RFC 9931, guidance for CONNECT: what stands behind one that is refused may be what somebody else put into the tunnel
  // that the client hoped for. CVE-2026-94439 (Go).
  test('a CONNECT that is refused ends the connection, and what stands behind it is not read', async () => {
    const wire = await weir.connect();
    wire.send(`CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n${SMUGGLED}`);
    const answer = await wire.readResponse();
    assert.equal(answer.status, 405);
    assert.match(answer.get('connection') ?? 'nothing', /close/i);
    assert.equal((await wire.readEnd()).rest.toString('latin1'), '');
    wire.close();
  });
});
