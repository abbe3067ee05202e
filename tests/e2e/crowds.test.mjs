// A crowd of clients, most of them idle, comes and goes: what weir needed for it goes back to the kernel.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import { atOnce, upTo } from '../support/at_once.mjs';
import { until } from '../support/deadline.mjs';
import { dial } from '../support/dial.mjs';
import { allocated, isSanitized } from '../support/memory.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { OVER_TLS } from '../support/secure.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const MIB = 1 << 20;
// What libssl takes is small, and lies so that more pages stay in use; behind every crowd the same ones.
const LEFT = (OVER_TLS ? 8 : 2) * MIB;

describe('a crowd', () => {
  const stage = new Stage();
  after(() => stage.stop());

  /** Raw sockets: a Wire for each would be most of the test's time. */
  async function crowd(weir, size, request) {
    const sockets = [];
    await atOnce(upTo(size), 50, async () => {
      const socket = await dial(weir.port);
      sockets.push(socket);
      if (request !== '') await promisify(socket.write).call(socket, request);
    });
    return sockets;
  }

  test('leaves few megabytes behind, and who stays is served as before', async () => {
    const small = Buffer.from(sized('small'));
    const big = Buffer.from(sized('b'.repeat(16 * MIB))); // more than the kernel takes for who does not read
    const backend = stage.own(await RawBackend.answering((request) => (request.target === '/big' ? big : small)));
    const weir = stage.own(await Weir.start({ process: { workers: 2 }, limits: { header_timeout: '0s' }, log: { access: { to: 'off' } }, pools: { app: [backend.address] } }));
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const stays = [];
    for (let i = 0; i < 4; i += 1) {
      stays.push(await weir.connect());
      assert.equal((await stays[i].ask(get)).status, 200);
    }
    const before = allocated(weir.child.pid);

    const silent = await crowd(weir, 3000, '');
    const begun = await crowd(weir, 300, `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(10_000)}`);
    const readers = await crowd(weir, 100, get.replace('/', '/big'));
    for (const reader of readers) reader.pause();
    await weir.metricBecomes('weir_connections_active', {}, 3404);
    await weir.metricBecomes('weir_exchanges_active', {}, 100);
    const most = allocated(weir.child.pid);
    assert.ok(most > before + 4 * MIB, `only ${most - before} bytes: this is no crowd`);

    for (const socket of [...silent, ...begun, ...readers]) socket.resetAndDestroy();
    await weir.metricBecomes('weir_connections_active', {}, 4);
    let left;
    const mayBeLeft = isSanitized(weir.child.pid) ? Infinity : LEFT;
    await until(() => (left = allocated(weir.child.pid) - before) <= mayBeLeft, () => `${LEFT} bytes or less: ${left} bytes are left of ${most - before}`);
    for (const wire of stays) assert.equal((await wire.ask(get)).text(), 'small');
  });
});
