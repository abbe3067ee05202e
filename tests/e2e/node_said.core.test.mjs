// Answers of Node's own HTTP server, of every line there is: they pass, and the log and metrics say whose they are.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NODES } from '../support/nodes.mjs';
import { RecordingApp, Records } from '../support/recording_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

for (const { program, version } of NODES) {
  describe(`what Node ${version} says itself`, () => {
    const stage = new Stage();
    let weir;
    after(() => stage.stop());
    before(async () => {
      const records = stage.own(await Records.make());
      const app = stage.own(await RecordingApp.start(records, { requestTimeout: 300 }, program));
      weir = stage.own(await Weir.start({ pools: { app: [app.address] } }));
    });

    async function said(status, outcome) {
      const line = await weir.logged((entry) => entry.outcome === outcome);
      assert.equal(line.status, status);
      assert.equal((await weir.metrics()).sum('weir_exchanges_total', { outcome }), 1);
    }

    test('431: a head that is longer than it takes', async () => {
      const answer = await weir.request({ headers: { 'x-long': 'a'.repeat(20_000) } });
      assert.equal(answer.status, 431);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.headers['proxy-status'], undefined);
      await said(431, 'node_431');
    });

    test('408: a body that comes too slowly', async () => {
      const wire = await weir.connect();
      wire.send('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
      const answer = await wire.readResponse();
      assert.equal(answer.status, 408);
      wire.close();
      await said(408, 'node_408');
    });
  });
}
