// What all connections together may use: max_connections and buffers. Over it weir waits, and goes on by itself. Who comes
// then may wait for his handshake already.
import net from 'node:net';
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';
import { Wire } from '../support/wire.mjs';

describe('limits of the process', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('who comes when there are max_connections waits until one goes', async () => {
    const backend = stage.own(await RawBackend.answering(() => sized('here')));
    const weir = stage.own(await Weir.start({ process: { workers: 2, max_connections: 3 }, pools: { app: [backend.address] } }));
    const wires = [];
    for (let i = 0; i < 3; i += 1) {
      wires.push(await weir.connect());
      assert.equal((await wires[i].ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status, 200);
    }
    const late = weir.request({ path: '/late' }); // the kernel's queue takes it
    await until(() => /accepting pauses for want of connections/.test(weir.stderr), () => `a line that says so:\n${weir.stderr}`);
    const metrics = await weir.metrics();
    for (const name of ['weir_connections_active', 'weir_connections_total', 'weir_http_requests_total']) assert.equal(metrics.sum(name, {}), 3);
    wires[0].close();
    assert.equal((await late).status, 200);
    for (const wire of wires) wire.close();
  });

  test('a client with connections_per_client of them gets no further one, over all workers, until one of them goes', async () => {
    const backend = stage.own(await RawBackend.answering(() => sized('here')));
    const weir = stage.own(await Weir.start({ process: { workers: 2 }, limits: { connections_per_client: 4 }, pools: { app: [backend.address] } }));
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const wires = [];
    for (let i = 0; i < 4; i += 1) {
      wires.push(await weir.connect());
      assert.equal((await wires[i].ask(get)).status, 200);
    }
    for (let i = 0; i < 6; i += 1) {
      const further = new Wire(net.connect(weir.port, '127.0.0.1')); // it ends before anybody speaks TLS
      assert.equal((await further.readEnd()).rest.length, 0);
      further.close();
    }
    for (const wire of wires) assert.equal((await wire.ask(get)).status, 200);
    wires[0].close();
    await weir.metricBecomes('weir_connections_active', {}, 3);
    const next = await weir.connect();
    assert.equal((await next.ask(get)).status, 200);
    for (const wire of [...wires, next]) wire.close();
  });

  test('at max_connections the one that is idle for longest makes room, and nobody who is at work', async () => {
    const backend = stage.own(await RawBackend.start());
    const weir = stage.own(await Weir.start({ process: { workers: 1, max_connections: 3 }, pools: { app: [backend.address] } }));
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const silent = await weir.connect();
    const busy = await weir.connect();
    busy.send(get);
    const held = await backend.accept();
    await held.readRequest();
    const kept = await weir.connect();
    kept.send(get);
    const answering = await backend.accept();
    await answering.readRequest();
    answering.send(sized('one'));
    assert.equal((await kept.readResponse()).status, 200);

    const newcomers = [await weir.connect(), await weir.connect()];
    for (const [place, wire] of newcomers.entries()) {
      wire.send(get); // read once another has been idle for two seconds
      assert.equal((await [silent, kept][place].readEnd()).how, 'fin');
      await answering.readRequest();
      answering.send(sized('next'));
      assert.equal((await wire.readResponse()).status, 200);
    }
    held.send(sized('held'));
    assert.equal((await busy.readResponse()).status, 200);
    assert.match(weir.stderr, /idle ones make room/);
    for (const wire of [silent, kept, busy, ...newcomers]) wire.close();
  });

  test('readers that stand still hold no more than buffers, and the others are served when they go', async () => {
    const body = Buffer.alloc(60_000, 'x');
    const backend = stage.own(await RawBackend.answering(() => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body])));
    const weir = stage.own(await Weir.start({ process: { workers: 1, buffers: '1MiB' }, limits: { body_timeout: '60s' }, pools: { app: [backend.address] } }));
    const stalled = [];
    let over = false;
    const stall = async () => {
      const wire = await weir.connect();
      if (over) return wire.reset();
      wire.socket.pause();
      // One answer behind the other: soon the kernel takes no more for this client, and weir has to keep them.
      wire.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200));
      return stalled.push(wire);
    };
    const all = Promise.all(Array.from({ length: 40 }, stall));
    await until(() => /all buffers are in use/.test(weir.stderr), () => `a line that says so:\n${weir.stderr}`);
    const waiting = weir.request({});
    over = true;
    for (const wire of stalled) wire.reset();
    assert.equal((await waiting).body.length, body.length);
    await all;
  });

  // Each holds a buffer for its head until it has its answer.
  test('more requests than there are buffers wait for a slow backend, and each gets its answer', async () => {
    const backend = stage.own(await RawBackend.start());
    const weir = stage.own(await Weir.start({ process: { workers: 1, buffers: '1MiB' }, pools: { app: [backend.address] } }));
    const body = 'x'.repeat(100_000);
    // Over TLS each comes together with the end of its handshake.
    const get = async () => (await weir.request({})).body.length;
    const all = Promise.all(Array.from({ length: 100 }, get));
    await until(() => /all buffers are in use/.test(weir.stderr), () => `a line that says so:\n${weir.stderr}`);
    const answered = (async () => {
      for (let i = 0; i < 100; i += 1) {
        const upstream = await backend.accept();
        upstream.readRequest().then(() => upstream.send(sized(body, { fields: ['Connection: close'] })));
      }
    })();
    assert.deepEqual(await all, Array(100).fill(body.length));
    await answered;
  });
});
