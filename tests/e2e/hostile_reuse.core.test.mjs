// Bytes of a backend that answer nothing: behind an answer, on an idle connection, where no body may be, before any request.
// The connection is closed, and whoever comes next gets an answer of his own over another one: the next request of the same
// client, the one pipelined behind, and another client. Beside a row: who once took it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { within } from '../support/deadline.mjs';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';

const EVIL = sized('evil', { fields: ['Set-Cookie: evil=1'] });
const head = (status, fields = '') => `HTTP/1.1 ${status}\r\n${fields}\r\n`;

// [what comes, method of the request, the answer, what comes behind it, the answer's body as the client must see it]
const BEHIND = [
  ['a second response', 'GET', sized('one'), EVIL, 'one'],
  ['stray bytes', 'GET', sized('one'), 'x', 'one'],
  ['an empty line', 'GET', sized('one'), '\r\n', 'one'],
  ['NUL', 'GET', sized('one'), '\0', 'one'],
  ['more than its length', 'GET', head('200 OK', 'Content-Length: 3\r\n'), `one${EVIL}`, 'one'],
  ['a second response behind nothing', 'GET', sized(''), EVIL, ''],
  ['a second response behind chunks', 'GET', head('200 OK', 'Transfer-Encoding: chunked\r\n'), `3\r\none\r\n0\r\n\r\n${EVIL}`, 'one'],
  ['a second last chunk', 'GET', head('200 OK', 'Transfer-Encoding: chunked\r\n'), '3\r\none\r\n0\r\n\r\n0\r\n\r\n', 'one'],
  ['a second response behind trailers', 'GET', head('200 OK', 'Transfer-Encoding: chunked\r\n'), `3\r\none\r\n0\r\nX-A: 1\r\n\r\n${EVIL}`, 'one'],
  ['a 100', 'GET', sized('one'), head('100 Continue'), 'one'],
  ['a 103', 'GET', sized('one'), head('103 Early Hints'), 'one'],
  ['a 408, as servers say it when they close', 'GET', sized('one'), head('408 Request Timeout', 'Connection: close\r\nContent-Length: 0\r\n'), 'one'],
  ['a body behind the answer to HEAD', 'HEAD', head('200 OK', `Content-Length: ${EVIL.length}\r\n`), EVIL, ''],
  ['chunks behind the answer to HEAD', 'HEAD', head('200 OK', 'Transfer-Encoding: chunked\r\n'), '4\r\nevil\r\n0\r\n\r\n', ''],
  ['a last chunk behind the answer to HEAD', 'HEAD', head('200 OK', 'Transfer-Encoding: chunked\r\n'), '0\r\n\r\n', ''], // HAProxy, 2026-04
  ['a body without framing behind the answer to HEAD', 'HEAD', head('200 OK'), EVIL, ''],
  ['a body behind a 204', 'GET', head('204 No Content'), EVIL, ''],
  ['a body with a length behind a 204', 'GET', head('204 No Content', `Content-Length: ${EVIL.length}\r\n`), EVIL, ''],
  ['chunks behind a 204', 'GET', head('204 No Content', 'Transfer-Encoding: chunked\r\n'), '4\r\nevil\r\n0\r\n\r\n', ''],
  ['a body behind a 304', 'GET', head('304 Not Modified'), EVIL, ''],
  ['a body with a length behind a 304', 'GET', head('304 Not Modified', `Content-Length: ${EVIL.length}\r\n`), EVIL, ''],
  ['chunks behind a 304', 'GET', head('304 Not Modified', 'Transfer-Encoding: chunked\r\n'), '4\r\nevil\r\n0\r\n\r\n', ''],
];

describe('bytes that answer nothing', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 4 * BEHIND.length + 8)));
  after(() => stage.stop());

  const get = (lane) => `GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  /** Whoever asked over `client` is served over a connection that is new, with his own answer. */
  async function isServedAfresh(lane, client) {
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    upstream.send(sized('his own'));
    const answer = await client.readResponse();
    assert.deepEqual([answer.text(), answer.has('set-cookie')], ['his own', false]);
    client.close();
  }

  /** A client asks with `method`, and the backend has the request; `behind`: what the client sends with it. */
  async function asked(lane, method, behind = '') {
    const client = await lanes.weir.connect();
    client.send(`${method} ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n${behind}`);
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    return { client, upstream };
  }

  // Who comes next: what is sent with the first request, and who asks behind its answer.
  const NEXT = {
    'the next request of the client': { then: (lane, client) => client.send(get(lane)) },
    'a request pipelined behind it': { with: get },
    'another client': {
      then: async (lane, client) => {
        client.close();
        const other = await lanes.weir.connect();
        other.send(get(lane));
        return other;
      },
    },
  };

  for (const [name, method, answer, behind, body] of BEHIND) {
    for (const [who, next] of Object.entries(NEXT)) {
      test(`${name}, together with an answer: ${who} gets his own`, async () => {
        const lane = lanes.take();
        const { client, upstream } = await asked(lane, method, next.with?.(lane));
        upstream.send(answer + behind);
        const got = await client.readResponse(method);
        assert.equal(got.text(), body);
        const other = await next.then?.(lane, client);
        await isServedAfresh(lane, other ?? client);
        await upstream.readEnd();
      });
    }
  }

  // Where the answer itself is whole: what belongs to a body is no stray byte, however late it comes.
  for (const [name, method, answer, behind] of BEHIND.filter(([, , first, , body]) => first.endsWith(body))) {
    test(`${name}, on a connection that is idle: it is closed`, async () => {
      const lane = lanes.take();
      const { client, upstream } = await asked(lane, method);
      upstream.send(answer);
      await client.readResponse(method);
      await lanes.weir.metricBecomes('weir_endpoint_requests_active', { pool: lane.pool }, 0);
      upstream.send(behind);
      await upstream.readEnd();
      client.send(get(lane));
      await isServedAfresh(lane, client);
    });
  }

  // CVE-2026-48931 (Node): between the look at an idle connection and its use. Here both stand in the kernel when weir looks.
  for (const [name, say] of [
    ['an answer', ({ socket }) => new Promise((resolve) => socket.write(EVIL, resolve))],
    ['an answer and a FIN', ({ socket }) => new Promise((resolve) => socket.end(EVIL, resolve))],
    ['a FIN', ({ socket }) => new Promise((resolve) => socket.end(resolve))],
  ]) {
    test(`${name} of an idle backend that comes at the same time as a request does not answer it`, async () => {
      const lane = lanes.take();
      const { client, upstream } = await asked(lane, 'GET');
      upstream.send(sized('one'));
      await client.readResponse();
      await lanes.weir.metricBecomes('weir_upstream_connections', { pool: lane.pool, state: 'idle' }, 1);
      lanes.weir.signal('SIGSTOP');
      try {
        await within(say(upstream), 'it to be sent');
        await client.sendPieces([get(lane)]);
      } finally {
        lanes.weir.signal('SIGCONT');
      }
      await isServedAfresh(lane, client);
    });
  }

  // CVE-2026-1642 (nginx): bytes of a backend before it was asked. The answer that comes of it may be taken for one; the one
  // that follows may not.
  test('an answer before any request spoils the connection', async () => {
    const lane = lanes.take();
    lane.backend.server.prependListener('connection', (socket) => {
      if (lane.backend.connections.length === 1) socket.write(sized('too early'));
    });
    const { client, upstream } = await asked(lane, 'GET');
    upstream.send(sized('one'));
    const got = await client.readResponse();
    assert.ok(got.status === 502 || got.text() === 'too early' || got.text() === 'one', got.text());
    if (got.text() === 'one') return client.close();
    await upstream.readEnd();
    client.send(get(lane));
    return isServedAfresh(lane, client);
  });

  test('Connection: close of a backend is honoured even where it stays open', async () => {
    const lane = lanes.take();
    const { client, upstream } = await asked(lane, 'GET');
    upstream.send(sized('one', { fields: ['Connection: close'] }));
    assert.equal((await client.readResponse()).text(), 'one');
    await upstream.readEnd();
    client.close();
  });
});
