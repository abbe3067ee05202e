// Requests and answers out of step: answers before the request's end, expectations, upgrades, interim answers between
// pipelined requests. A connection on which either side owes something is not used again, and whoever comes next gets an
// answer of his own. Beside a case: who once took it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { SMUGGLED } from '../support/attacked.mjs';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';

const LANES = 32;
const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe('a connection out of step', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, LANES)));
  after(() => stage.stop());

  const get = (lane, fields = '') => `GET ${lane.path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

  /** A client asks; the backend has the head. */
  async function asked(bytes) {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.send(bytes(lane));
    const upstream = await lane.backend.accept();
    const head = await upstream.readRequestHead();
    return { lane, client, upstream, head };
  }

  /** The next client is served over a new connection, with its own answer. */
  async function nextIsServedAfresh(lane) {
    const client = await lanes.weir.connect();
    client.send(get(lane));
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    upstream.send(sized('his own'));
    assert.equal((await client.readResponse()).text(), 'his own');
    client.close();
  }

  // CVE-2025-31699 (Traffic Server), CVE-2025-4366 (Pingora), CVE-2022-22720 (httpd); pause-based and early-response desync
  for (const [what, framing, beginning, rest] of [
    ['all of a sized body', `Content-Length: ${SMUGGLED.length}`, '', SMUGGLED],
    ['the end of a sized body', `Content-Length: ${3 + SMUGGLED.length}`, 'abc', SMUGGLED],
    ['all of a chunked body', 'Transfer-Encoding: chunked', '', `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`],
    ['the last chunk', 'Transfer-Encoding: chunked', '3\r\nabc\r\n', `0\r\n\r\n${SMUGGLED}`],
    ['the trailers', 'Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n', `X-A: 1\r\n\r\n${SMUGGLED}`],
    ['the body that was expected', `Expect: 100-continue\r\nContent-Length: ${SMUGGLED.length}`, '', SMUGGLED], // CVE-2025-55702 (Traffic Server)
    ['the chunks that were expected', 'Expect: 100-continue\r\nTransfer-Encoding: chunked', '', `5\r\nabcde\r\n0\r\n\r\n${SMUGGLED}`],
  ]) {
    for (const status of ['200 OK', '307 Temporary Redirect', '403 Forbidden']) {
      test(`an answer of ${status.slice(0, 3)} while ${what} is owed: both connections end, and what comes late is no request`, async () => {
        const { lane, client, upstream } = await asked(({ path }) => `POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${beginning}`);
        if (beginning) await upstream.readUntil(beginning.slice(0, 3));
        upstream.send(sized('early', { status }));
        const answer = await client.readResponse();
        assert.deepEqual([answer.startLine, answer.text()], [`HTTP/1.1 ${status}`, 'early']);
        assert.match(answer.get('connection'), /close/i);
        client.send(rest + SMUGGLED);
        assert.equal((await client.readEnd()).rest.toString('latin1'), '');
        client.close();
        await upstream.readEnd();
        assert.doesNotMatch(upstream.received.toString('latin1'), /smuggled/);
        await nextIsServedAfresh(lane);
      });
    }
  }

  // RFC 9110 10.1.1: who answers in place of 100 does not expect the body any more, and may take it for the next request.
  // CVE-2025-55702 (Traffic Server)
  for (const [what, framing, body] of [
    ['a length', `Content-Length: ${SMUGGLED.length}`, SMUGGLED],
    ['chunks', 'Transfer-Encoding: chunked', `5\r\nabcde\r\n0\r\n\r\n`],
  ]) {
    test(`a final answer without the 100 that was expected, while a body in ${what} came all the same: the connection is not used again`, async () => {
      const { lane, client, upstream } = await asked(({ path }) => `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n${framing}\r\n\r\n${body}`);
      await upstream.readUntil(body);
      upstream.send(sized('no', { status: '403 Forbidden' }));
      assert.equal((await client.readResponse()).status, 403);
      await upstream.readEnd();
      client.close();
      await nextIsServedAfresh(lane);
    });
  }

  // CVE-2026-42584 (Netty) towards a backend, CVE-2026-100666 (Netty) towards a client
  for (const [name, first, interim] of [
    ['a 100 that was asked for', 'Expect: 100-continue\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['a 103', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['a 102 and two 103s', '', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'],
  ]) {
    test(`${name} before the answer to GET does not count as the answer to it, where HEAD stands behind`, async () => {
      const lane = lanes.take();
      const client = await lanes.weir.connect();
      client.send(`${get(lane, first)}HEAD ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n${get(lane, 'X-Last: 1\r\n')}`);
      const upstream = await lane.backend.accept();
      for (const [method, answer] of [['GET', `${interim}${sized('of GET')}`], ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'], ['GET', sized('of the last')]]) {
        assert.equal((await upstream.readRequest()).method, method);
        upstream.send(answer);
      }
      for (let left = interim.split('\r\n\r\n').length - 1; left > 0; left -= 1) assert.ok((await client.readResponse()).status < 200);
      assert.equal((await client.readResponse()).text(), 'of GET');
      assert.equal((await client.readResponse('HEAD')).get('content-length'), '7');
      assert.equal((await client.readResponse()).text(), 'of the last');
      client.close();
      assert.equal(lane.backend.connections.length, 1);
    });
  }

  // CVE-2026-2833 (Pingora), CVE-2026-73548 (Envoy): bytes behind an upgrade went on before it was accepted.
  for (const [name, fields] of [
    ['that asks for another protocol', 'Connection: Upgrade\r\nUpgrade: foo\r\n'],
    ['that asks for h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'],
    ['that asks for nothing', ''],
  ]) {
    test(`a 101 to a request ${name} is a 502, and the request behind it is a request`, async () => {
      const { client, upstream, lane } = await asked((lane) => get(lane, fields) + get(lane, 'X-Behind: 1\r\n'));
      assert.equal(upstream.rest().length, 0, 'nothing comes behind it');
      upstream.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\nbytes of foo');
      assert.equal((await client.readResponse()).status, 502);
      await upstream.readEnd();
      const second = await lane.backend.accept();
      assert.equal((await second.readRequest()).get('x-behind'), '1');
      second.send(sized('his own'));
      assert.equal((await client.readResponse()).text(), 'his own');
      client.close();
    });
  }

  // CVE-2024-23326 (Envoy): a 200 with Upgrade made a tunnel.
  test('a 200 that says Upgrade is no upgrade: the request behind it is a request, on the same connection', async () => {
    const { client, upstream } = await asked((lane) => get(lane, 'Connection: Upgrade\r\nUpgrade: foo\r\n') + get(lane, 'X-Behind: 1\r\n'));
    upstream.send(sized('one', { fields: ['Connection: Upgrade', 'Upgrade: foo'] }));
    const first = await client.readResponse();
    assert.deepEqual([first.text(), first.has('upgrade')], ['one', false]);
    assert.equal((await upstream.readRequest()).get('x-behind'), '1');
    upstream.send(sized('two'));
    assert.equal((await client.readResponse()).text(), 'two');
    client.close();
  });

  test('a WebSocket handshake that is refused: what stands behind it is read by weir, as a request', async () => {
    const { client, upstream, lane, head } = await asked((lane) => get(lane, HANDSHAKE) + get(lane, 'X-Behind: 1\r\n'));
    assert.equal((await client.readResponse()).status, 501);
    assert.equal(head.get('x-behind'), '1');
    upstream.send(sized('his own'));
    assert.equal((await client.readResponse()).text(), 'his own');
    assert.equal(lane.backend.connections.length, 1);
    client.close();
  });
});
