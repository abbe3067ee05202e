// Responses that two readers could understand differently, or that are cut, at any byte. Whatever a backend sends: the
// client gets a 502 or sees a cut, and the next request gets its own answer over a fresh connection. Beside a row: who once
// took it. What is sent without being asked for stands in hostile_reuse.core.test.mjs.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { atOnce, upTo } from '../support/at_once.mjs';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

const ok = (fields, body = '') => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`;

// [what is wrong, the RFC's word on it, bytes]
const REFUSED = [
  ['Content-Length with Transfer-Encoding', 'RFC 9112 6.3', ok('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['Transfer-Encoding with Content-Length', 'RFC 9112 6.3', ok('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n')], // CVE-2025-22891
  ['two Content-Lengths that differ', 'RFC 9112 6.3', ok('Content-Length: 1\r\nContent-Length: 2', 'ab')],
  ['two Content-Lengths that agree', 'RFC 9112 6.3', ok('Content-Length: 2\r\nContent-Length: 2', 'ab')],
  ['an empty Content-Length', 'RFC 9110 8.6', ok('Content-Length:', 'ab')],
  ['a hexadecimal Content-Length', 'RFC 9110 8.6', ok('Content-Length: 0x2', 'ab')],
  ['a list of different Content-Lengths', 'RFC 9112 6.3', ok('Content-Length: 1, 2', 'ab')],
  ['a negative Content-Length', 'RFC 9110 8.6', ok('Content-Length: -1', 'ab')],
  ['Content-Length with a sign', 'RFC 9110 8.6', ok('Content-Length: +2', 'ab')],
  ['a Content-Length past 64 bits', 'RFC 9110 8.6', ok('Content-Length: 18446744073709551618', 'ab')],
  ['a coding before chunked', 'RFC 9112 6.1', ok('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
  ['chunked twice', 'RFC 9112 6.1', ok('Transfer-Encoding: chunked, chunked', '0\r\n\r\n')],
  ['chunked, identity', 'RFC 9112 6.1', ok('Transfer-Encoding: chunked, identity', '0\r\n\r\n')], // CVE-2026-42585 (Netty)
  ['a comma and chunked', 'RFC 9112 7', ok('Transfer-Encoding: ,chunked', '0\r\n\r\n')],
  ['Transfer-Encoding twice', 'RFC 9112 6.1', ok('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  ['chunked behind a vertical tab', 'RFC 9110 5.5', ok('Transfer-Encoding: \x0bchunked', '0\r\n\r\n')],
  ['an empty Transfer-Encoding', 'RFC 9112 6.1', ok('Transfer-Encoding:', 'ab')],
  ['an unknown coding', 'RFC 9112 6.1', ok('Transfer-Encoding: x', 'ab')],
  ['Transfer-Encoding in HTTP/1.0', 'RFC 9112 6.1', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded field line', 'RFC 9112 5.2', ok('X-A: 1\r\n 2\r\nContent-Length: 0')],
  ['a space before the colon', 'RFC 9112 5.1', ok('Content-Length : 2', 'ab')],
  ['a name that is no token', 'RFC 9110 5.1', ok('X A: 1\r\nContent-Length: 0')],
  ['an empty name', 'RFC 9110 5.1', ok(': 1\r\nContent-Length: 0')],
  ['NUL in a value', 'RFC 9110 5.5', ok('X-A: a\0b\r\nContent-Length: 0')], // CVE-2026-34520 (aiohttp)
  ['NUL in a name', 'RFC 9110 5.1', ok('X\0A: b\r\nContent-Length: 0')],
  ['an escape character in a value', 'RFC 9110 5.5', ok('X-A: a\x1bb\r\nContent-Length: 0')],
  ['a bare CR in a value', 'RFC 9112 2.2', ok('X-A: a\rb\r\nContent-Length: 0')], // CVE-2023-38709, CVE-2024-24795 (httpd)
  ['a bare CR that splits a head', 'RFC 9112 2.2', ok('X-A: a\rSet-Cookie: a=b\r\nContent-Length: 0')], // CVE-2024-42516 (httpd)
  ['a bare LF that splits a head', 'RFC 9112 2.2', ok('X-A: a\nSet-Cookie: a=b\r\nContent-Length: 0')], // CVE-2023-27522 (httpd)
  ['a bare LF behind the status line', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'], // llhttp 9.4.2
  ['a bare LF in the head', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a bare LF at the end of the head', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n'],
  ['a head that ends in CR and another byte', 'RFC 9112 2.2', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\rX'],
  ['a bare CR in the reason', 'RFC 9112 4', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n'],
  ['NUL in the reason', 'RFC 9112 4', 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n'],
  ['a field line without a colon', 'RFC 9112 5', ok('NoColon\r\nContent-Length: 0')],
  ['a status of two digits', 'RFC 9112 4', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of four digits', 'RFC 9112 4', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status that is no number', 'RFC 9112 4', 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status below 100', 'RFC 9110 15', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status above 599', 'RFC 9110 15', 'HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n'],
  ['two spaces before the status', 'RFC 9112 4', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['white space before the status line', 'RFC 9112 4', ' HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['an empty line before the status line', 'RFC 9112 4', `\r\n${ok('Content-Length: 0')}`],
  ['a 103 with Content-Length', 'RFC 9110 8.6', `HTTP/1.1 103 Early Hints\r\nContent-Length: 4\r\n\r\nevil${ok('Content-Length: 0')}`],
  ['a 100 with Transfer-Encoding', 'RFC 9112 6.1', `HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${ok('Content-Length: 0')}`],
  ['a 101 that nobody asked for', 'RFC 9110 15.2.2', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'],
  ['another protocol', 'RFC 9112 4', 'ICY 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another major version', 'RFC 9110 2.5', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['no head at all', 'RFC 9112 2.1', 'just some words\r\n\r\n'],
  ['a head past header_bytes', 'contract', ok(`X-A: ${'x'.repeat(80_000)}\r\nContent-Length: 0`)],
  ['a head that does not end', 'contract', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`],
  ['a status line that does not end', 'contract', `HTTP/1.1 200 ${'x'.repeat(200_000)}`],
  ['an interim head that does not end', 'contract', `HTTP/1.1 103 Early Hints\r\n${'X-A: b\r\n'.repeat(20_000)}`],
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
    test(`${name} is a 502, and whoever comes next gets an answer of his own (${rfc})`, async () => {
      const { path, backend } = lanes.take();
      const next = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
      const wire = await lanes.weir.connect();
      wire.send(`GET ${path}?row=${row} HTTP/1.1\r\nHost: a\r\n\r\n${next}`);
      const got = await wire.readResponse();
      assert.equal(got.status, 502);
      assert.match(got.get('proxy-status'), /^weir; ?error=http_/);
      assert.equal((await wire.readResponse()).text(), 'own answer on connection 1', 'pipelined behind it');
      assert.equal((await wire.ask(next)).text(), 'own answer on connection 1', 'later');
      wire.close();
      assert.equal((await lanes.weir.request({ path })).text(), 'own answer on connection 1', 'another client');
      await backend.connections[0].readEnd();
      assert.equal(backend.connections.length, 2);
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

  before(async () => (lanes = await startLanes(stage, NO_ANSWER.length + 2 * CUT.length, { route: { retry: { when: [] } } })));
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

const WHOLE = {
  'a sized response': `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('X-A: b\r\nContent-Length: 12', 'abcdefghijkl')}`,
  'a chunked response': `${ok('Transfer-Encoding: chunked', '3;a="b"\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n')}`,
  'a response that goes on until the end': ok('X-A: b', 'abcdefghijkl'),
};

const CUTS = { 'a FIN': (wire) => wire.end(), 'a reset': (wire) => wire.reset() };

describe('a response that is cut behind any of its bytes', () => {
  const stage = new Stage();
  let lanes;

  before(async () => {
    // The target says which message, behind how many bytes, and how.
    const script = async (wire) => {
      for (;;) {
        const asked = /\?(.*)&(.*)&(.*)/.exec((await wire.readRequest()).target);
        if (asked === null) {
          wire.send(sized('whole'));
          continue;
        }
        const [what, how, count] = asked.slice(1).map(decodeURIComponent);
        await wire.sendPieces([WHOLE[what].slice(0, Number(count))]);
        return CUTS[how](wire);
      }
    };
    lanes = await startLanes(stage, 5, { script });
  });
  after(() => stage.stop());

  for (const [what, message] of Object.entries(WHOLE)) {
    for (const how of Object.keys(CUTS)) {
      if (how === 'a FIN' && what.endsWith('until the end')) continue; // that is its end
      test(`${what}, by ${how}, never looks whole, and the next one gets his own`, async () => {
        const { path } = lanes.take();
        await atOnce(upTo(message.length), 12, async (count) => {
          const target = `${path}?${[what, how, count].map(encodeURIComponent).join('&')}`;
          for (const version of ['HTTP/1.1', 'HTTP/1.0']) {
            await looksCut(await lanes.weir.connect(), `GET ${target} ${version}\r\nHost: a\r\n\r\n`, message.slice(0, count));
          }
          assert.equal((await lanes.weir.request({ path })).text(), 'whole');
        });
      });
    }
  }
});

/** A 502, or a body that ends before its framing says so, or a reset where nothing else tells of it. */
async function looksCut(wire, request, sent) {
  wire.send(request);
  try {
    let answer = await wire.readResponse();
    while (answer.status < 200) answer = await wire.readResponse();
    assert.equal(answer.status, 502, `behind ${JSON.stringify(sent)}: ${answer.startLine} ${answer.text()}`);
  } catch (error) {
    if (!(error instanceof WireEnded)) throw error;
    const framed = /^(content-length|transfer-encoding):/im.test(wire.received.toString('latin1'));
    assert.ok(framed || error.how === 'reset', `behind ${JSON.stringify(sent)}: a ${error.how}`);
  }
  wire.close();
}
