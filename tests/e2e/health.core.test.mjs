// Health, end to end: processes that die, fail, warn, block and shut down, and what weir makes of it.
import { afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { ChildBackend } from '../support/child_backend.mjs';
import { until } from '../support/deadline.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

const INTERVAL = 400;
const TIMEOUT = 2000;
const HEALTH = { interval: `${INTERVAL}ms`, timeout: `${TIMEOUT}ms` };

const stage = new Stage();
afterEach(() => stage.stop());

/** weir before `count` apps, all of them up. */
async function fleet(count, { health = HEALTH, onTerm, workers = 2, ...pool } = {}) {
  const apps = [];
  for (let i = 0; i < count; i += 1) apps.push(stage.own(await ChildBackend.start({ onTerm })));
  const weir = stage.own(
    await Weir.start({ process: { workers }, pools: { app: { endpoints: apps.map(({ address }) => address), health, ...pool } } }),
  );
  for (const app of apps) await becomes(weir, app, 'up');
  return { apps, weir };
}

function becomes(weir, { address }, state) {
  return weir.metricBecomes('weir_endpoint_state', { endpoint: address, state }, 1);
}

/** Waits for a line of the log. */
function said(weir, pattern) {
  return until(() => pattern.test(weir.stderr), () => `${pattern} in the log:\n${weir.stderr}`);
}

/** How many of `count` requests each process answered. */
async function spread(weir, count) {
  const answers = {};
  for (let i = 0; i < count; i += 1) {
    const answer = await weir.request({});
    assert.equal(answer.status, 200);
    answers[answer.text()] = (answers[answer.text()] ?? 0) + 1;
  }
  return answers;
}

test('a process that is killed is down within fall intervals and a timeout, back within rise intervals, and the spread is exact again', async () => {
  const { apps, weir } = await fleet(3);
  const killed = Date.now();
  await apps[1].kill();
  await becomes(weir, apps[1], 'down');
  assert.ok(Date.now() - killed < 3 * INTERVAL + TIMEOUT, `${Date.now() - killed} ms`);
  await said(weir, new RegExp(`endpoint ${apps[1].address} of pool app is down: connect refused \\(3 of 3\\)`));
  assert.deepEqual(await spread(weir, 20), { [apps[0].pid]: 10, [apps[2].pid]: 10 });
  await apps[1].restart();
  const back = Date.now();
  await becomes(weir, apps[1], 'up');
  assert.ok(Date.now() - back < 2 * INTERVAL + TIMEOUT, `${Date.now() - back} ms`);
  await said(weir, new RegExp(`endpoint ${apps[1].address} of pool app is up: status 200 \\(2 of 2\\)`));
  assert.deepEqual(await spread(weir, 30), Object.fromEntries(apps.map(({ pid }) => [pid, 10])));
});

test('a pool whose only process is down answers 503 with Retry-After, and again when it is back', async () => {
  const { apps, weir } = await fleet(1);
  await apps[0].kill();
  await becomes(weir, apps[0], 'down');
  const answer = await weir.request({});
  assert.equal(answer.status, 503);
  assert.ok(answer.headers['retry-after']);
  assert.match(answer.headers['proxy-status'], /destination_unavailable/);
  await apps[0].restart();
  await becomes(weir, apps[0], 'up');
  assert.equal((await weir.request({})).status, 200);
});

test('weir starts before its backends do', async () => {
  const app = stage.own(await ChildBackend.start());
  await app.kill();
  const weir = stage.own(await Weir.start({ pools: { app: { endpoints: [app.address], health: HEALTH } } }));
  await becomes(weir, app, 'down');
  await app.restart();
  await becomes(weir, app, 'up');
  assert.equal((await weir.request({})).status, 200);
});

test('start: down keeps requests away until the rise', async () => {
  const app = stage.own(await ChildBackend.start());
  app.tell({ health: { status: 500, type: 'text/plain', body: '' } });
  await app.says('did');
  const weir = stage.own(
    await Weir.start({ pools: { app: { endpoints: [app.address], health: { ...HEALTH, start: 'down' } } } }),
  );
  assert.equal((await weir.request({})).status, 503);
  app.tell({ health: { status: 200, type: 'text/plain', body: '' } });
  await becomes(weir, app, 'up');
  assert.equal((await weir.request({})).status, 200);
});

test('without a word about health an app without the route is up, and the log says so once', async () => {
  const apps = [stage.own(await ChildBackend.start()), stage.own(await ChildBackend.start())];
  for (const app of apps) {
    app.tell({ health: null });
    await app.says('did');
  }
  const weir = stage.own(await Weir.start({ pools: { app: { endpoints: apps.map(({ address }) => address), health: undefined } } }));
  for (const app of apps) await becomes(weir, app, 'up');
  await said(weir, /pool app has no health route: GET \/health of .* is answered with status 404/);
  for (const app of apps) {
    await until(
      async () => (await weir.metrics()).sum('weir_health_checks_total', { endpoint: app.address, result: 'no_route' }) >= 2,
      'two probes',
    );
  }
  assert.equal(weir.stderr.match(/no health route/g).length, 1);
  await apps[0].kill();
  await becomes(weir, apps[0], 'down');
});

describe('one app and what it says', () => {
  const rows = [
    ['a status that is not expected', { status: 302, body: '' }, 'down', 'status 302 (3 of 3)'],
    ['a body without what is expected', { status: 200, body: 'not yet' }, 'down', 'the body does not have "ready"'],
    ['JSON with another value', { status: 200, body: '{"db":"no","x":"ready"}' }, 'down', '"db" is "no"'],
    ['all of it', { status: 207, body: '{"db":true,"x":"ready"}' }, 'up', 'status 207'],
    ['a warning', { status: 200, body: '{"db":true,"status":"warn","x":"ready"}' }, 'degraded', 'it says "warn"'],
    ['that it shuts down', { status: 503, body: '{"status":"shutting_down"}' }, 'draining', 'it says shutting_down'],
  ];
  for (const [what, health, state, reason] of rows) {
    test(`${what} makes it ${state}`, async () => {
      const app = stage.own(await ChildBackend.start());
      app.tell({ health: { type: 'application/health+json', ...health } });
      await app.says('did');
      const expect = { status: [200, '207-208'], body: 'ready', json: { db: true } };
      const weir = stage.own(await Weir.start({ pools: { app: { endpoints: [app.address], health: { ...HEALTH, expect } } } }));
      await becomes(weir, app, state);
      await said(weir, new RegExp(`endpoint ${app.address} of pool app is ${state}: .*`));
      const line = weir.stderr.split('\n').find((text) => text.includes(`is ${state}: `));
      assert.ok(JSON.parse(line).msg.includes(reason), line);
    });
  }
});

test('a degraded app gets half its share', async () => {
  const { apps, weir } = await fleet(2);
  apps[0].tell({ health: { status: 200, type: 'application/health+json', body: '{"status":"warn"}' } });
  await becomes(weir, apps[0], 'degraded');
  assert.deepEqual(await spread(weir, 30), { [apps[0].pid]: 10, [apps[1].pid]: 20 });
});

test('an app whose event loop is blocked is down by the time-out, and back by itself', async () => {
  const { apps, weir } = await fleet(2, { health: { interval: '250ms', timeout: '250ms' } });
  apps[0].tell({ block: 4000 });
  await becomes(weir, apps[0], 'down');
  await said(weir, /is down: no answer in time \(3 of 3\)/);
  assert.deepEqual(await spread(weir, 6), { [apps[1].pid]: 6 });
  await becomes(weir, apps[0], 'up');
});

test('one bad answer between good ones takes nobody out', async () => {
  const { apps, weir } = await fleet(1, { health: { ...HEALTH, fall: 3 } });
  const failures = async () => (await weir.metrics()).sum('weir_health_checks_total', { result: 'unexpected' });
  for (let round = 1; round <= 3; round += 1) {
    apps[0].tell({ health: { status: 500, type: 'text/plain', body: '' } });
    const before = await failures();
    await until(async () => (await failures()) > before, 'a bad answer');
    const good = (await weir.metrics()).sum('weir_health_checks_total', { result: 'ok' });
    apps[0].tell({ health: { status: 200, type: 'text/plain', body: '' } });
    await until(async () => (await weir.metrics()).sum('weir_health_checks_total', { result: 'ok' }) > good, 'a good answer');
  }
  assert.doesNotMatch(weir.stderr, /is down/);
});

test('an app that says shutting_down gets nothing new, keeps what runs, and is let go', async () => {
  const { apps, weir } = await fleet(2, { onTerm: 'shutting_down', workers: 1 });
  const agents = [keepAliveAgent(), keepAliveAgent()];
  const slow = agents.map((agent) => weir.request({ agent, path: '/slow?1500' }));
  await apps[0].says('began');
  apps[0].child.kill('SIGTERM');
  await becomes(weir, apps[0], 'draining');
  assert.deepEqual(await spread(weir, 6), { [apps[1].pid]: 6 });
  for (const answer of slow) assert.equal((await answer).status, 200);
  await weir.metricBecomes('weir_upstream_connections', { endpoint: apps[0].address }, 0);
  for (const agent of agents) agent.destroy();
});

test('the metrics of health are there', async () => {
  const { apps, weir } = await fleet(1);
  const metrics = await weir.metrics();
  const labels = { pool: 'app', endpoint: apps[0].address };
  assert.equal(metrics.sum('weir_endpoint_up', labels), 1);
  assert.equal(metrics.sum('weir_endpoint_state', labels), 1);
  assert.equal(metrics.sum('weir_endpoint_state', { ...labels, state: 'down' }), 0);
  assert.ok(metrics.sum('weir_health_checks_total', { ...labels, result: 'ok' }) >= 1);
  assert.ok(metrics.sum('weir_health_check_duration_seconds_count', { pool: 'app' }) >= 1);
});
