// Bodies that no buffer could hold, past a peer that stands still in the middle: each arrives whole and unchanged, and weir
// keeps none of it. WEIR_BIG_BYTES says how long they are, such as 10GiB. All run at once, each through a weir of its own.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { PATIENCE, within } from '../support/deadline.mjs';
import { dial, openRequest } from '../support/dial.mjs';
import { LongBodyReader, longBody } from '../support/long_body.mjs';
import { allocated, isSanitized } from '../support/memory.mjs';
import { takeResponseHead } from '../support/message.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const KIB = 1024;
const UNITS = { KiB: KIB, MiB: KIB ** 2, GiB: KIB ** 3 };
const [, count, unit] = /^(\d+)(KiB|MiB|GiB)$/.exec(process.env.WEIR_BIG_BYTES ?? '256MiB');
const BYTES = count * UNITS[unit];
const SMALL = 64 * KIB;
const STANDS_STILL = 2000;
const ALLOWED = UNITS.MiB;
const patience = PATIENCE + (BYTES / UNITS.MiB) * 100; // 10 MiB/s

async function write(sink, body) {
  for (const piece of body) {
    if (!sink.write(piece)) await once(sink, 'drain');
  }
  sink.end();
}

/** Reads to the end, and stands still once half of a big body is there. */
async function read(source) {
  const reader = new LongBodyReader();
  let stood = false;
  source.on('data', (piece) => {
    reader.take(piece);
    if (stood || reader.received < BYTES / 2) return;
    stood = true;
    source.pause();
    setTimeout(() => source.resume(), STANDS_STILL);
  });
  await finished(source, { writable: false });
  return { received: reader.received, wrongBlock: reader.wrongBlock };
}

/** A GET of /BYTES/FRAMING has a body, anything else is told what came. */
async function answer(request, response) {
  const [, bytes, framing] = request.url.split('/');
  if (request.method !== 'GET') return response.end(JSON.stringify(await read(request)));
  if (framing === 'sized') response.setHeader('Content-Length', bytes);
  if (framing === 'until-close') response.removeHeader('Transfer-Encoding');
  return write(response, longBody(Number(bytes)));
}

const download = (framing) => async (weir, bytes) => {
  const request = openRequest({ port: weir.port, path: `/${bytes}/${framing}`, agent: false }).end();
  const [response] = await once(request, 'response');
  return read(response);
};

// A client of HTTP/1.0: to any other one the body would be chunked.
async function downloadUntilClose(weir, bytes) {
  const socket = await dial(weir.port);
  socket.write(`GET /${bytes}/until-close HTTP/1.0\r\nHost: a\r\n\r\n`);
  let came = Buffer.alloc(0);
  let head = null;
  while (head === null) {
    await once(socket, 'readable');
    came = Buffer.concat([came, socket.read() ?? Buffer.alloc(0)]);
    head = takeResponseHead(came);
  }
  assert.deepEqual(head[0].framing('GET'), { kind: 'until-close' });
  socket.unshift(came.subarray(head[1]));
  return read(socket);
}

const upload = (headersFor) => async (weir, bytes) => {
  const request = openRequest({ port: weir.port, method: 'POST', headers: headersFor(bytes), agent: false });
  const answered = once(request, 'response');
  await Promise.all([answered, write(request, longBody(bytes))]);
  const [response] = await answered;
  return JSON.parse(Buffer.concat(await response.toArray()));
};

async function whileWatched(weir, flow) {
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, allocated(weir.child.pid))), 20);
  try {
    return [await flow, most];
  } finally {
    clearInterval(watch);
  }
}

const FLOWS = {
  'a download of known length, past a reader that stands still,': download('sized'),
  'a chunked download, past a reader that stands still,': download('chunked'),
  'a download until close, past a reader that stands still,': downloadUntilClose,
  'an upload of known length, past a backend that stands still,': upload((bytes) => ({ 'Content-Length': bytes })),
  'a chunked upload, past a backend that stands still,': upload(() => ({ 'Transfer-Encoding': 'chunked' })),
};

describe(`a big body (${count} ${unit})`, { concurrency: true }, () => {
  for (const [name, flow] of Object.entries(FLOWS)) {
    test(`${name} arrives unchanged and is not kept`, async (t) => {
      const stage = new Stage();
      t.after(() => stage.stop());
      const backend = stage.own(await NodeBackend.start(answer));
      const weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
      assert.deepEqual(await flow(weir, SMALL), { received: SMALL, wrongBlock: null });
      const before = allocated(weir.child.pid);
      const [got, most] = await within(whileWatched(weir, flow(weir, BYTES)), 'the body', patience);
      assert.deepEqual(got, { received: BYTES, wrongBlock: null });
      t.diagnostic(`${(most - before) / KIB} KiB more than before`);
      if (!isSanitized(weir.child.pid)) assert.ok(most - before < ALLOWED, `weir held ${(most - before) / KIB} KiB more than before`);
    });
  }
});
