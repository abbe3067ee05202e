// Responses that two readers could understand differently, that are cut, or that nobody asked for. Whatever a backend
// sends: the client gets a 502 or sees a cut, and the next request gets its own answer over a fresh connection.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

const ok = (fields, body = '') => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`;

// [what is wrong, the RFC's word on it, bytes]
const REFUSED = [
  ['Content-Length with Transfer-Encoding', 'RFC 9112 6.3', ok('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['two Content-Lengths that differ', 'RFC 9112 6.3', ok('Content-Length: 1\r\nContent-Length: 2', 'ab')],
  ['a list of different Content-Lengths', 'RFC 9112 6.3', ok('Content-Length: 1, 2', 'ab')],
  ['a negative Content-Length', 'RFC 9110 8.6', ok('Content-Length: -1', 'ab')],
  ['Content-Length with a sign', 'RFC 9110 8.6', ok('Content-Length: +2', 'ab')],
  ['a Content-Length past 64 bits', 'RFC 9110 8.6', ok('Content-Length: 18446744073709551618', 'ab')],
  ['a coding before chunked', 'RFC 9112 6.1', ok('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
  ['chunked twice', 'RFC 9112 6.1', ok('Transfer-Encoding: chunked, chunked', '0\r\n\r\n')],
  ['an unknown coding', 'RFC 9112 6.1', ok('Transfer-Encoding: x', 'ab')],
  ['Transfer-Encoding in HTTP/1.0', 'RFC 9112 6.1', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded field line', 'RFC 9112 5.2', ok('X-A: 1\r\n 2\r\nContent-Length: 0')],
  ['a space before the colon', 'RFC 9112 5.1', ok('Content-Length : 2', 'ab')],
  ['a name that is no token', 'RFC 9110 5.1', ok('X A: 1\r\nContent-Length: 0')],
  ['an empty name', 'RFC 9110 5.1', ok(': 1\r\nContent-Length: 0')],
  ['NUL in a value', 'RFC 9110 5.5', ok('X-A: a\0b\r\nContent-Length: 0')],
  ['a bare CR in a value', 'RFC 9112 2.2', ok('X-A: a\rb\r\nContent-Length: 0')],
  ['a bare LF in the head', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a field line without a colon', 'RFC 9112 5', ok('NoColon\r\nContent-Length: 0')],
  ['a status of two digits', 'RFC 9112 4', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of four digits', 'RFC 9112 4', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status that is no number', 'RFC 9112 4', 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status below 100', 'RFC 9110 15', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another protocol', 'RFC 9112 4', 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another major version', 'RFC 9110 2.5', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['no head at all', 'RFC 9112 2.1', 'just some words\r\n\r\n'],
  ['a head past header_bytes', 'contract', ok(`X-A: ${'x'.repeat(80_000)}\r\nContent-Length: 0`)],
];

describe('a response that is refused', () => {
  const stage = new Stage();
  let lanes;
  let rows;

  const script = async (wire, index) => {
    for (;;) {
      const request = await wire.readRequest();
      const row = /row=(\d+)/.exec(request.target);
      wire.send(row ? rows[Number(row[1])][2] : sized(`own answer on connection ${index}`));
    }
  };
  before(async () => {
    rows = REFUSED;
    lanes = await startLanes(stage, REFUSED.length, { script });
  });
  after(() => stage.stop());

  REFUSED.forEach(([name, rfc], row) => {
    test(`${name} is a 502 (${rfc})`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      const got = await wire.ask(`GET ${path}?row=${row} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(got.status, 502);
      assert.match(got.get('proxy-status'), /^weir; ?error=http_/);
      await backend.connections[0].readEnd();
      wire.close();
      const next = await lanes.weir.request({ path });
      assert.equal(next.text(), 'own answer on connection 1');
    });
  });
});

// [what happens, bytes that are sent, how the connection ends]: no byte of a final head reached the client
const NO_ANSWER = [
  ['a close without a byte', '', 'end'],
  ['a reset without a byte', '', 'reset'],
  ['a head that is cut', 'HTTP/1.1 200 OK\r\nContent-Len', 'end'],
  ['a head that is cut by a reset', 'HTTP/1.1 200 OK\r\nContent-Len', 'reset'],
  ['an interim response and no other', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'end'],
];

// The head is fine and gone on its way before the rest is known to be bad.
const CUT = [
  ['a sized body that is cut', ok('Content-Length: 100', 'abc'), 'end'],
  ['a sized body that is reset', ok('Content-Length: 100', 'abc'), 'reset'],
  ['a chunked body that is cut within a chunk', ok('Transfer-Encoding: chunked', '64\r\nabc'), 'end'],
  ['a chunked body that is cut between chunks', ok('Transfer-Encoding: chunked', '3\r\nabc\r\n'), 'end'],
  ['a chunked body that is cut behind its last chunk', ok('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n'), 'end'],
  ['a body until the end that is reset', ok('X-A: 1', 'abc'), 'reset'],
  ['a chunk size that is none', ok('Transfer-Encoding: chunked', '3\r\nabc\r\nzz\r\n'), 'stays'],
  ['a chunk that is longer than its size', ok('Transfer-Encoding: chunked', '3\r\nabcd\r\n0\r\n\r\n'), 'stays'],
  ['framing in the trailers', ok('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n'), 'stays'],
];

describe('a response that does not come to its end', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, NO_ANSWER.length + 2 * CUT.length)));
  after(() => stage.stop());

  async function answerOnce(backend, bytes, ending) {
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send(bytes);
    return upstream;
  }

  function finish(upstream, ending) {
    if (ending === 'end') upstream.socket.end();
    if (ending === 'reset') upstream.reset();
  }

  for (const [name, bytes, ending] of NO_ANSWER) {
    test(`${name} is a 502`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const upstream = await answerOnce(backend, bytes);
      if (bytes.startsWith('HTTP/1.1 1')) assert.equal((await wire.readResponse()).status, 103);
      finish(upstream, ending);
      const got = await wire.readResponse();
      assert.equal(got.status, 502);
      assert.match(got.get('proxy-status'), /^weir; ?error=(connection_terminated|http_response_incomplete)/);
      wire.close();
      const line = await lanes.weir.logged(path);
      assert.match(line.outcome, /^(connection_terminated|http_response_incomplete)$/);
    });
  }

  for (const version of ['HTTP/1.1', 'HTTP/1.0']) {
    for (const [name, bytes, ending] of CUT) {
      test(`${name} is a cut for an ${version} client too`, async () => {
        const { path, backend } = lanes.take();
        const wire = await lanes.weir.connect();
        wire.send(`GET ${path} ${version}\r\nHost: a\r\n\r\n`);
        const upstream = await answerOnce(backend, bytes);
        if (ending !== 'stays') await wire.readUntil('abc');
        wire.read = 0;
        finish(upstream, ending);
        const head = await wire.readResponseHead().catch((error) => error);
        if (head.how === 'reset' && version === 'HTTP/1.0') return wire.close(); // the reset overtook the head
        if (head.status === 502) return wire.close(); // seen to be bad before the head had left
        assert.equal(head.status, 200);
        const framing = head.framing('GET');
        if (framing.kind === 'until-close') {
          // Nothing but a reset tells an HTTP/1.0 client that such a body is not whole.
          assert.equal((await wire.readEnd()).how, 'reset');
        } else {
          await assert.rejects(wire.readBody(head), WireEnded);
        }
        wire.close();
        const line = await lanes.weir.logged(path);
        assert.notEqual(line.outcome, 'ok');
      });
    }
  }
});

describe('bytes that answer nothing', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 8)));
  after(() => stage.stop());

  const request = (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  for (const [name, extra] of [
    ['a second response', sized('not asked for')],
    ['stray bytes', 'x'],
    ['an empty line', '\r\n'],
  ]) {
    test(`${name} together with an answer: the connection is not used again`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(request(path));
      const first = await backend.accept();
      await first.readRequest();
      first.send(sized('one') + extra);
      assert.equal((await wire.readResponse()).text(), 'one');
      await first.readEnd();
      wire.send(request(path));
      const second = await backend.accept();
      await second.readRequest();
      second.send(sized('two'));
      assert.equal((await wire.readResponse()).text(), 'two');
      wire.close();
    });
  }

  test('bytes on an idle connection close it', async () => {
    const { path, backend } = lanes.take();
    const wire = await lanes.weir.connect();
    wire.send(request(path));
    const first = await backend.accept();
    await first.readRequest();
    first.send(sized('one'));
    assert.equal((await wire.readResponse()).text(), 'one');
    first.send(sized('not asked for'));
    await first.readEnd();
    wire.send(request(path));
    const second = await backend.accept();
    await second.readRequest();
    second.send(sized('two'));
    assert.equal((await wire.readResponse()).text(), 'two');
    wire.close();
  });

  test('a body behind the answer to HEAD is not the next answer', async () => {
    const { path, backend } = lanes.take();
    const wire = await lanes.weir.connect();
    wire.send(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const first = await backend.accept();
    await first.readRequest();
    first.send(sized('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'));
    assert.equal((await wire.readResponse('HEAD')).status, 200);
    await first.readEnd();
    wire.send(request(path));
    const second = await backend.accept();
    await second.readRequest();
    second.send(sized('two'));
    assert.equal((await wire.readResponse()).text(), 'two');
    wire.close();
  });

  for (const [name, fields, body] of [['with a body', '', sized('evil')], ['that says it is chunked', 'Transfer-Encoding: chunked\r\n', '0\r\n\r\n']]) {
    test(`a 204 ${name} is not followed by that body`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(request(path));
      const first = await backend.accept();
      await first.readRequest();
      first.send(`HTTP/1.1 204 No Content\r\n${fields}\r\n${body}`);
      const got = await wire.readResponse();
      assert.deepEqual([got.status, got.has('transfer-encoding')], [204, false]);
      await first.readEnd();
      wire.close();
    });
  }

  test('Connection: close of a backend is honoured even where it stays open', async () => {
    const { path, backend } = lanes.take();
    const wire = await lanes.weir.connect();
    wire.send(request(path));
    const first = await backend.accept();
    await first.readRequest();
    first.send(sized('one', { fields: ['Connection: close'] }));
    assert.equal((await wire.readResponse()).text(), 'one');
    await first.readEnd();
    wire.close();
  });
});
