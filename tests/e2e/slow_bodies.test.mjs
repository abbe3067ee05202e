// Uploads that never stop and never come to an end: slower than min_rate they are cut, behind one window of ten seconds.
// All of them at once, for each takes that long.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

describe('an upload that drips', { concurrency: true }, () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const backend = stage.own(await RawBackend.answering(sized('an answer')));
    weir = stage.own(await Weir.start({ limits: { min_rate: '128' }, pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  /** `drop` twenty times a second, until there is an answer. */
  async function dripping(path, framing, drop) {
    const wire = await weir.connect();
    wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
    const drip = setInterval(() => wire.send(drop), 50);
    const answer = await wire.readResponse().finally(() => clearInterval(drip));
    await wire.readEnd();
    wire.close();
    return answer;
  }

  for (const [name, framing, drop] of [
    ['a byte at a time', 'Content-Length: 100000', 'x'],
    ['a chunk of a byte at a time', 'Transfer-Encoding: chunked', '1\r\nx\r\n'],
  ]) {
    test(`${name} is 408`, async () => {
      const path = `/${drop.length}`;
      assert.equal((await dripping(path, framing, drop)).status, 408);
      assert.equal((await weir.logged(path)).outcome, 'client_timeout');
    });
  }

  test('fast enough, it goes on', async () => {
    const wire = await weir.connect();
    wire.send('POST /fast HTTP/1.1\r\nHost: a\r\nContent-Length: 11000\r\n\r\n');
    for (let sent = 0; sent < 11_000; sent += 50) {
      wire.send('x'.repeat(50));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await wire.readResponse()).text(), 'an answer');
    wire.close();
  });
});
