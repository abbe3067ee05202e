// One of three processes is killed under 200 clients: nobody sees it, it is down and back in time, and then the endpoints
// take turns exactly again.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { ChildBackend } from '../support/child_backend.mjs';
import { until } from '../support/deadline.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

const CLIENTS = 200;
const stage = new Stage();
after(() => stage.stop());

test('a process that is killed under 200 clients costs nobody an answer', async (context) => {
  const apps = [];
  for (let i = 0; i < 3; i += 1) apps.push(stage.own(await ChildBackend.start()));
  const health = { interval: '1s', timeout: '1s', rise: 2, fall: 3 };
  const weir = stage.own(
    await Weir.start({ process: { workers: 2 }, pools: { app: { endpoints: apps.map(({ address }) => address), health } } }),
  );
  await weir.metricBecomes('weir_endpoint_up', {}, 3);
  let going = true;
  const answers = {};
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = keepAliveAgent();
    while (going) {
      const { status } = await weir.request({ agent });
      answers[status] = (answers[status] ?? 0) + 1;
    }
    agent.destroy();
  });
  await until(() => answers[200] > 2000, 'answers');

  const killed = Date.now();
  await apps[1].kill();
  await weir.metricBecomes('weir_endpoint_state', { endpoint: apps[1].address, state: 'down' }, 1);
  const down = Date.now() - killed;
  await apps[1].restart();
  const restarted = Date.now();
  await weir.metricBecomes('weir_endpoint_state', { endpoint: apps[1].address, state: 'up' }, 1);
  const up = Date.now() - restarted;
  const before = answers[200];
  await until(() => answers[200] > before + 1000, 'answers');
  going = false;
  await Promise.all(clients);
  context.diagnostic(`down after ${down} ms, up after ${up} ms, answers: ${JSON.stringify(answers)}`);
  assert.deepEqual(Object.keys(answers), ['200']);
  assert.ok(down < 3 * 1000 + 1000, `${down} ms`);
  assert.ok(up < 2 * 1000 + 500, `${up} ms`);

  const spread = {};
  for (let i = 0; i < 30; i += 1) {
    const pid = (await weir.request({})).text();
    spread[pid] = (spread[pid] ?? 0) + 1;
  }
  assert.deepEqual(spread, Object.fromEntries(apps.map(({ pid }) => [pid, 10])));
});
