// Requests that two readers could understand differently, or not at all: refused with a 4xx or 5xx and the end of the
// connection, and the backend never hears of them. Each goes together with a smuggled second request, which must not be
// answered either. The parser's own tables are longer; here is what must hold from socket to socket.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startLanes } from '../support/lanes.mjs';
import { BadMessage, takeBody, takeRequestHead } from '../support/message.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (fields, body = '') => `POST /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const get = (fields) => `GET /marker HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;

// [what is wrong, the RFC's word on it, bytes, status where it is not 400]
const REFUSED = [
  ['Content-Length with Transfer-Encoding', 'RFC 9112 6.1', post('Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['Transfer-Encoding with Content-Length', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nContent-Length: 0', '0\r\n\r\n')],
  ['two Content-Lengths that differ', 'RFC 9112 6.3', post('Content-Length: 1\r\nContent-Length: 2', 'ab')],
  ['two Content-Lengths that agree', 'RFC 9112 6.3', post('Content-Length: 2\r\nContent-Length: 2', 'ab')],
  ['a list in Content-Length', 'RFC 9112 6.3', post('Content-Length: 2, 2', 'ab')],
  ['Content-Length with a sign', 'RFC 9110 8.6', post('Content-Length: +2', 'ab')],
  ['a negative Content-Length', 'RFC 9110 8.6', post('Content-Length: -2', 'ab')],
  ['a hexadecimal Content-Length', 'RFC 9110 8.6', post('Content-Length: 0x2', 'ab')],
  ['an empty Content-Length', 'RFC 9110 8.6', post('Content-Length:', 'ab')],
  ['a Content-Length past 64 bits', 'RFC 9110 8.6', post('Content-Length: 18446744073709551618', 'ab')],
  ['Content-Length with a space in it', 'RFC 9110 8.6', post('Content-Length: 1 2', 'ab')],
  ['a coding before chunked', 'RFC 9112 6.1', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
  ['chunked twice', 'RFC 9112 6.1', post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n')],
  ['Transfer-Encoding twice', 'RFC 9112 6.1', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n')],
  ['Transfer-Encoding: identity', 'RFC 9112 7', post('Transfer-Encoding: identity')],
  ['a coding that only looks like chunked', 'RFC 9112 7', post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
  ['chunked in quotes', 'RFC 9112 7', post('Transfer-Encoding: "chunked"', '0\r\n\r\n')],
  ['chunked behind a vertical tab', 'RFC 9110 5.5', post('Transfer-Encoding: \x0bchunked', '0\r\n\r\n')],
  ['an empty Transfer-Encoding', 'RFC 9112 6.1', post('Transfer-Encoding:', '0\r\n\r\n')],
  ['Transfer-Encoding in HTTP/1.0', 'RFC 9112 6.1', 'POST /marker HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded field line', 'RFC 9112 5.2', get('X-A: 1\r\n folded')],
  ['a fold behind the request line', 'RFC 9112 2.2', `GET /marker HTTP/1.1\r\n Host: b\r\nHost: a\r\n\r\n`],
  ['a space before the colon', 'RFC 9112 5.1', post('Content-Length : 2', 'ab')],
  ['a tab before the colon', 'RFC 9112 5.1', post('Transfer-Encoding\t: chunked', '0\r\n\r\n')],
  ['a field line without a colon', 'RFC 9112 5', get('NoColon')],
  ['an empty field name', 'RFC 9110 5.1', get(': empty')],
  ['a name that is no token', 'RFC 9110 5.1', get('X(a): 1')],
  ['a name outside of ASCII', 'RFC 9110 5.1', get('X\xe9: 1')],
  ['NUL in a value', 'RFC 9110 5.5', get('X-A: a\0b')],
  ['NUL in a name', 'RFC 9110 5.1', get('X\0A: b')],
  ['a bare CR in a value', 'RFC 9112 2.2', get('X-A: a\rX-B: b')],
  ['a bare LF at the end of a line', 'RFC 9112 2.2', `GET /marker HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n`],
  ['bare LFs all through', 'RFC 9112 2.2', `GET /marker HTTP/1.1\nHost: a\n\n`],
  ['a bare LF at the end of the head', 'RFC 9112 2.2', `GET /marker HTTP/1.1\r\nHost: a\r\n\n`],
  ['DEL in a value', 'RFC 9110 5.5', get('X-A: a\x7fb')],
  ['an escape character in a value', 'RFC 9110 5.5', get('X-A: a\x1bb')],
  ['no Host', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nX-A: b\r\n\r\n'],
  ['two Hosts', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['two Hosts that agree', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
  ['a Host with a path', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a Host with user information', 'RFC 9110 4.2.4', 'GET /marker HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['a Host with a port that is none', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nHost: a:port\r\n\r\n'],
  ['a list in Host', 'RFC 9112 3.2', 'GET /marker HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  ['a target without a slash', 'RFC 9112 3.2', 'GET marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an asterisk with another method', 'RFC 9112 3.2.4', 'GET * HTTP/1.1\r\nHost: marker\r\n\r\n'],
  ['a fragment in the target', 'RFC 9112 3.2', 'GET /marker#part HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an absolute target of another scheme', 'RFC 9112 3.2.2', 'GET ftp://a/marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['two spaces in the request line', 'RFC 9112 3', 'GET  /marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a tab in the request line', 'RFC 9112 3', 'GET\t/marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space in the target', 'RFC 9112 3.2', 'GET /marker b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space behind the version', 'RFC 9112 3', 'GET /marker HTTP/1.1 \r\nHost: a\r\n\r\n'],
  ['no version', 'RFC 9112 3', 'GET /marker\r\nHost: a\r\n\r\n'],
  ['a version in small letters', 'RFC 9112 2.3', 'GET /marker http/1.1\r\nHost: a\r\n\r\n'],
  ['a version with too many digits', 'RFC 9112 2.3', 'GET /marker HTTP/1.10\r\nHost: a\r\n\r\n'],
  ['HTTP/2.0 in an HTTP/1 head', 'RFC 9110 2.5', 'GET /marker HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ['a method that is no token', 'RFC 9110 9.1', 'G(T /marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an empty method', 'RFC 9112 3', ' /marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a TLS hello', 'RFC 9112 3', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03marker\r\n\r\n'],
  ['a path that climbs above the root', 'RFC 3986 5.2.4', 'GET /../marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a path that climbs with escapes', 'RFC 3986 5.2.4', 'GET /%2e%2e/marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a backslash in the path', 'RFC 3986 2', 'GET /a\\marker HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['%00 in the path', 'RFC 3986 7.3', 'GET /marker%00 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an escaped control byte in the path', 'RFC 3986 7.3', 'GET /marker%0d%0aX:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a broken escape in the path', 'RFC 3986 2.1', 'GET /marker%zz HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a cut escape in the path', 'RFC 3986 2.1', 'GET /marker%4 HTTP/1.1\r\nHost: a\r\n\r\n'],
];

describe('a request that is refused', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await RawBackend.answering(sized('from the backend')));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  for (const [name, rfc, bytes, status = 400] of REFUSED) {
    test(`${name} (${rfc})`, async () => {
      const wire = await weir.connect();
      wire.send(bytes + SMUGGLED);
      const got = await wire.readResponse();
      assert.equal(got.status, status);
      assert.match(got.get('connection'), /close/i);
      const end = await wire.readEnd();
      wire.close();
      assert.equal(end.rest.toString('latin1'), '', 'one answer and no more');
      assert.equal(backend.connections.length, 0, backend.received());
    });
  }

  test('does not harm the ones behind it, and counts as an error of the client', async () => {
    assert.equal((await weir.request({ path: '/fine' })).text(), 'from the backend');
    const metrics = await weir.metricBecomes('weir_http_requests_total', { code: '400' }, REFUSED.filter((row) => !row[3]).length);
    assert.equal(metrics.sum('weir_exchanges_total', { outcome: 'ok' }), 1);
  });
});

// The head is fine, so the backend has it before the rest is known to be bad.
const BROKEN_BODIES = [
  ['a chunk size that is none', 'zz\r\nabc\r\n0\r\n\r\n'],
  ['a negative chunk size', '-1\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size past 64 bits', 'ffffffffffffffff1\r\nabc\r\n0\r\n\r\n'],
  ['an empty chunk size', '\r\nabc\r\n0\r\n\r\n'],
  ['a space before the chunk size', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['a bare LF behind the chunk size', '3\nabc\r\n0\r\n\r\n'],
  ['a bare CR in a chunk extension', '3;a\rb\r\nabc\r\n0\r\n\r\n'],
  ['no line end behind a chunk', '3\r\nabcd\r\n0\r\n\r\n'],
  ['a bare LF behind a chunk', '3\r\nabc\n0\r\n\r\n'],
  ['a chunk extension past 256 bytes', `3;a=${'x'.repeat(300)}\r\nabc\r\n0\r\n\r\n`],
  ['Content-Length in the trailers', '3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n'],
  ['Transfer-Encoding in the trailers', '3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['Host in the trailers', '3\r\nabc\r\n0\r\nHost: b\r\n\r\n'],
  ['a folded trailer', '3\r\nabc\r\n0\r\nX-A: 1\r\n 2\r\n\r\n'],
  ['a bare LF in the trailers', '3\r\nabc\r\n0\r\nX-A: 1\n\r\n'],
];

function isWholeRequest(bytes) {
  try {
    const [head, used] = takeRequestHead(bytes) ?? [];
    return head !== undefined && takeBody(head, head.framing(), bytes.subarray(used), true) !== null;
  } catch (error) {
    if (error instanceof BadMessage) return false;
    throw error;
  }
}

describe('an upload that breaks', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, BROKEN_BODIES.length + 4)));
  after(() => stage.stop());

  /** All connections of the lane's backend ended, and what came over them is no whole request. */
  async function neverComplete(backend) {
    for (const wire of backend.connections) {
      await wire.readEnd();
      assert.doesNotMatch(wire.received.toString('latin1'), /smuggled/);
      assert.equal(isWholeRequest(wire.received), false, wire.received.toString('latin1'));
    }
  }

  for (const [name, body] of BROKEN_BODIES) {
    test(`${name} is a 400, and never complete for the backend`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}${SMUGGLED}`);
      const got = await wire.readResponse();
      assert.equal(got.status, 400);
      const end = await wire.readEnd();
      wire.close();
      assert.equal(end.rest.toString('latin1'), '');
      await neverComplete(backend);
    });
  }

  for (const [name, fields, sent] of [
    ['a chunked upload that is cut by FIN', 'Transfer-Encoding: chunked', '5\r\nabc'],
    ['a chunked upload that is cut between chunks', 'Transfer-Encoding: chunked', '3\r\nabc\r\n'],
    ['an upload that ends before its Content-Length', 'Content-Length: 10', 'abc'],
  ]) {
    test(`${name} is never complete for the backend`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${sent}`);
      const upstream = await backend.accept();
      await upstream.readUntil('abc');
      wire.end();
      await neverComplete(backend);
      wire.close();
      const line = await lanes.weir.logged(path);
      assert.equal(line.outcome, 'client_abort');
    });
  }

  test('an upload that is reset is never complete for the backend', async () => {
    const { path, backend } = lanes.take();
    const wire = await lanes.weir.connect();
    wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc`);
    const upstream = await backend.accept();
    await upstream.readUntil('abc');
    wire.reset();
    await neverComplete(backend);
    assert.equal((await lanes.weir.logged(path)).outcome, 'client_abort');
  });
});
