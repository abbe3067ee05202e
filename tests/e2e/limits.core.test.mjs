// What is too much of a head: 431 and 414, and what is just within passes.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const HEADER_BYTES = 4096;
const HEADERS = 20;

describe('limits of a request head', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await RawBackend.answering((request) => sized(`${request.target.length} ${request.all('x-fill').join('').length}`)));
    weir = stage.own(
      await Weir.start({
        listeners: [{ name: 'small', limits: { header_bytes: `${HEADER_BYTES}`, headers: HEADERS } }, { name: 'usual' }],
        pools: { app: [backend.address] },
      }),
    );
  });
  after(() => stage.stop());

  async function ask(bytes, listener = 'small') {
    const wire = await weir.connect(weir.ports[listener]);
    const got = await wire.ask(bytes);
    if (got.status !== 200) await wire.readEnd();
    wire.close();
    return got;
  }

  const padded = (total) => {
    const frame = 'GET / HTTP/1.1\r\nHost: a\r\nX-Fill: \r\n\r\n'.length;
    return `GET / HTTP/1.1\r\nHost: a\r\nX-Fill: ${'x'.repeat(total - frame)}\r\n\r\n`;
  };
  const withFields = (count) => `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: count - 1 }, (_, i) => `X-${i}: 1\r\n`).join('')}\r\n`;

  test('a head of exactly header_bytes passes', async () => assert.equal((await ask(padded(HEADER_BYTES))).status, 200));
  test('a head of one byte more is 431', async () => assert.equal((await ask(padded(HEADER_BYTES + 1))).status, 431));
  test('a head that never ends is 431', async () => assert.equal((await ask(`GET / HTTP/1.1\r\nHost: a\r\nX-Fill: ${'x'.repeat(20_000)}`)).status, 431));
  test('a request line that never ends is 414', async () => assert.equal((await ask(`GET /${'x'.repeat(20_000)}`)).status, 414));
  test('a target past header_bytes is 414', async () => {
    assert.equal((await ask(`GET /${'x'.repeat(HEADER_BYTES)} HTTP/1.1\r\nHost: a\r\n\r\n`)).status, 414);
  });
  test('as many fields as allowed pass', async () => assert.equal((await ask(withFields(HEADERS))).status, 200));
  test('one field more is 431', async () => assert.equal((await ask(withFields(HEADERS + 1))).status, 431));

  test('the usual limits take a head of 30 KiB', async () => {
    const got = await ask(padded(30 * 1024), 'usual');
    assert.equal(got.status, 200);
    assert.ok(Number(got.text().split(' ')[1]) > 30_000);
  });

  test('a long head that comes in pieces passes whole', async () => {
    const wire = await weir.connect(weir.ports.usual);
    const bytes = padded(20_000);
    await wire.sendPieces(Array.from({ length: 50 }, (_, i) => bytes.slice(i * 400, (i + 1) * 400)));
    assert.equal((await wire.readResponse()).status, 200);
    wire.close();
  });

  test('trailers have the limits of a head', async () => {
    const wire = await weir.connect();
    wire.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Fill: ${'x'.repeat(20_000)}\r\n\r\n`);
    assert.equal((await wire.readResponse()).status, 431);
    wire.close();
  });

  test('a head that is refused does not reach the backend, and says so', async () => {
    const before = backend.received().length;
    const got = await ask(padded(HEADER_BYTES + 1));
    assert.match(got.get('connection'), /close/i);
    assert.equal(backend.received().length, before);
  });
});
