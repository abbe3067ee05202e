// Bodies both ways, whole and unchanged, whatever their framing and size; trailers; readers that are slow.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NodeBackend, sha256, tell } from '../support/node_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const MIB = 1024 * 1024;
const big = randomBytes(5 * MIB);

function* pieces(bytes, sizes) {
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length];
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function writeAll(response, parts) {
  for (const part of parts) {
    if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve));
  }
}

async function answer(request, response, backend) {
  if (request.url === '/sized') return response.writeHead(200, { 'content-length': big.length }).end(big);
  if (request.url === '/chunked') {
    await writeAll(response, pieces(big, [1, 70_000, 333, 16_384]));
    return response.end();
  }
  if (request.url === '/echo') {
    response.writeHead(200, request.headers['content-length'] ? { 'content-length': request.headers['content-length'] } : {});
    return request.pipe(response);
  }
  if (request.url === '/trailers') {
    request.resume();
    await new Promise((resolve) => request.on('end', resolve));
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('body');
    response.addTrailers({ 'x-sum': 'of the answer', 'x-request-trailer': request.trailers['x-sum'] ?? 'none came' });
    return response.end();
  }
  return tell(request, response, backend);
}

for (const workers of [1, 2]) {
  describe(`bodies with ${workers} worker(s)`, () => {
    const stage = new Stage();
    let weir;

    before(async () => {
      const backend = stage.own(await NodeBackend.start(answer));
      weir = stage.own(await Weir.start({ process: { workers }, pools: { app: [backend.address] } }));
    });
    after(() => stage.stop());

    for (const path of ['/sized', '/chunked']) {
      test(`a response of 5 MiB, ${path.slice(1)}`, async () => {
        const got = await weir.request({ path });
        assert.equal(got.body.length, big.length);
        assert.equal(sha256(got.body), sha256(big));
      });
    }

    test('an upload of 5 MiB of known length', async () => {
      const got = (await weir.request({ method: 'POST', body: big, headers: { 'content-length': big.length } })).json();
      assert.deepEqual([got.size, got.sha256], [big.length, sha256(big)]);
    });

    test('an upload of 5 MiB in chunks', async () => {
      const got = (await weir.request({ method: 'PUT', body: pieces(big, [3, 65_536, 1, 1000]) })).json();
      assert.deepEqual([got.size, got.sha256], [big.length, sha256(big)]);
      assert.equal(got.headers['transfer-encoding'], 'chunked');
    });

    for (const [name, headers] of [['of known length', { 'content-length': big.length }], ['in chunks', {}]]) {
      test(`5 MiB ${name} up and down at the same time`, async () => {
        const got = await weir.request({ method: 'POST', path: '/echo', body: pieces(big, [65_536]), headers });
        assert.equal(sha256(got.body), sha256(big));
      });
    }

    test('twenty bodies at once keep apart', async () => {
      const bodies = Array.from({ length: 20 }, (_, i) => Buffer.alloc(200_000 + i, String.fromCharCode(65 + i)));
      const answers = await Promise.all(bodies.map((body) => weir.request({ method: 'POST', path: '/echo', body })));
      answers.forEach((got, i) => assert.equal(sha256(got.body), sha256(bodies[i])));
    });

    test('a reader that stops holds up nobody else and gets everything in the end', async () => {
      const wire = await weir.connect();
      wire.send('GET /sized HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      const head = await wire.readResponseHead();
      wire.socket.pause();
      const others = await Promise.all(Array.from({ length: 4 }, () => weir.request({ path: '/chunked' })));
      for (const other of others) assert.equal(other.body.length, big.length);
      wire.socket.resume();
      await wire.readBody(head);
      assert.equal(sha256(head.body), sha256(big));
      wire.close();
    });
  });
}

describe('trailers', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const backend = stage.own(await NodeBackend.start(answer));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  test('pass in both directions', async () => {
    const got = await weir.request({
      method: 'POST',
      path: '/trailers',
      headers: { trailer: 'x-sum', te: 'trailers' },
      body: ['some ', 'body'],
      trailers: { 'x-sum': 'of the request' },
    });
    assert.equal(got.text(), 'body');
    assert.deepEqual({ ...got.trailers }, { 'x-sum': 'of the answer', 'x-request-trailer': 'of the request' });
  });

  test('are left out where the client speaks HTTP/1.0', async () => {
    const wire = await weir.connect();
    const got = await wire.ask('POST /trailers HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    assert.equal(got.text(), 'body');
    wire.close();
  });
});
