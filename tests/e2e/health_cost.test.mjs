// What probing costs: the CPU time of the prober's thread for 1,000 endpoints that are asked every two seconds. The bar of
// 2 % of a core is for a release on a machine that does nothing else: WEIR_QUIET=1 says that it is so. Beside other work a
// system call costs twice as much, and this only shows that nothing grows out of hand.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../support/deadline.mjs';
import { isSanitized } from '../support/memory.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const ENDPOINTS = 1000;
const INTERVAL = 2;
const MEASURED = 5 * INTERVAL;
const MOST = process.env.WEIR_QUIET ? 0.02 : 0.1; // of a core

const stage = new Stage();
after(() => stage.stop());

/** Nanoseconds that the thread of this name has run. */
function ran(pid, name) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const thread = threads.find((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'latin1').trim() === name);
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
}

test(`a thousand endpoints at two seconds cost less than ${100 * MOST} % of a core`, async (context) => {
  const server = http.createServer((_, response) => response.end('ok'));
  server.listen(0, '0.0.0.0', 4096);
  await once(server, 'listening');
  stage.own({
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  const address = (i) => `127.1.${Math.floor(i / 250)}.${(i % 250) + 1}:${server.address().port}`;
  const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => address(i));
  const weir = stage.own(await Weir.start({ pools: { app: { endpoints, health: { interval: `${INTERVAL}s`, timeout: '1s' } } } }));
  if (isSanitized(weir.child.pid)) return context.skip('not with a sanitizer');
  const probes = async () => (await weir.metrics()).sum('weir_health_checks_total', { result: 'ok' });
  await weir.metricBecomes('weir_endpoint_up', {}, ENDPOINTS);
  await until(async () => (await probes()) > 3 * ENDPOINTS, 'the probes to be spread', 60_000);

  const [before, asked, began] = [ran(weir.child.pid, 'weir-health'), await probes(), process.hrtime.bigint()];
  await until(() => process.hrtime.bigint() - began > BigInt(MEASURED) * 1_000_000_000n, 'the time to pass', 60_000);
  const took = Number(process.hrtime.bigint() - began);
  const cost = ran(weir.child.pid, 'weir-health') - before;
  const rate = (((await probes()) - asked) / took) * 1e9;
  context.diagnostic(`${((100 * cost) / took).toFixed(2)} % of a core at ${rate.toFixed(0)} probes/s, ${(cost / 1000 / (rate * took / 1e9)).toFixed(1)} us each`);
  assert.ok(rate > (0.9 * ENDPOINTS) / INTERVAL, `${rate} probes/s`);
  assert.ok(cost / took < MOST, `${(100 * cost) / took} % of a core`);
});
