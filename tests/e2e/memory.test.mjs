// Peers that go on and on: whatever they send or do not read, weir holds no more than a few MiB for them, and it comes to an
// end or to an answer in order.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { within } from '../support/deadline.mjs';
import { dial } from '../support/dial.mjs';
import { startLanes } from '../support/lanes.mjs';
import { growth, isSanitized } from '../support/memory.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

const MIB = 1 << 20;
const MOST = 16 * MIB;

/** What a sanitizer adds and keeps nobody judges. */
async function growsLittle(weir, job) {
  const { pid } = weir.child;
  const grown = await growth(pid, job);
  assert.ok(grown <= MOST || isSanitized(pid), `it grew by ${grown} bytes`);
}

/** Writes `piece` again and again until the connection is no more; never more than `most` bytes. */
function writeOn(wire, piece, most = Infinity) {
  let written = 0;
  return new Promise((resolve) => {
    const on = (error) => {
      if (error || written >= most) return resolve();
      written += piece.length;
      return wire.socket.write(piece, on);
    };
    wire.socket.once('close', resolve);
    on();
  });
}

describe('a client that goes on and on', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const backend = stage.own(
      await NodeBackend.start((request, response) => {
        let size = 0;
        request.on('data', (piece) => (size += piece.length));
        request.on('end', () => response.end(request.url === '/big' ? 'b'.repeat(20_000) : `${request.url} ${size}`));
      }),
    );
    const deaf = stage.own(await RawBackend.start((wire) => wire.socket.pause()));
    weir = stage.own(
      await Weir.start({
        limits: { body_timeout: '500ms', header_timeout: '2s', min_rate: '8MiB' },
        log: { level: 'info', access: { to: 'off' } },
        pools: { app: [backend.address], deaf: { endpoints: [deaf.address], response_timeout: '500ms' } },
        routes: [
          { pool: 'app' },
          { match: { path: '/deaf' }, pool: 'deaf' },
          { match: { path: '/copied' }, pool: 'deaf', request_headers: { set: { 'x-copy': '{header.x-a}' } } },
        ],
      }),
    );
    for (let i = 0; i < 4; i += 1) await Promise.all(Array.from({ length: 20 }, () => weir.request({ path: '/warm', method: 'POST', body: Buffer.alloc(200_000) })));
  });
  after(() => stage.stop());

  const staysSmall = (job) => growsLittle(weir, job);

  const chunked = (target) => `POST ${target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;

  for (const [name, head, piece, status] of [
    ['a request line without an end', 'GET /', 'x'.repeat(64 * 1024), 414],
    ['a field without an end', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: ', 'x'.repeat(64 * 1024), 431],
    ['fields without an end', 'GET / HTTP/1.1\r\nHost: a\r\n', 'X-A: b\r\n'.repeat(8 * 1024), 431],
    ['a chunk extension without an end', `${chunked('/')}1;`, 'x'.repeat(64 * 1024), 400],
    ['chunk extensions without an end', chunked('/'), '1;a="b"\r\nX\r\n'.repeat(8 * 1024), 400],
    ['a trailer without an end', `${chunked('/')}0\r\nX-A: `, 'x'.repeat(64 * 1024), 431],
    ['trailers without an end', `${chunked('/')}0\r\n`, 'X-A: b\r\n'.repeat(8 * 1024), 431],
  ]) {
    test(`${name}: ${status} or a reset, and the end`, () => staysSmall(async () => {
      const wire = await weir.connect();
      wire.send(head);
      const written = writeOn(wire, piece, 256 * MIB);
      // What is still sent behind the answer may cost the client the answer.
      const answer = await wire.readResponse().catch((error) => error);
      assert.ok(answer instanceof WireEnded ? answer.how === 'reset' : answer.status === status, `${answer.message ?? answer.startLine}`);
      await wire.readEnd();
      wire.close();
      await written;
    }));
  }

  test('a million chunks of one byte: they all come through', () => staysSmall(async () => {
    const wire = await weir.connect();
    wire.send(chunked('/million'));
    await writeOn(wire, '1\r\nx\r\n'.repeat(10_000), 6 * 1_000_000);
    wire.send('0\r\n\r\n');
    assert.equal((await wire.readResponse()).text(), '/million 1000000');
    wire.close();
  }));

  test('chunks of one byte without an end for a backend that does not read: an end', () => staysSmall(async () => {
    const wire = await weir.connect();
    wire.send(chunked('/deaf'));
    const written = writeOn(wire, '1\r\nx\r\n'.repeat(10_000), 256 * MIB);
    await wire.readEnd();
    await weir.metricBecomes('weir_exchanges_total', { route: '*/deaf', outcome: 'http_response_timeout' }, 1);
    wire.close();
    await written;
  }));

  test('ten thousand pipelined requests whose answers nobody reads: an end', () => staysSmall(async () => {
    const wire = await weir.connect();
    wire.socket.pause();
    const written = writeOn(wire, 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000), 10_000 * 30);
    await weir.metricBecomes('weir_connections_active', {}, 0);
    wire.close();
    await written;
    const metrics = await weir.metrics();
    assert.equal(metrics.sum('weir_exchanges_active'), 0);
  }));

  test('ten thousand pipelined requests whose answers are read in the end: all of them, in order', () => staysSmall(async () => {
    const socket = (await dial(weir.port)).pause();
    const targets = Array.from({ length: 10_000 }, (_, i) => `/${i}`);
    await within(new Promise((resolve) => socket.write(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''), resolve)), 'the requests to be sent');
    const pieces = [];
    for await (const piece of socket) if (pieces.push(piece) && piece.includes('/9999 0')) break;
    const bodies = Buffer.concat(pieces).toString('latin1').match(/(?<=\r\n\r\n)\/\d+(?= 0)/g);
    assert.deepEqual(bodies, targets);
  }));

  test('heads of many fields with one name, whose value a route copies: as much as came, and once more', () => staysSmall(async () => {
    const head = `GET /copied HTTP/1.1\r\nHost: a\r\n${`X-A: ${'a'.repeat(300)}\r\n`.repeat(95)}\r\n`;
    await Promise.all(Array.from({ length: 60 }, async () => {
      const wire = await weir.connect();
      assert.equal((await wire.ask(head)).status, 504);
      wire.close();
    }));
  }));
});

describe('a backend that goes on and on', () => {
  const stage = new Stage();
  let lanes;

  before(async () => {
    lanes = await startLanes(stage, 11, { limits: { body_timeout: '500ms', min_rate: '8MiB' }, log: { level: 'info', access: { to: 'off' } } });
    const warm = lanes.take();
    for (let i = 0; i < 3; i += 1) {
      const client = await lanes.weir.connect();
      client.send(`GET ${warm.path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const upstream = await warm.backend.accept();
      await upstream.readRequest();
      upstream.send(sized('x'.repeat(MIB), { fields: ['Connection: close'] }));
      await client.readResponse();
      client.close();
    }
  });
  after(() => stage.stop());

  const staysSmall = (job) => growsLittle(lanes.weir, job);

  async function asked() {
    const { path, backend } = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const upstream = await backend.accept();
    await upstream.readRequest();
    return { client, upstream };
  }

  const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

  for (const [name, head, piece] of [
    ['a status line without an end', 'HTTP/1.1 200 ', 'x'.repeat(64 * 1024)],
    ['fields without an end', 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'.repeat(8 * 1024)],
    ['interim answers without an end', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1024)],
  ]) {
    test(`${name}: 502`, () => staysSmall(async () => {
      const { client, upstream } = await asked();
      upstream.send(head);
      const written = writeOn(upstream, piece, 256 * MIB);
      let answer = await client.readResponse();
      while (answer.status < 200) answer = await client.readResponse();
      assert.equal(answer.status, 502);
      client.close();
      await written;
    }));
  }

  for (const [name, head, piece] of [
    ['a chunk extension without an end', `${CHUNKED}1;`, 'x'.repeat(64 * 1024)],
    ['chunk extensions without an end', CHUNKED, '1;a="b"\r\nX\r\n'.repeat(8 * 1024)],
    ['trailers without an end', `${CHUNKED}3\r\nabc\r\n0\r\n`, 'X-A: b\r\n'.repeat(8 * 1024)],
  ]) {
    test(`${name}: a 502 or a cut`, () => staysSmall(async () => {
      const { client, upstream } = await asked();
      upstream.send(head);
      const written = writeOn(upstream, piece, 256 * MIB);
      const answer = await client.readResponse().catch((error) => error);
      assert.ok(answer instanceof WireEnded || answer.status === 502, answer.startLine);
      client.close();
      await written;
    }));
  }

  for (const [name, head, piece] of [
    ['a sized body', `HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\n`, Buffer.alloc(64 * 1024)],
    ['chunks of one byte', CHUNKED, '1\r\nx\r\n'.repeat(10_000)],
    ['a body until the end', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n', Buffer.alloc(64 * 1024)],
  ]) {
    test(`${name} without an end for a client that does not read: an end`, () => staysSmall(async () => {
      const { client, upstream } = await asked();
      client.socket.pause();
      upstream.send(head);
      await writeOn(upstream, piece, 256 * MIB);
      await upstream.readEnd();
      client.close();
    }));
  }

  test('a million chunks of one byte: they all come through', () => staysSmall(async () => {
    const { client, upstream } = await asked();
    upstream.send(CHUNKED);
    await writeOn(upstream, '1\r\nx\r\n'.repeat(10_000), 6 * 1_000_000);
    upstream.send('0\r\n\r\n');
    assert.equal((await client.readResponse()).body.length, 1_000_000);
    client.close();
  }));
});
