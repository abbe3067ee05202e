// Requests and responses as they should come through: methods, statuses, connections, versions, targets.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { NodeBackend, tell } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir, keepAliveAgent } from '../support/weir.mjs';

const gzipped = gzipSync('a body that was compressed by the backend '.repeat(100));

function answer(request, response, backend) {
  const url = new URL(request.url, 'http://backend');
  const status = Number(url.searchParams.get('status') ?? 200);
  if (url.pathname === '/status') return response.writeHead(status, { etag: '"e"' }).end();
  if (url.pathname === '/gzip') return response.writeHead(200, { 'content-encoding': 'gzip', etag: '"z"' }).end(gzipped);
  if (url.pathname === '/cookies') return response.writeHead(200, { 'set-cookie': ['a=1; Path=/', 'b=2', 'c=3'] }).end('ok');
  if (url.pathname === '/chunks') {
    response.write('one ');
    return response.end('two');
  }
  if (url.pathname === '/number') return response.end(`number ${url.searchParams.get('n')}`);
  return tell(request, response, backend);
}

describe('requests through weir to a Node server', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await NodeBackend.start(answer));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'M-SEARCH', 'PROPFIND']) {
    test(`${method} comes through`, async () => {
      const got = (await weir.request({ method, path: '/thing?a=1&b=%20' })).json();
      assert.equal(got.method, method);
      assert.equal(got.url, '/thing?a=1&b=%20');
    });
  }

  test('a body of known length comes through with its length', async () => {
    const got = (await weir.request({ method: 'POST', body: 'hello', headers: { 'content-length': 5 } })).json();
    assert.equal(got.size, 5);
    assert.equal(got.headers['content-length'], '5');
    assert.equal(got.headers['transfer-encoding'], undefined);
  });

  test('an empty POST keeps its Content-Length of 0', async () => {
    const got = (await weir.request({ method: 'POST', headers: { 'content-length': 0 } })).json();
    assert.equal(got.headers['content-length'], '0');
  });

  test('a GET without a body says nothing of one', async () => {
    const got = (await weir.request({})).json();
    assert.equal(got.headers['content-length'], undefined);
    assert.equal(got.headers['transfer-encoding'], undefined);
  });

  test('the answer to HEAD has the length and no body, and the connection goes on', async () => {
    const wire = await weir.connect();
    const head = await wire.ask('HEAD /number?n=1 HTTP/1.1\r\nHost: a\r\n\r\n', 'HEAD');
    assert.equal(head.status, 200);
    const next = await wire.ask('GET /number?n=2 HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(next.text(), 'number 2');
    wire.close();
  });

  for (const status of [204, 304]) {
    test(`${status} has no body and the connection goes on`, async () => {
      const wire = await weir.connect();
      const empty = await wire.ask(`GET /status?status=${status} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(empty.status, status);
      assert.equal(empty.get('etag'), '"e"');
      assert.equal(empty.has('transfer-encoding'), false);
      assert.equal((await wire.ask('GET /number?n=3 HTTP/1.1\r\nHost: a\r\n\r\n')).text(), 'number 3');
      wire.close();
    });
  }

  for (const status of [201, 206, 301, 400, 404, 418, 429, 500, 503]) {
    test(`the backend's ${status} is passed on as it is`, async () => {
      const got = await weir.request({ path: `/status?status=${status}` });
      assert.equal(got.status, status);
      assert.equal(got.headers.etag, '"e"');
      assert.equal(got.headers['proxy-status'], undefined);
    });
  }

  test('a compressed body is left alone', async () => {
    const got = await weir.request({ path: '/gzip', headers: { 'accept-encoding': 'gzip' } });
    assert.equal(got.headers['content-encoding'], 'gzip');
    assert.equal(got.headers.etag, '"z"');
    assert.deepEqual(got.body, gzipped);
  });

  test('Set-Cookie lines stay apart and in order', async () => {
    const got = await weir.request({ path: '/cookies' });
    assert.deepEqual(got.headers['set-cookie'], ['a=1; Path=/', 'b=2', 'c=3']);
  });

  test('twenty requests of one client connection share one backend connection', async () => {
    const agent = keepAliveAgent();
    await weir.request({ agent });
    const opened = backend.connections;
    for (let i = 0; i < 20; i += 1) await weir.request({ agent, path: `/number?n=${i}` });
    assert.equal(backend.connections, opened);
    agent.destroy();
  });

  test('a hundred pipelined requests are answered in order', async () => {
    const wire = await weir.connect();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    wire.send(numbers.map((n) => `GET /number?n=${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    for (const n of numbers) assert.equal((await wire.readResponse()).text(), `number ${n}`);
    wire.close();
  });

  test('requests that come one byte at a time are answered', async () => {
    const wire = await weir.connect();
    await wire.sendBytewise('POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    assert.equal((await wire.readResponse()).json().size, 3);
    wire.close();
  });

  test('an empty line before a request is skipped', async () => {
    const wire = await weir.connect();
    assert.equal((await wire.ask('\r\nGET /number?n=4 HTTP/1.1\r\nHost: a\r\n\r\n')).text(), 'number 4');
    wire.close();
  });

  test('Connection: close of a client ends its connection behind the answer', async () => {
    const wire = await weir.connect();
    const got = await wire.ask('GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.equal(got.text(), 'one two');
    assert.match(got.get('connection'), /close/i);
    assert.deepEqual(await wire.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
    wire.close();
  });

  test('a client that half-closes behind its request still gets the answer', async () => {
    const wire = await weir.connect();
    wire.send('GET /number?n=5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const got = await wire.readResponse();
    wire.end();
    assert.equal(got.text(), 'number 5');
    await wire.readEnd();
    wire.close();
  });
});

describe('requests that a raw backend sees byte by byte', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await RawBackend.answering((request) => sized(request.startLine)));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  async function forwarded(bytes, method) {
    const wire = await weir.connect();
    const got = await wire.ask(bytes, method);
    wire.close();
    assert.equal(got.status, 200, got.text());
    return got.text();
  }

  test('a method that nobody knows comes through', async () => {
    assert.equal(await forwarded('BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n'), 'BREW /pot HTTP/1.1');
  });

  test('methods are case-sensitive', async () => {
    assert.equal(await forwarded('get / HTTP/1.1\r\nHost: a\r\n\r\n'), 'get / HTTP/1.1');
  });

  test('OPTIONS * comes through', async () => {
    assert.equal(await forwarded('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'), 'OPTIONS * HTTP/1.1');
  });

  for (const [sent, got, why] of [
    ['/a//b', '/a//b', 'double slashes stay'],
    ['/a%2Fb', '/a%2Fb', 'an escaped slash stays'],
    ['/A/b', '/A/b', 'letter case stays'],
    ['/a;v=1/b;w', '/a;v=1/b;w', 'parameters stay'],
    ['/a/./b/../c', '/a/c', 'dot segments are removed'],
    ['/%7Euser/%41', '/~user/A', 'unreserved escapes are decoded'],
    ['/a?../x=%zz/', '/a?../x=%zz/', 'the query is left alone'],
    ['/?', '/?', 'an empty query stays'],
    ['/a/%2e%2e/b', '/b', 'escaped dot segments are dot segments'],
  ]) {
    test(`path ${sent}: ${why}`, async () => {
      assert.equal(await forwarded(`GET ${sent} HTTP/1.1\r\nHost: a\r\n\r\n`), `GET ${got} HTTP/1.1`);
    });
  }

  test('an absolute-form target wins over Host', async () => {
    const wire = await weir.connect();
    await wire.ask('GET http://real.example:81/p?q HTTP/1.1\r\nHost: other.example\r\n\r\n');
    wire.close();
    const seen = backend.received();
    assert.match(seen, /GET \/p\?q HTTP\/1\.1\r\n/);
    assert.match(seen, /host: real\.example:81\r\n/i);
    assert.doesNotMatch(seen, /host: other\.example/i);
  });

  test('a Date is added where the backend sends none', async () => {
    const wire = await weir.connect();
    const got = await wire.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.ok(Math.abs(Date.parse(got.get('date')) - Date.now()) < 60_000, got.get('date'));
    wire.close();
  });
});

describe('HTTP/1.0', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const modern = stage.own(await NodeBackend.start(answer));
    const old = stage.own(
      await RawBackend.start(async (wire) => {
        const request = await wire.readRequest();
        wire.send(`HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end: ${request.target}`);
        wire.socket.end();
      }),
    );
    weir = stage.own(
      await Weir.start({
        pools: { modern: [modern.address], old: [old.address] },
        routes: [{ pool: 'modern' }, { match: { path: '/old' }, pool: 'old' }],
      }),
    );
  });
  after(() => stage.stop());

  test('a client gets a plain body and the end of the connection', async () => {
    const wire = await weir.connect();
    const got = await wire.ask('GET /chunks HTTP/1.0\r\nHost: a\r\n\r\n');
    assert.equal(got.has('transfer-encoding'), false);
    assert.equal(got.text(), 'one two');
    assert.equal((await wire.readEnd()).how, 'fin');
    wire.close();
  });

  test('a client without Host is served', async () => {
    const wire = await weir.connect();
    assert.equal((await wire.ask('GET /number?n=1 HTTP/1.0\r\n\r\n')).text(), 'number 1');
    wire.close();
  });

  test('the request reaches the backend as HTTP/1.1', async () => {
    const wire = await weir.connect();
    assert.equal((await wire.ask('GET /told HTTP/1.0\r\nHost: a\r\n\r\n')).json().version, '1.1');
    wire.close();
  });

  test('a backend that ends its body by closing serves a client that keeps its connection', async () => {
    const wire = await weir.connect();
    for (const path of ['/old/1', '/old/2']) {
      const got = await wire.ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(got.version, 'HTTP/1.1');
      assert.equal(got.text(), `until the end: ${path}`);
      assert.ok(got.chunked);
    }
    wire.close();
  });
});

describe('what weir does not forward', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(await RawBackend.answering(sized('from the backend')));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
  });
  after(() => stage.stop());

  for (const [name, bytes, status] of [
    ['TRACE', 'TRACE /marker HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['CONNECT', 'CONNECT marker.example:443 HTTP/1.1\r\nHost: marker.example:443\r\n\r\n', 405],
    [
      'a WebSocket handshake',
      'GET /marker HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      501,
    ],
  ]) {
    test(`${name} is answered with ${status}`, async () => {
      const wire = await weir.connect();
      assert.equal((await wire.ask(bytes)).status, status);
      wire.close();
      assert.doesNotMatch(backend.received(), /marker/);
    });
  }

  test('another Upgrade is removed and the request goes on', async () => {
    const wire = await weir.connect();
    const got = await wire.ask(
      'GET /h2c HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    );
    wire.close();
    assert.equal(got.status, 200);
    assert.doesNotMatch(backend.received(), /upgrade|http2-settings|h2c\r\n/i);
  });
});
