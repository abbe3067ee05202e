// The access log: one JSON object a line, with the fields that are promised, for every way an exchange can end.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';

function answer(request, response) {
  request.resume();
  if (request.url.startsWith('/status/')) response.statusCode = Number(request.url.slice(8));
  request.on('end', () => response.end('hello'));
}

describe('the access log', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await NodeBackend.start(answer));
    weir = stage.own(
      await Weir.start({
        pools: { app: { endpoints: [{ address: backend.address, name: 'one' }] }, gone: [`127.0.0.1:${await freePort()}`] },
        routes: [{ name: 'all', pool: 'app' }, { name: 'gone', match: { path: '/gone' }, pool: 'gone' }, { name: 'only', match: { host: 'only.example' }, pool: 'app' }],
      }),
    );
  });
  after(() => stage.stop());

  test('has every field of an exchange that went well', async () => {
    const started = Date.now();
    const wire = await weir.connect();
    await wire.ask(
      'POST /order?id=7 HTTP/1.1\r\nHost: Shop.Example:8080\r\nUser-Agent: probe/1.0 "quoted"\r\nReferer: http://from.example/\r\nContent-Length: 3\r\n\r\nabc',
    );
    wire.close();
    const line = await weir.logged((one) => one.path?.startsWith('/order'));
    assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/);
    assert.ok(Date.parse(line.time) >= started - 1000 && Date.parse(line.time) <= Date.now() + 1000);
    assert.equal(line.client, '127.0.0.1');
    assert.equal(line.listener, 'main');
    assert.match(line.protocol, /^http\/1\.1$/i);
    assert.equal(line.method, 'POST');
    assert.equal(line.host, 'shop.example');
    assert.equal(line.status, 200);
    assert.equal(line.outcome, 'ok');
    assert.equal(line.route, 'all');
    assert.equal(line.pool, 'app');
    assert.equal(line.endpoint, 'one');
    assert.equal(line.attempts, 1);
    assert.equal(line.bytes_in, wire.sent);
    assert.equal(line.bytes_out, wire.received.length);
    assert.equal(line.user_agent, 'probe/1.0 "quoted"');
    assert.equal(line.referer, 'http://from.example/');
    assert.ok(line.duration_ms >= line.upstream_ms && line.upstream_ms >= 0, `${line.duration_ms} ${line.upstream_ms}`);
    assert.ok(line.duration_ms < 60_000);
    assert.match(line.request_id, /^[0-9a-f-]{36}$/);
  });

  test('has one line a request, pipelined ones too', async () => {
    const wire = await weir.connect();
    wire.send('GET /pipelined HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5));
    for (let i = 0; i < 5; i += 1) await wire.readResponse();
    wire.close();
    const lines = await until(() => {
      const found = weir.accessLines().filter(({ path }) => path === '/pipelined');
      return found.length === 5 && found;
    }, 'five lines');
    assert.equal(new Set(lines.map(({ request_id }) => request_id)).size, 5);
    for (const line of lines) assert.equal(line.bytes_in, 'GET /pipelined HTTP/1.1\r\nHost: a\r\n\r\n'.length);
  });

  test('tells an error of the backend, which is ok for weir', async () => {
    await weir.request({ path: '/status/503' });
    const line = await weir.logged('/status/503');
    assert.deepEqual([line.status, line.outcome], [503, 'ok']);
  });

  test('tells what weir answered itself', async () => {
    assert.equal((await weir.request({ path: '/gone' })).status, 502);
    const line = await weir.logged('/gone');
    assert.deepEqual([line.status, line.outcome, line.pool], [502, 'connection_refused', 'gone']);
  });

  test('tells a client that went away', async () => {
    const held = stage.own(await NodeBackend.start(() => {}));
    const other = stage.own(await Weir.start({ pools: { app: [held.address] } }));
    const wire = await other.connect();
    wire.send('GET /left HTTP/1.1\r\nHost: a\r\n\r\n');
    await other.metricBecomes('weir_exchanges_active', {}, 1);
    wire.reset();
    const line = await other.logged('/left');
    assert.deepEqual([line.status, line.outcome], [499, 'client_abort']);
  });

  test('tells a request that was refused', async () => {
    const wire = await weir.connect();
    await wire.ask('GET /refused HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    wire.close();
    const line = await weir.logged((one) => one.status === 400);
    assert.notEqual(line.outcome, 'ok');
    assert.notEqual(line.outcome, 'local');
  });

  test('can not be written to by what clients send', async () => {
    const wire = await weir.connect();
    await wire.ask('GET /injected HTTP/1.1\r\nHost: a\r\nUser-Agent: a"}\\{"status":1,"x":"\xff\t\r\n\r\n');
    wire.close();
    const line = await weir.logged('/injected');
    assert.equal(line.status, 200);
    assert.ok(line.user_agent.startsWith('a"}\\{"status":1'), line.user_agent);
  });
});

describe('the access log turned off', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('writes nothing to stdout', async () => {
    const backend = stage.own(await NodeBackend.start(answer));
    const weir = stage.own(await Weir.start({ log: { access: { to: 'off' } }, pools: { app: [backend.address] } }));
    for (let i = 0; i < 5; i += 1) await weir.request({});
    await weir.metricBecomes('weir_http_requests_total', {}, 5);
    await weir.stop();
    assert.equal(weir.stdout, '');
  });
});

describe('an access log whose reader is slow', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('stops no traffic: lines are counted as dropped', async () => {
    const backend = stage.own(await NodeBackend.start(answer));
    const weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
    weir.child.stdout.pause();
    const line = `GET /${'x'.repeat(6000)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const wire = await weir.connect();
    let dropped = 0;
    for (let i = 0; dropped === 0 && i < 20; i += 1) {
      wire.send(line.repeat(100));
      for (let n = 0; n < 100; n += 1) assert.equal((await wire.readResponse()).status, 200);
      dropped = (await weir.metrics()).sum('weir_access_log_dropped_total');
    }
    wire.close();
    assert.ok(dropped > 0, 'nothing was dropped, or it was not counted');
    weir.child.stdout.resume();
  });
});
