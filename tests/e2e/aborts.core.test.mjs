// A client that goes away: the backend is told, and soon, the slot is free again, and nobody else is harmed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { tcpEnd } from '../support/kernel.mjs';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';

describe('a client that goes away', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 8)));
  after(() => stage.stop());

  async function asked() {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    return { lane, client, upstream };
  }

  for (const [how, leave] of [
    ['with a reset', (wire) => wire.reset()],
    ['with a FIN', (wire) => wire.end()],
  ]) {
    test(`${how} before its answer: the backend's connection ends and the log says 499`, async () => {
      const { lane, client, upstream } = await asked();
      leave(client);
      await upstream.readEnd();
      const line = await lanes.weir.logged(lane.path);
      assert.deepEqual([line.status, line.outcome, line.pool], [499, 'client_abort', lane.pool]);
      // What the backend worked in vain.
      assert.ok(line.upstream_ms > 0 && line.upstream_ms <= line.duration_ms, `${line.upstream_ms} ${line.duration_ms}`);
      client.close();
    });

    test(`${how} within its answer: the backend's connection ends, and log and metric say 499`, async () => {
      const { lane, client, upstream } = await asked();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc');
      await client.readUntil('abc');
      leave(client);
      await upstream.readEnd();
      const line = await lanes.weir.logged(lane.path);
      assert.deepEqual([line.status, line.outcome], [499, 'client_abort']);
      await lanes.weir.metricBecomes('weir_http_requests_total', { pool: lane.pool, code: '499' }, 1);
      client.close();
    });
  }

  test('within its head: the line says who it was, and nothing stays active', async () => {
    const client = await lanes.weir.connect();
    client.socket.end('GET /half HTTP/1.1\r\nHo');
    await client.readEnd();
    const line = await lanes.weir.logged(({ route }) => route === '-');
    assert.deepEqual([line.outcome, line.client, line.bytes_in], ['client_abort', '127.0.0.1', 22]);
    assert.match(line.request_id, /^[0-9a-f-]{36}$/);
    await lanes.weir.metricBecomes('weir_exchanges_active', { route: '-' }, 0);
  });

  test('with a reset while it was not reading: the backend that still sends is cut off', async () => {
    const { lane, client, upstream } = await asked();
    client.socket.pause();
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
    const piece = Buffer.alloc(1 << 20);
    let blocked = false;
    for (let i = 0; i < 64 && !blocked; i += 1) blocked = !upstream.socket.write(piece) && upstream.socket.writableLength > 8 << 20;
    client.reset();
    await upstream.readEnd();
    assert.equal((await lanes.weir.logged(lane.path)).outcome, 'client_abort');
  });

  test('with a reset while its upload waits for a slow backend', async () => {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`POST ${lane.path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n`);
    const upstream = await lane.backend.accept();
    await upstream.readRequestHead();
    upstream.socket.pause();
    client.send(Buffer.alloc(16 << 20));
    await lanes.weir.metricBecomes('weir_exchanges_active', { route: lane.pool }, 1);
    client.reset();
    assert.equal((await lanes.weir.logged(lane.path)).outcome, 'client_abort');
    upstream.socket.resume();
    await upstream.readEnd();
  });

  test('leaves its pipelined requests unanswered and harms nobody else', async () => {
    const lane = lanes.take();
    const request = `GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const client = await lanes.weir.connect();
    client.send(request.repeat(10));
    const first = await lane.backend.accept();
    await first.readRequest();
    client.reset();
    await first.readEnd();
    const other = await lanes.weir.connect();
    other.send(request);
    const second = await lane.backend.accept();
    await second.readRequest();
    second.send(sized('for the other'));
    assert.equal((await other.readResponse()).text(), 'for the other');
    other.close();
  });
});

const SOON = 200; // ms
const TRIES = 3; // for a machine that stood still meanwhile
const MIB = 1 << 20;

/** Sends until weir reads no more of it, for `upstream` does not read: the same bytes stand in the kernel, look after look. */
async function sendUntilPaused(weir, client) {
  const port = client.localPort;
  client.send(Buffer.alloc(16 * MIB));
  let last;
  for (let alike = 0; alike < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const look = JSON.stringify([tcpEnd(weir.port, port), tcpEnd(port, weir.port)]);
    alike = look === last && tcpEnd(weir.port, port).unread > 0 ? alike + 1 : 0;
    last = look;
  }
}

/** The same, and all that was sent stands in weir's kernel: an end behind it comes there too. */
async function sendWhatFits(weir, client) {
  const port = client.localPort;
  const unread = () => tcpEnd(weir.port, port).unread;
  for (let looks = -1; looks < 5; looks = unread() > 0 ? looks + 1 : 0) {
    if (unread() === 0) client.send(Buffer.alloc(looks < 0 ? 3 * MIB : 32 * 1024));
    await until(() => client.socket.writableLength === 0 && tcpEnd(port, weir.port).unsent === 0, 'the kernel to deliver it');
  }
}

describe('an abort', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 9 * 2 * TRIES)));
  after(() => stage.stop());

  const upload = (framing, body) => async (lane, client) => {
    client.send(`POST ${lane.path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${body}`);
    const upstream = await lane.backend.accept();
    await upstream.readUntil(body);
    return upstream;
  };
  const download = (beginning) => async (lane, client) => {
    client.send(`GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    if (beginning) {
      upstream.send(beginning);
      await client.readUntil('abc');
    }
    return upstream;
  };
  const WAYS = { 'a reset': (wire) => wire.reset(), 'a FIN': (wire) => wire.end() };
  const WHEN = {
    'while the backend thinks': download(''),
    'within a sized answer': download('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc'),
    'within a chunked answer': download('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
    'within an answer that goes on until the end': download('HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nabc'),
    'within a sized upload': upload('Content-Length: 1000', 'abc'),
    'within a chunked upload': upload('Transfer-Encoding: chunked', '3\r\nabc\r\n'),
    'while a 100 is waited for': upload('Expect: 100-continue\r\nContent-Length: 1000', ''),
  };

  /** Again where it took too long, for then perhaps the machine was busy. */
  async function soon(attempt) {
    let took;
    for (let tries = 0; tries < TRIES; tries += 1) {
      took = await attempt();
      if (took < SOON) return;
    }
    assert.fail(`it took ${took} ms`);
  }

  const FRAMINGS = {
    'a sized': `Content-Length: ${100 * MIB}\r\n\r\n`,
    'a chunked': `Transfer-Encoding: chunked\r\n\r\n${(100 * MIB).toString(16)}\r\n`,
  };

  /** An upload of 100 MiB has begun, and its backend does not read. */
  async function unreadUpload(framing = FRAMINGS['a sized']) {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`POST ${lane.path} HTTP/1.1\r\nHost: a\r\n${framing}`);
    const upstream = await lane.backend.accept();
    await upstream.readRequestHead();
    upstream.socket.pause();
    return { lane, client, upstream };
  }

  for (const [when, begin] of Object.entries(WHEN)) {
    for (const [how, leave] of Object.entries(WAYS)) {
      test(`by ${how}, ${when}, reaches the backend within ${SOON} ms`, () => soon(async () => {
        const lane = lanes.take();
        const client = await lanes.weir.connect();
        const upstream = await begin(lane, client);
        const begun = performance.now();
        leave(client);
        await upstream.readEnd();
        const took = performance.now() - begun;
        assert.equal((await lanes.weir.logged(lane.path)).outcome, 'client_abort');
        client.close();
        return took;
      }));
    }
  }

  test(`by a reset, while its upload is paused because the backend does not read, is noticed within ${SOON} ms`, () => soon(async () => {
    const { lane, client, upstream } = await unreadUpload();
    await sendUntilPaused(lanes.weir, client);
    const begun = performance.now();
    client.reset();
    assert.equal((await lanes.weir.logged(lane.path)).outcome, 'client_abort');
    const took = performance.now() - begun;
    upstream.socket.resume();
    await upstream.readEnd();
    return took;
  }));

  // The end of the client stands in weir's kernel, behind less than the client still owes.
  for (const [name, framing] of Object.entries(FRAMINGS)) {
    test(`by a FIN, while ${name} upload is paused because the backend does not read, is noticed within ${SOON} ms`, async () => {
      const { lane, client, upstream } = await unreadUpload(framing);
      await sendWhatFits(lanes.weir, client);
      const { localPort } = client;
      const begun = performance.now();
      client.end();
      await until(() => tcpEnd(lanes.weir.port, localPort)?.state !== 'established', 'the FIN to come to weir');
      try {
        assert.equal((await lanes.weir.logged(lane.path)).outcome, 'client_abort');
        assert.ok(performance.now() - begun < SOON);
      } finally {
        client.close();
        upstream.close();
      }
    });
  }

  // As many requests wait behind the first one as weir reads ahead.
  test(`by a FIN, behind more pipelined requests than are read ahead, reaches the backend within ${SOON} ms`, async () => {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(1000));
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    await until(() => tcpEnd(lanes.weir.port, client.localPort).unread > 0, 'weir to read no more');
    const begun = performance.now();
    client.end();
    try {
      await upstream.readEnd();
      assert.ok(performance.now() - begun < SOON);
    } finally {
      client.close();
      upstream.close();
    }
  });

  test(`by a reset, while its upload is paused because the backend does not read, reaches that backend within ${SOON} ms`, async () => {
    const { lane, client, upstream } = await unreadUpload();
    await sendUntilPaused(lanes.weir, client);
    const port = upstream.socket.remotePort;
    const begun = performance.now();
    client.reset();
    try {
      const end = () => tcpEnd(lane.backend.port, port);
      await until(() => end()?.state !== 'established', () => `the backend to be told; its end: ${JSON.stringify(end())}, weir's: ${JSON.stringify(tcpEnd(port, lane.backend.port))}`);
      assert.ok(performance.now() - begun < SOON);
    } finally {
      upstream.close();
    }
  });
});
