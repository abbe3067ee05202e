// Round robin is exact: over all connections and all workers each endpoint gets its turn, and the metrics say the same.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

const ENDPOINTS = 3;

for (const workers of [1, 2, 4]) {
  describe(`round robin with ${workers} worker(s)`, () => {
    const stage = new Stage();
    let weir;
    let backends;

    before(async () => {
      backends = [];
      for (let i = 0; i < ENDPOINTS; i += 1) backends.push(stage.own(await NodeBackend.start((_, response) => response.end(String(i)))));
      weir = stage.own(await Weir.start({ process: { workers }, pools: { app: backends.map(({ address }) => address) } }));
    });
    after(() => stage.stop());

    test('one connection walks over the endpoints in their order', async () => {
      const agent = keepAliveAgent();
      const walked = [];
      for (let i = 0; i < 2 * ENDPOINTS; i += 1) walked.push((await weir.request({ agent })).text());
      agent.destroy();
      assert.equal(walked.join(''), '012012');
    });

    test('many connections, one request each, share out evenly', async () => {
      const before = backends.map(({ seen }) => seen.length);
      for (let i = 0; i < 20 * ENDPOINTS; i += 1) assert.equal((await weir.request({})).status, 200);
      assert.deepEqual(backends.map(({ seen }, i) => seen.length - before[i]), Array(ENDPOINTS).fill(20));
    });

    test('many connections at once share out evenly', async () => {
      const before = backends.map(({ seen }) => seen.length);
      await Promise.all(
        Array.from({ length: 10 * ENDPOINTS }, async () => {
          const agent = keepAliveAgent();
          for (let i = 0; i < 10; i += 1) assert.equal((await weir.request({ agent })).status, 200);
          agent.destroy();
        }),
      );
      assert.deepEqual(backends.map(({ seen }, i) => seen.length - before[i]), Array(ENDPOINTS).fill(100));
    });

    test('the metrics say so, endpoint by endpoint', async () => {
      for (const { address, seen } of backends) {
        await weir.metricBecomes('weir_endpoint_requests_total', { pool: 'app', endpoint: address }, seen.length);
      }
    });
  });
}
