// A backend that has seen enough of an upload and answers before its end: the answer reaches the client whole, whether the
// backend reads on or closes at once, and whether the client reads while it writes or only when it has written everything.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startLanes } from '../support/lanes.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const TOO_MUCH = sized('too much', { status: '413 Payload Too Large' });
const KIB = 1024;

// What a backend does once it has the beginning of a body.
const RAW = {
  'that closes at once': (wire) => {
    wire.socket.pause(); // what comes now stays unread, so its close is a reset
    wire.socket.write(TOO_MUCH, () => wire.close());
  },
  'that ends and reads on': (wire) => wire.socket.end(TOO_MUCH),
  'that reads on and stays': (wire) => wire.send(TOO_MUCH),
  'that reads no more and stays': (wire) => {
    wire.socket.pause();
    wire.send(TOO_MUCH);
  },
};

// How a client sends `pieces`.
const CLIENTS = {
  'reads while it writes': async (wire, pieces) => {
    for (const piece of pieces) {
      if (wire.received.length > 0 || wire.ended) return;
      await wire.sendPieces([piece]);
    }
  },
  'writes everything before it reads': async (wire, pieces) => {
    wire.socket.pause();
    await wire.sendPieces(pieces);
    wire.socket.resume();
  },
};

const FRAMINGS = {
  'a sized upload': (bytes, count) => [`Content-Length: ${bytes * count}`, Array(count).fill('x'.repeat(bytes))],
  'a chunked upload': (bytes, count) => ['Transfer-Encoding: chunked', [...Array(count).fill(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`), '0\r\n\r\n']],
};

const BACKENDS = [...Object.keys(RAW), 'of Node that asks for a close'];

describe('an answer before the end of an upload', () => {
  const stage = new Stage();
  let lanes;
  let node;

  before(async () => {
    lanes = await startLanes(stage, 17);
    const backend = stage.own(await NodeBackend.start((request, response) => response.writeHead(413, { connection: 'close' }).end('too much')));
    node = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  /** A client's connection, the target to ask for, and the end of what the backend does. */
  async function begin(name) {
    if (!(name in RAW)) return { wire: await node.connect(), path: '/', answered: Promise.resolve() };
    const { path, backend } = lanes.take();
    const answered = (async () => {
      const upstream = await backend.accept();
      await upstream.readUntil('xxx');
      RAW[name](upstream);
    })();
    return { wire: await lanes.weir.connect(), path, answered };
  }

  for (const name of BACKENDS) {
    for (const [what, frame] of Object.entries(FRAMINGS)) {
      for (const [client, write] of Object.entries(CLIENTS)) {
        test(`${what} to a backend ${name}, by a client that ${client}: 413, whole`, async () => {
          const { wire, path, answered } = await begin(name);
          const [framing, pieces] = frame(30 * KIB, 30);
          wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
          await write(wire, pieces);
          const answer = await wire.readResponse();
          assert.deepEqual([answer.status, answer.text()], [413, 'too much']);
          // Where all of it was on its way before the answer came, the connection goes on.
          if (answer.has('connection')) assert.deepEqual(await wire.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
          wire.close();
          await answered;
        });
      }
    }
  }

  // Of what comes behind its answer weir takes 1 MiB, or 2 s long. A client that goes on may lose the answer over it.
  test('an upload without an end is not read for ever behind its answer', async () => {
    const { wire, path, answered } = await begin('that reads on and stays');
    wire.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${KIB ** 4}\r\n\r\n`);
    const piece = Buffer.alloc(64 * KIB, 'x');
    const write = (error) => error || wire.socket.write(piece, write);
    write();
    await wire.readEnd();
    wire.close();
    await answered;
    const line = await lanes.weir.logged(path);
    assert.deepEqual([line.status, line.outcome], [413, 'ok']);
  });
});
