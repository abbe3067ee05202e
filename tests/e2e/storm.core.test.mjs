// Many clients and backends that behave in every way at once: each answer that comes whole is the right one, and in the
// end nothing is left over. What the sanitizer builds are for. The way of every client follows from its number.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NodeBackend } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

const CLIENTS = 240;
const AT_ONCE = 40;
const REQUESTS = 6;

/** Numbers that look random and are the same in every run. */
function dice(seed) {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

// What a raw backend does with a request: mostly it answers.
const MANNERS = [
  (wire, body) => wire.send(sized(body)),
  (wire, body) => wire.send(sized(body)),
  (wire, body) => wire.send(sized(body, { fields: ['Connection: close'] })),
  (wire, body) => wire.sendBytewise(sized(body)),
  (wire, body) => wire.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\nX-T: 1\r\n\r\n`),
  (wire, body) => wire.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + sized(body)),
  (wire, body) => {
    wire.send(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`);
    wire.end();
  },
  (wire, body) => wire.send(sized(body) + sized('evil')),
  (wire, body) => {
    wire.send(sized(body + 'and more').slice(0, -8));
    wire.end();
  },
  (wire) => wire.reset(),
  (wire) => wire.send('garbage\r\n\r\n'),
  (wire) => wire.end(),
];

async function rawScript(wire, index) {
  const roll = dice(index + 1000);
  for (;;) {
    const request = await wire.readRequest();
    await MANNERS[roll(MANNERS.length)](wire, `answer to ${request.target}`);
  }
}

/** One client: some requests of several kinds on one connection; sometimes it goes away before the end. */
async function client(weir, number, tally) {
  const roll = dice(number);
  const wire = await weir.connect();
  const pool = ['/raw', '/node'][roll(2)];
  try {
    for (let i = 0; i < REQUESTS; i += 1) {
      const target = `${pool}/${number}/${i}`;
      const body = 'b'.repeat(roll(3) * 5000);
      const head = `${body ? 'POST' : 'GET'} ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
      const way = roll(20);
      if (way === 0) wire.send(head.slice(0, 20));
      else if (way < 3) await wire.sendPieces([head.slice(0, 9), head.slice(9), body.slice(0, 99), body.slice(99)]);
      else wire.send(head + body);
      if (way === 0) return wire.close();
      if (way === 19) return wire.reset();
      const got = await finalResponse(wire);
      assert.ok(got.status === 200 || got.status === 502, got.startLine);
      if (got.status === 200) {
        assert.equal(got.text(), `answer to ${target}`);
        tally.answers += 1;
      }
      if (/close/i.test(got.get('connection') ?? '')) return undefined;
    }
  } catch (error) {
    if (!(error instanceof WireEnded)) throw error; // a cut is fine, a wrong answer is not
  } finally {
    wire.close();
  }
  return undefined;
}

async function finalResponse(wire) {
  for (;;) {
    const got = await wire.readResponse();
    if (got.status >= 200) return got;
  }
}

for (const workers of [1, 3]) {
  describe(`a storm over ${workers} worker(s)`, () => {
    const stage = new Stage();
    let weir;

    before(async () => {
      const raw = [stage.own(await RawBackend.start(rawScript)), stage.own(await RawBackend.start(rawScript))];
      const node = stage.own(
        await NodeBackend.start((request, response) => {
          request.resume().on('end', () => response.end(`answer to ${request.url}`));
        }),
      );
      weir = stage.own(
        await Weir.start({
          process: { workers },
          pools: { raw: raw.map(({ address }) => address), node: [node.address] },
          routes: [{ match: { path: '/raw' }, pool: 'raw' }, { match: { path: '/node' }, pool: 'node' }],
        }),
      );
    });
    after(() => stage.stop());

    test('ends with the right answers and nothing left over', async () => {
      const tally = { answers: 0 };
      let number = 0;
      const lane = async () => {
        while (number < CLIENTS) await client(weir, (number += 1), tally);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
      assert.ok(tally.answers > CLIENTS, `only ${tally.answers} answers`);
      await weir.metricBecomes('weir_exchanges_active', {}, 0);
      await weir.metricBecomes('weir_connections_active', {}, 0);
      const metrics = await weir.metricBecomes('weir_endpoint_requests_active', {}, 0);
      assert.equal(metrics.sum('weir_connections_total'), CLIENTS);
      assert.equal(metrics.sum('weir_exchanges_total'), metrics.sum('weir_http_requests_total'));
      assert.equal(metrics.sum('weir_exchanges_total', { outcome: 'proxy_internal_error' }), 0);
    });
  });
}
