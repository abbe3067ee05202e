// Clients that leave in the midst of a message, at every byte of it, with a FIN or a reset, or that take their time. What
// they began is never complete for the backend, they hold nothing for ever, and nobody else is harmed.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { atOnce, upTo } from '../support/at_once.mjs';
import { startLanes } from '../support/lanes.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

describe('an upload that is cut', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 5)));
  after(() => stage.stop());

  /** The connections of the lane's backend end, and what came over them is no whole request. */
  async function neverComplete(backend) {
    for (const wire of backend.connections) await assert.rejects(wire.readRequest(), WireEnded);
  }

  for (const [name, fields, sent] of [
    ['a chunked upload that is cut by FIN', 'Transfer-Encoding: chunked', '5\r\nabc'],
    ['a chunked upload that is cut between chunks', 'Transfer-Encoding: chunked', '3\r\nabc\r\n'],
    ['a chunked upload that is cut before the end of its trailers', 'Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\nX-A: 1\r\n'],
    ['an upload that ends before its Content-Length', 'Content-Length: 10', 'abc'],
  ]) {
    test(`${name} is never complete for the backend`, async () => {
      const { path, backend } = lanes.take();
      const wire = await lanes.weir.connect();
      wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${sent}`);
      const upstream = await backend.accept();
      await upstream.readUntil('abc');
      upstream.read = 0;
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
    upstream.read = 0;
    wire.reset();
    await neverComplete(backend);
    assert.equal((await lanes.weir.logged(path)).outcome, 'client_abort');
  });
});

// A request with everything that can be cut: empty line, request line, fields, chunks with extension, trailers.
const MESSAGES = {
  'a chunked request': '\r\nPOST /cut HTTP/1.1\r\nHost: a\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n',
  'a sized request': 'PUT /cut HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 12\r\n\r\nabcdefghijkl',
};

describe('a request that is cut behind any of its bytes', () => {
  const stage = new Stage();
  let weir;
  const whole = [];

  before(async () => {
    const backend = stage.own(
      await RawBackend.start(async (wire) => {
        for (;;) {
          const { target } = await wire.readRequest();
          if (target !== '/fine') whole.push(target);
          wire.send(sized('an answer'));
        }
      }),
    );
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  for (const [what, message] of Object.entries(MESSAGES)) {
    for (const [how, leave] of [['a FIN', (wire) => wire.end()], ['a reset', (wire) => wire.reset()]]) {
      // Where another client was served meanwhile, the bytes were looked at before the cut came.
      for (const meanwhile of [false, true]) {
        test(`${what}, by ${how}${meanwhile ? ' that comes later' : ''}, is never complete for the backend, and nothing stays behind`, async () => {
          await atOnce(upTo(message.length), 12, async (count) => {
            const wire = await weir.connect();
            wire.send(message.slice(0, count));
            if (meanwhile) assert.equal((await weir.request({ path: '/fine' })).text(), 'an answer');
            leave(wire);
            if (how === 'a FIN') await wire.readEnd();
            wire.close();
          });
          await weir.metricBecomes('weir_connections_active', {}, 0);
          await weir.metricBecomes('weir_exchanges_active', {}, 0);
          await weir.metricBecomes('weir_endpoint_requests_active', {}, 0);
          assert.deepEqual(whole, []);
        });
      }
    }
  }
});

describe('a client that takes its time', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await RawBackend.answering(sized('an answer')));
    weir = stage.own(await Weir.start({ limits: { header_timeout: '300ms', body_timeout: '300ms', keepalive_timeout: '300ms' }, pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  /** Sends `bytes`, then one of `drips` after the other every 20 ms for as long as the connection stands. */
  async function dripping(bytes, drips) {
    const wire = await weir.connect();
    wire.send(bytes);
    let next = 0;
    const drip = setInterval(() => {
      wire.send(drips[next % drips.length]);
      next += 1;
    }, 20);
    return { wire, stop: () => clearInterval(drip) };
  }

  // Slowloris and its kin: each of them has the time of one head in all, however it is spent.
  for (const [name, bytes, drips] of [
    ['a request line, a byte at a time', 'GET /', ['x']],
    ['a field, a byte at a time', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: ', ['x']],
    ['one field after another', 'GET / HTTP/1.1\r\nHost: a\r\n', ['X-A: 1\r\n']],
    ['the end of a head, a CR behind a field', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r', ['\nX-A: 1\r']],
  ]) {
    test(`${name}: 408, and the backend hears nothing`, async () => {
      const { wire, stop } = await dripping(bytes, drips);
      const answer = await wire.readResponse().finally(stop);
      assert.equal(answer.status, 408);
      await wire.readEnd();
      wire.close();
      assert.equal(backend.connections.length, 0);
    });
  }

  test('empty lines and nothing else: an end without an answer', async () => {
    const wire = await weir.connect();
    wire.send('\r\n\r\n');
    assert.deepEqual(await wire.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
    wire.close();
  });

  test('half a head behind a request that was answered: 408', async () => {
    const wire = await weir.connect();
    wire.send('GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HT');
    assert.equal((await wire.readResponse()).text(), 'an answer');
    assert.equal((await wire.readResponse()).status, 408);
    await wire.readEnd();
    wire.close();
  });

  test('a request line without its end, and a FIN: nothing reaches the backend', async () => {
    const before = backend.received();
    const wire = await weir.connect();
    wire.send('GET /marker HTTP/1.1');
    wire.end();
    await wire.readEnd();
    wire.close();
    assert.equal(backend.received(), before);
  });
});
