// Node processes that shut down as Node does, `server.close()` on SIGTERM, under load and on several versions of Node: each
// ends by itself within a second of its last answer, for weir lets its connections go.
import { afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { ChildBackend } from '../support/child_backend.mjs';
import { until, within } from '../support/deadline.mjs';
import { NODES } from '../support/nodes.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

const stage = new Stage();
afterEach(() => stage.stop());

async function fleet(count, node, health = { interval: '500ms', timeout: '2s' }) {
  const apps = [];
  for (let i = 0; i < count; i += 1) apps.push(stage.own(await ChildBackend.start({ node: node.program })));
  const weir = stage.own(
    await Weir.start({ process: { workers: 2 }, pools: { app: { endpoints: apps.map(({ address }) => address), health } } }),
  );
  await weir.metricBecomes('weir_endpoint_up', {}, count);
  return { apps, weir };
}

/** TERM, and how many milliseconds after its last answer the process was gone. */
async function shutDown(app) {
  app.child.kill('SIGTERM');
  const { code, signal, at } = await within(app.ended, 'the end of the process');
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  return at - (await app.says('last')).last;
}

for (const node of NODES) {
  describe(`Node ${node.version}`, () => {
    test('a process under load ends within a second of its last answer, and nobody sees it', async (context) => {
      const { apps, weir } = await fleet(3, node);
      let going = true;
      let answers = 0;
      const clients = Array.from({ length: 20 }, async () => {
        const agent = keepAliveAgent();
        while (going) {
          assert.equal((await weir.request({ agent })).status, 200);
          answers += 1;
        }
        agent.destroy();
      });
      for (const app of apps) {
        const began = answers;
        await until(() => answers > began + 200, 'answers');
        const after = await shutDown(app);
        context.diagnostic(`gone ${after} ms after its last answer`);
        assert.ok(after < 1000, `${after} ms`);
        await app.restart();
        await weir.metricBecomes('weir_endpoint_up', {}, apps.length);
      }
      going = false;
      await Promise.all(clients);
    });

    test('a process with one long answer is draining until it is given', async () => {
      const { apps, weir } = await fleet(2, node);
      const agent = keepAliveAgent();
      for (let i = 0; i < 10; i += 1) assert.equal((await weir.request({ agent })).status, 200);
      const slow = [weir.request({ path: '/slow?4000' }), weir.request({ path: '/slow?4000' })];
      for (const app of apps) await app.says('began');
      const ending = shutDown(apps[0]);
      await weir.metricBecomes('weir_endpoint_state', { endpoint: apps[0].address, state: 'draining' }, 1);
      const after = await ending;
      assert.ok(after < 1000, `${after} ms`);
      for (const answer of slow) assert.equal((await answer).status, 200);
      agent.destroy();
    });

    test('an idle process ends once a fresh probe has found that it takes no connections', async () => {
      const { apps, weir } = await fleet(2, node);
      for (let i = 0; i < 10; i += 1) assert.equal((await weir.request({})).status, 200);
      const after = await shutDown(apps[0]);
      assert.ok(after < 1000, `${after} ms`);
      assert.equal((await weir.request({})).status, 200);
    });
  });
}
