// The connections to a backend: shared by clients, kept for as long as promised and no longer, as many as allowed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startLanes } from '../support/lanes.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

/** Answers each request with `fields`, the number of the connection and of the request on it. */
const counting = (fields = []) => async (wire, index) => {
  for (let i = 0; ; i += 1) {
    await wire.readRequest();
    wire.send(sized(`${index}.${i}`, { fields }));
  }
};

describe('connections to a backend', () => {
  const stage = new Stage();
  after(() => stage.stop());

  async function laneWith(script, pool = {}) {
    const lanes = await startLanes(stage, 1, { script, pool });
    const lane = lanes.take();
    const ask = async () => (await lanes.weir.request({ path: lane.path })).text();
    return { ...lane, weir: lanes.weir, ask };
  }

  test('are shared by clients one after the other', async () => {
    const { ask } = await laneWith(counting());
    assert.deepEqual([await ask(), await ask(), await ask()], ['0.0', '0.1', '0.2']);
  });

  test('are used again with the one that was idle last', async () => {
    const held = [];
    const { ask, backend, weir, path } = await laneWith(async (wire, index) => {
      for (;;) {
        await wire.readRequest();
        if (held.length < 2) await new Promise((resolve) => held.push(resolve));
        wire.send(sized(String(index)));
      }
    });
    const both = [weir.request({ path }), weir.request({ path })];
    const wires = [await backend.accept(), await backend.accept()];
    for (const wire of wires) await wire.until(() => (wire.received.length > 0 ? true : null), 'its request');
    held[0]();
    await weir.metricBecomes('weir_upstream_connections', { pool: 'lane0', state: 'idle' }, 1);
    held[1]();
    await Promise.all(both);
    await weir.metricBecomes('weir_upstream_connections', { pool: 'lane0', state: 'idle' }, 2);
    const last = await ask();
    assert.equal(await ask(), last);
  });

  test('are closed after idle_timeout', async () => {
    const { ask, backend, weir } = await laneWith(counting(), { connections: { idle_timeout: '300ms' } });
    assert.equal(await ask(), '0.0');
    assert.equal((await backend.connections[0].readEnd()).how, 'fin');
    await weir.metricBecomes('weir_upstream_connections', { pool: 'lane0' }, 0);
    assert.equal(await ask(), '1.0');
  });

  test('are closed before the time that the backend announces', async () => {
    const { ask, backend } = await laneWith(counting(['Keep-Alive: timeout=1']));
    const begun = Date.now();
    assert.equal(await ask(), '0.0');
    await backend.connections[0].readEnd();
    assert.ok(Date.now() - begun < 1000, 'closed later than announced');
  });

  test('are not used again where the backend announces no time at all', async () => {
    const { ask, backend } = await laneWith(counting(['Keep-Alive: timeout=0']));
    assert.equal(await ask(), '0.0');
    await backend.connections[0].readEnd();
    assert.equal(await ask(), '1.0');
  });

  test('are used no more often than the backend allows', async () => {
    const { ask } = await laneWith(async (wire, index) => {
      for (let left = 1; ; left -= 1) {
        await wire.readRequest();
        wire.send(sized(`${index}`, { fields: [`Keep-Alive: timeout=5, max=${left}`] }));
      }
    });
    assert.deepEqual([await ask(), await ask(), await ask(), await ask()], ['0', '0', '1', '1']);
  });

  test('that the backend closes while idle are noticed', async () => {
    const { ask, backend, weir } = await laneWith(counting());
    assert.equal(await ask(), '0.0');
    backend.connections[0].socket.end();
    await weir.metricBecomes('weir_upstream_connections', { pool: 'lane0' }, 0);
    assert.equal((await backend.connections[0].readEnd()).how, 'fin');
    assert.equal(await ask(), '1.0');
  });
});

describe('idle connections to a backend', () => {
  const stage = new Stage();
  let weir;
  let backend;
  const held = [];

  before(async () => {
    backend = stage.own(await NodeBackend.start((_, response) => held.push(response)));
    weir = stage.own(await Weir.start({ pools: { app: { endpoints: [backend.address], connections: { idle: 2 } } } }));
  });
  after(() => stage.stop());

  test('stay as many as `idle` says', async () => {
    const asked = Array.from({ length: 5 }, () => weir.request({}));
    await weir.metricBecomes('weir_endpoint_requests_active', {}, 5);
    while (held.length < 5) await new Promise((resolve) => setImmediate(resolve));
    for (const response of held) response.end('ok');
    await Promise.all(asked);
    await weir.metricBecomes('weir_upstream_connections', { state: 'idle' }, 2);
    const metrics = await weir.metricBecomes('weir_upstream_connections', {}, 2);
    assert.equal(metrics.sum('weir_upstream_connections_total'), 5);
  });
});
