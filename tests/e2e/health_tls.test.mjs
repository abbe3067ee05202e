// Health over TLS: probes ask as requests do, believe whom requests believe, and keep their connection.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Authority } from '../support/certificates.mjs';
import { until } from '../support/deadline.mjs';
import { secureBackend } from '../support/secure_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const HEALTH = { interval: '100ms', timeout: '2s', rise: 1, fall: 2 };

describe('health over TLS', () => {
  const stage = new Stage();
  const backends = {};
  let weir;

  const state = (pool, is) => weir.metricBecomes('weir_endpoint_state', { pool, state: is }, 1);

  before(async () => {
    const authority = await Authority.make();
    const [good, other] = await Promise.all([authority.sign(['api.internal']), authority.sign(['other.internal'])]);
    const say = (request, response) => response.end('{"status":"ok"}');
    backends.good = stage.own(await secureBackend(good, {}, say));
    backends.other = stage.own(await secureBackend(other, {}, say));
    const tls = { ca: 'ca.pem', server_name: 'api.internal' };
    weir = stage.own(
      await Weir.start({
        files: { 'ca.pem': authority.cert },
        pools: {
          good: { endpoints: [backends.good.address], tls, health: { ...HEALTH, expect: { status: '200', json: { status: 'ok' } } } },
          other: { endpoints: [backends.other.address], tls, health: HEALTH },
        },
        routes: ['good', 'other'].map((pool) => ({ pool, match: { path: `/${pool}` } })),
      }),
    );
  });
  after(() => stage.stop());

  test('an endpoint whose certificate and answer are good is up, and its probes keep their connection', async () => {
    await state('good', 'up');
    await until(async () => (await weir.metrics()).sum('weir_health_checks_total', { pool: 'good' }) >= 15, 'fifteen probes');
    const { handshakes, seen } = backends.good;
    assert.ok(seen.every(({ url }) => url === '/health'));
    assert.ok(handshakes.length <= seen.length / 3, `${handshakes.length} handshakes for ${seen.length} probes`);
    assert.deepEqual([...new Set(handshakes.map(({ name }) => name))], ['api.internal']);
    assert.ok(handshakes.slice(1).some(({ resumed }) => resumed), 'a session is resumed');
  });

  test('an endpoint whose certificate is of another is down, and the log says why', async () => {
    await state('other', 'down');
    assert.match(weir.stderr, new RegExp(`TLS with backend ${backends.other.address} as api.internal failed: hostname mismatch`));
    assert.match(weir.stderr, new RegExp(`endpoint ${backends.other.address} of pool other is down: `));
    assert.equal((await weir.request({ path: '/other' })).status, 503);
    assert.equal(backends.other.seen.length, 0);
  });

  test('an endpoint that is gone is down', async () => {
    assert.equal((await weir.request({ path: '/good' })).status, 200);
    await backends.good.stop();
    await state('good', 'down');
    assert.equal((await weir.request({ path: '/good' })).status, 503);
  });
});
