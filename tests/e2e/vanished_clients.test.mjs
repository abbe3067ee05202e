// Clients that vanish (no FIN, no reset, no acknowledgement) while something waits for them, and one that is there and
// does not read. All of them at once, for each takes a minute.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { tcpEnd } from '../support/kernel.mjs';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { VanishingClient } from '../support/vanishing_client.mjs';
import { Stage } from '../support/weir.mjs';

const SOON = 75_000;
const LATE = 300_000; // probes of a closed window come ever more rarely: four of them may take longer than a minute
const LONG = 'x'.repeat(4 * 1024 * 1024);
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const EVENT = '7\r\ndata: 1\r\n';

describe('a client that vanishes', { concurrency: true }, () => {
  const stage = new Stage();
  const VANISHING = 4;
  let lanes;
  let gone = 0;

  before(async () => {
    // Nothing but its silence ends a client that takes nothing.
    lanes = await startLanes(stage, VANISHING + 1, { limits: { body_timeout: '0s' }, route: { stream_idle: '0s' } });
  });
  after(() => stage.stop());

  /** A client whose request is at the backend. */
  async function asked() {
    const lane = lanes.take();
    const client = stage.own(await VanishingClient.connect(lanes.weir.port));
    client.ask(lane.path);
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    const { unread } = tcpEnd(client.port, lanes.weir.port); // over TLS a ticket
    return { lane, client, upstream, heard: () => tcpEnd(client.port, lanes.weir.port).unread - unread };
  }

  /** Waits until it is noticed: its line, with when that was. */
  async function noticed({ lane, upstream }, since, longest = SOON) {
    const line = await until(
      () => lanes.weir.accessLines().find(({ path }) => path === lane.path),
      () => `the end of ${lane.path}; weir said: ${lanes.weir.stderr}`,
      longest,
    );
    const took = Date.now() - since;
    assert.deepEqual([line.status, line.outcome], [499, 'client_abort']);
    assert.ok(took > 40_000, `noticed after ${took} ms`);
    assert.match(lanes.weir.stderr, new RegExp(`vanished in step [a-z]+, request ${line.request_id}`));
    await upstream.readEnd();
    await lanes.weir.metricBecomes('weir_exchanges_active', { route: lane.pool }, 0);
    gone += 1;
  }

  /** Nothing more comes: it is full. */
  async function full({ heard }) {
    let before;
    await until(async () => {
      const unread = heard();
      const same = unread > 0 && unread === before;
      before = unread;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return same;
    }, 'the window to close');
  }

  test('before its answer comes is noticed within a minute', async () => {
    const vanishing = await asked();
    await vanishing.client.vanish();
    vanishing.upstream.send(sized(LONG));
    await noticed(vanishing, Date.now());
  });

  test('with its window closed is noticed behind four probes of it', async () => {
    const vanishing = await asked();
    vanishing.upstream.send(sized(LONG));
    await full(vanishing);
    await vanishing.client.vanish();
    await noticed(vanishing, Date.now(), LATE);
  });

  test('from a live stream with an event now and then is noticed within a minute', async () => {
    const vanishing = await asked();
    vanishing.upstream.send(STREAM + EVENT);
    await until(() => vanishing.heard() > 0, 'the stream');
    await vanishing.client.vanish();
    const since = Date.now();
    const events = setInterval(() => vanishing.upstream.send(EVENT), 1000);
    await noticed(vanishing, since).finally(() => clearInterval(events));
  });

  test('from a live stream that says one thing more is noticed within a minute', async () => {
    const vanishing = await asked();
    vanishing.upstream.send(STREAM);
    await until(() => vanishing.heard() > 0, 'the stream');
    await vanishing.client.vanish();
    vanishing.upstream.send(EVENT);
    await noticed(vanishing, Date.now());
  });

  test('is not taken for one that is there and does not read', async () => {
    const lane = lanes.take();
    const client = await lanes.weir.connect();
    client.socket.pause();
    client.send(`GET ${lane.path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const upstream = await lane.backend.accept();
    await upstream.readRequest();
    upstream.send(sized(LONG));
    await until(() => gone === VANISHING, () => `${VANISHING} others to be gone; ${gone} are`, LATE);
    assert.equal(client.ended, null);
    client.socket.resume();
    assert.ok((await client.readResponse()).text() === LONG);
    client.close();
    assert.equal((await lanes.weir.logged(lane.path)).outcome, 'ok');
  });
});
