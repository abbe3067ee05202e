// The admin listener: /metrics by its names and labels, /healthz and /readyz.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

describe('the metrics', () => {
  const stage = new Stage();
  let weir;
  let backend;
  let metrics;

  before(async () => {
    backend = stage.own(
      await NodeBackend.start((request, response) => {
        request.resume();
        if (request.url === '/hold') return;
        response.writeHead(Number(request.headers['x-status'] ?? 200), { 'content-length': 5 }).end(request.method === 'HEAD' ? '' : 'hello');
      }),
    );
    weir = stage.own(
      await Weir.start({
        pools: { app: { endpoints: [{ address: backend.address, name: 'one' }] } },
        routes: [
          { name: 'all', pool: 'app' },
          { match: { path: '/unnamed' }, pool: 'app' },
          { match: { host: 'shop.example', path: '/x' }, pool: 'app' },
        ],
      }),
    );
    const agent = keepAliveAgent();
    for (let i = 0; i < 4; i += 1) await weir.request({ agent });
    await weir.request({ agent, method: 'POST', body: 'x'.repeat(1000) });
    await weir.request({ agent, headers: { 'x-status': '404' } });
    await weir.request({ agent, headers: { 'x-status': '500' } });
    await weir.request({ agent, path: '/unnamed' });
    await weir.request({ agent, path: '/x', headers: { host: 'shop.example' } });
    agent.destroy();
    const wire = await weir.connect();
    await wire.ask('BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    wire.close();
    metrics = await weir.metricBecomes('weir_http_requests_total', {}, 10);
  });
  after(() => stage.stop());

  test('count requests by route, pool, method and code', () => {
    const count = (labels) => metrics.sum('weir_http_requests_total', labels);
    assert.equal(count({ route: 'all', pool: 'app', method: 'GET', code: '200' }), 4);
    assert.equal(count({ route: 'all', pool: 'app', method: 'POST', code: '200' }), 1);
    assert.equal(count({ route: 'all', method: 'GET', code: '404' }), 1);
    assert.equal(count({ route: 'all', method: 'GET', code: '500' }), 1);
  });

  test('name an unknown method "other"', () => {
    // Node's own parser refuses BREW with a 400.
    assert.equal(metrics.sum('weir_http_requests_total', { method: 'other' }), 1);
    assert.doesNotMatch(metrics.text, /BREW/);
  });

  test('name a route after its host and path where it has no name', () => {
    assert.equal(metrics.sum('weir_http_requests_total', { route: '*/unnamed' }), 1);
    assert.equal(metrics.sum('weir_http_requests_total', { route: 'shop.example/x' }), 1);
  });

  test('have a histogram of durations with the buckets that are promised', () => {
    const buckets = metrics.find('weir_http_request_duration_seconds_bucket', { route: 'all', pool: 'app' }).map(({ labels }) => Number(labels.le.replace('+Inf', 'Infinity')));
    assert.deepEqual(buckets, [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, Infinity]);
    assert.equal(metrics.sum('weir_http_request_duration_seconds_count', { route: 'all' }), 8);
    assert.ok(metrics.sum('weir_upstream_response_seconds_count', { pool: 'app' }) >= 9);
  });

  test('say how exchanges ended and that none is active', () => {
    assert.ok(metrics.sum('weir_exchanges_total', { route: 'all', outcome: 'ok' }) >= 7);
    assert.equal(metrics.sum('weir_exchanges_active'), 0);
  });

  test('count bytes both ways as the client sees them', async () => {
    const before = await weir.metrics();
    const wire = await weir.connect();
    const got = await wire.ask('POST /unnamed HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345');
    assert.equal(got.text(), 'hello');
    wire.close();
    const grown = (metrics_, name) => metrics_.sum(name, { route: '*/unnamed' }) - before.sum(name, { route: '*/unnamed' });
    const now = await weir.metricBecomes('weir_http_requests_total', { route: '*/unnamed' }, 2);
    assert.equal(grown(now, 'weir_http_request_bytes_total'), wire.sent);
    assert.equal(grown(now, 'weir_http_response_bytes_total'), wire.received.length);
  });

  test('count connections on both sides', async () => {
    await weir.metricBecomes('weir_connections_active', { listener: 'main' }, 0);
    const now = await weir.metrics();
    assert.equal(now.sum('weir_connections_total', { listener: 'main' }), 3);
    assert.equal(now.sum('weir_endpoint_requests_total', { pool: 'app', endpoint: 'one' }), 11);
    assert.equal(now.sum('weir_upstream_connections_total', { pool: 'app', endpoint: 'one' }), backend.connections);
  });

  test('count what runs now', async () => {
    const wire = await weir.connect();
    wire.send('GET /hold HTTP/1.1\r\nHost: a\r\n\r\n');
    await weir.metricBecomes('weir_exchanges_active', { route: 'all' }, 1);
    await weir.metricBecomes('weir_endpoint_requests_active', { endpoint: 'one' }, 1);
    await weir.metricBecomes('weir_connections_active', { listener: 'main' }, 1);
    wire.reset();
    await weir.metricBecomes('weir_exchanges_active', { route: 'all' }, 0);
    await weir.metricBecomes('weir_endpoint_requests_active', { endpoint: 'one' }, 0);
    await weir.metricBecomes('weir_exchanges_total', { route: 'all', outcome: 'client_abort' }, 1);
    await weir.metricBecomes('weir_http_requests_total', { route: 'all', code: '499' }, 1);
  });

  test('have the build and the process', () => {
    assert.equal(metrics.find('weir_build_info').length, 1);
    assert.ok(metrics.find('weir_build_info')[0].labels.version);
    assert.ok(metrics.sum('process_resident_memory_bytes') > 0);
    assert.ok(metrics.find('weir_access_log_dropped_total').length + metrics.find('weir_log_dropped_total').length >= 0);
  });

  test('every series has a type', () => {
    const typed = new Set([...metrics.text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    for (const { name } of metrics.series) {
      assert.ok(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, '')), `${name} has no # TYPE`);
    }
  });
});

describe('the admin listener', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const backend = stage.own(await NodeBackend.start());
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  for (const path of ['/healthz', '/readyz']) {
    test(`${path} is 200 while weir runs`, async () => assert.equal((await weir.admin(path)).status, 200));
  }

  test('what it does not have is 404', async () => assert.equal((await weir.admin('/no-such-page')).status, 404));

  test('a foreign Host is refused, so that a web page can not rebind its name to it', async () => {
    assert.equal((await weir.admin('/metrics', { headers: { host: 'evil.example' } })).status, 421);
    assert.equal((await weir.admin('/metrics', { headers: { host: `localhost:${weir.adminPort}` } })).status, 200);
  });

  test('it is no way to the backends, and the public listener none to it', async () => {
    const answer = (await weir.request({ path: '/metrics' })).json();
    assert.equal(answer.url, '/metrics');
  });
});
