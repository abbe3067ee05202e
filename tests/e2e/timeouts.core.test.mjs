// Every deadline: what the client is told, what the log calls it, and that the backend's connection does not outlive it.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { dial } from '../support/dial.mjs';
import { startLanes } from '../support/lanes.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';
import { WireEnded } from '../support/wire.mjs';

// The longest pause between two of the pieces that drip() sent, as this process saw it.
let longestPause = 0;

async function drip(send) {
  longestPause = 0;
  for (let i = 0, last = performance.now(); i < 12; i += 1) {
    send();
    await new Promise((resolve) => setTimeout(resolve, 60));
    longestPause = Math.max(longestPause, performance.now() - last);
    last = performance.now();
  }
}

// Tries again, at most twice, where the machine stood still for most of a deadline: then nothing came steadily.
async function unlessStalled(run, tries = 3) {
  try {
    await run();
  } catch (error) {
    if (tries === 1 || longestPause < 300) throw error;
    await unlessStalled(run, tries - 1);
  }
}

describe('deadlines towards a client', () => {
  const stage = new Stage();
  let weir;
  let backend;

  before(async () => {
    backend = stage.own(
      await RawBackend.start(async (wire) => {
        for (;;) {
          await wire.readRequest();
          wire.send(sized('ok'));
        }
      }),
    );
    weir = stage.own(
      await Weir.start({
        limits: { header_timeout: '400ms', body_timeout: '400ms', keepalive_timeout: '400ms' },
        pools: { app: [backend.address] },
      }),
    );
  });
  after(() => stage.stop());

  test('header_timeout: a head that does not come to its end is 408', async () => {
    const wire = await weir.connect();
    wire.send('GET /slow HTTP/1.1\r\nHost: a\r\n');
    const got = await wire.readResponse();
    assert.equal(got.status, 408);
    assert.match(got.get('connection'), /close/i);
    assert.equal((await wire.readEnd()).how, 'fin');
    wire.close();
    const line = await weir.logged(({ status }) => status === 408);
    assert.equal(line.outcome, 'client_timeout');
  });

  test('header_timeout: a drip of bytes does not move it', async () => {
    const wire = await weir.connect();
    const drip = setInterval(() => wire.send('X'), 50);
    wire.send('GET /drip HTTP/1.1\r\nHost: a\r\nX-Fill: ');
    const got = await wire.readResponse().finally(() => clearInterval(drip));
    assert.equal(got.status, 408);
    wire.close();
  });

  test('header_timeout: a connection on which nothing came is closed in silence', async () => {
    const wire = await weir.connect();
    const end = await wire.readEnd();
    assert.equal(end.rest.length, 0);
    wire.close();
  });

  test('keepalive_timeout: an idle connection is closed in silence', async () => {
    const wire = await weir.connect();
    await wire.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.deepEqual(await wire.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
    wire.close();
  });

  test('body_timeout: a body that stops coming is 408, and never complete for the backend', async () => {
    const wire = await weir.connect();
    wire.send('POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    const got = await wire.readResponse();
    assert.equal(got.status, 408);
    await wire.readEnd();
    wire.close();
    const line = await weir.logged('/body');
    assert.deepEqual([line.status, line.outcome], [408, 'client_timeout']);
    const upstream = backend.connections.find(({ received }) => received.includes('/body'));
    await upstream.readEnd();
  });

  test('body_timeout: a body that keeps coming is not cut', () => unlessStalled(async () => {
    const wire = await weir.connect();
    wire.send('POST /steady HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n');
    await drip(() => wire.send('x'));
    assert.equal((await wire.readResponse()).status, 200);
    wire.close();
  }));
});

describe('a client that reads slowly', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const backend = stage.own(await NodeBackend.start((_, response) => response.end(Buffer.alloc(32 * 1024 * 1024))));
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] }, limits: { body_timeout: '3s', min_rate: '64KiB' } }));
  });
  after(() => stage.stop());

  // 64 KiB each half second, twice min_rate. That it takes something counts, not when the kernel has room for us again.
  test('body_timeout: a reader that is faster than min_rate is not cut', async () => {
    const socket = await dial(weir.port, { highWaterMark: 16 * 1024 });
    stage.own({ stop: () => socket.destroy() });
    socket.on('error', () => {}); // the log tells
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    for (let turn = 0; turn < 15 && weir.stdout === ''; turn += 1) {
      socket.read();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(weir.stdout, '');
  });
});

describe('deadlines towards a backend', () => {
  const stage = new Stage();
  let lanes;

  before(async () => {
    lanes = await startLanes(stage, 8, { pool: { response_timeout: '400ms', read_timeout: '400ms', connect_timeout: '400ms' } });
  });
  after(() => stage.stop());

  async function ask(lane, method = 'GET', rest = '\r\n') {
    const client = await lanes.weir.connect();
    client.send(`${method} ${lane.path} HTTP/1.1\r\nHost: a\r\n${rest}`);
    const upstream = await lane.backend.accept();
    const head = await upstream.readRequestHead();
    return { client, upstream, head };
  }

  test('response_timeout: no answer is 504', async () => {
    const lane = lanes.take();
    const { client, upstream } = await ask(lane);
    const got = await client.readResponse();
    assert.equal(got.status, 504);
    assert.match(got.get('proxy-status'), /^weir; ?error=http_response_timeout/);
    await upstream.readEnd();
    client.close();
    const line = await lanes.weir.logged(lane.path);
    assert.deepEqual([line.status, line.outcome], [504, 'http_response_timeout']);
  });

  test('response_timeout: half a head is 504', async () => {
    const { client, upstream } = await ask(lanes.take());
    upstream.send('HTTP/1.1 200 OK\r\nX-A');
    assert.equal((await client.readResponse()).status, 504);
    client.close();
  });

  test('response_timeout: an answer in time is passed on, and the late one of before is not', async () => {
    const lane = lanes.take();
    const first = await ask(lane);
    assert.equal((await first.client.readResponse()).status, 504);
    first.upstream.send(sized('too late'));
    const second = await ask(lane);
    second.upstream.send(sized('in time'));
    assert.equal((await second.client.readResponse()).text(), 'in time');
    first.client.close();
    second.client.close();
  });

  test('response_timeout: counts from the end of the upload', async () => {
    const { client, upstream } = await ask(lanes.take(), 'POST', 'Content-Length: 10\r\n\r\n');
    for (let i = 0; i < 10; i += 1) {
      client.send('x');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await upstream.readUntil('xxxxxxxxxx');
    upstream.send(sized('ok'));
    assert.equal((await client.readResponse()).status, 200);
    client.close();
  });

  test('read_timeout: a body that stops coming is a cut for the client', async () => {
    const lane = lanes.take();
    const { client, upstream } = await ask(lane);
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
    const head = await client.readResponseHead();
    assert.equal(head.status, 200);
    await assert.rejects(client.readBody(head), WireEnded);
    await upstream.readEnd();
    client.close();
    const line = await lanes.weir.logged(lane.path);
    assert.equal(line.status, 200);
    assert.match(line.outcome, /timeout|incomplete/);
  });

  test('read_timeout: a body that keeps coming is not cut', () => unlessStalled(async () => {
    const { client, upstream } = await ask(lanes.take());
    upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n');
    await drip(() => upstream.send('x'));
    assert.equal((await client.readResponse()).text(), 'x'.repeat(12));
    client.close();
  }));
});

describe('the deadline of a route', () => {
  const stage = new Stage();
  let lanes;

  before(async () => (lanes = await startLanes(stage, 2, { route: { timeout: '500ms' } })));
  after(() => stage.stop());

  test('timeout: an exchange without an answer is 504', async () => {
    const { path, backend } = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal((await client.readResponse()).status, 504);
    await (await backend.accept()).readEnd();
    client.close();
  });

  test('timeout: a response that goes on past it is cut', async () => {
    const { path, backend } = lanes.take();
    const client = await lanes.weir.connect();
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const drip = setInterval(() => upstream.send('1\r\nx\r\n'), 50);
    const head = await client.readResponseHead();
    await assert.rejects(client.readBody(head), WireEnded);
    clearInterval(drip);
    client.close();
    assert.notEqual((await lanes.weir.logged(path)).outcome, 'ok');
  });
});

describe('connecting', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('refused: 502', async () => {
    const weir = stage.own(await Weir.start({ pools: { app: [`127.0.0.1:${await freePort()}`] } }));
    const got = await weir.request({ path: '/x' });
    assert.equal(got.status, 502);
    assert.match(got.headers['proxy-status'], /^weir; ?error=connection_refused/);
    assert.equal((await weir.logged('/x')).outcome, 'connection_refused');
    assert.equal((await weir.request({ path: '/x' })).status, 502, 'and weir goes on');
  });

  test('connect_timeout: 504', async () => {
    const full = stage.own(await FullBacklog.start());
    const weir = stage.own(await Weir.start({ pools: { app: { endpoints: [`127.0.0.1:${full.port}`], connect_timeout: '300ms' } } }));
    const got = await weir.request({ path: '/x' });
    assert.equal(got.status, 504);
    assert.match(got.headers['proxy-status'], /^weir; ?error=connection_timeout/);
    assert.equal((await weir.logged('/x')).outcome, 'connection_timeout');
  });
});

/** A listening socket that never accepts and whose queue is full: Linux drops every further SYN. */
class FullBacklog {
  static async start() {
    const full = new FullBacklog();
    full.child = spawn(
      process.execPath,
      ['-e', `const s=require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},()=>{process.stdout.write(s.address().port+'\\n');process.kill(process.pid,'SIGSTOP')})`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    full.port = Number(String((await once(full.child.stdout, 'data'))[0]));
    full.sockets = [];
    for (;;) {
      const socket = net.connect(full.port, '127.0.0.1');
      socket.on('error', () => {});
      full.sockets.push(socket);
      const connected = await Promise.race([
        once(socket, 'connect').then(() => true, () => false),
        new Promise((resolve) => setTimeout(() => resolve(false), 300)),
      ]);
      if (!connected) return full;
    }
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }
}
