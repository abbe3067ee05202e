// TERM: nothing new is taken, what runs is finished, and the exit code is 0.
import { afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { dial } from '../support/dial.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a drain', () => {
  const stage = new Stage();
  afterEach(() => stage.stop());

  async function start(settings) {
    const backend = stage.own(await RawBackend.start());
    const weir = stage.own(await Weir.start({ ...settings, pools: { app: [backend.address] } }));
    return { weir, backend };
  }

  async function running(weir, backend) {
    const client = await weir.connect();
    client.send(GET);
    const upstream = await backend.accept();
    await upstream.readRequest();
    return { client, upstream };
  }

  test('ends at once where nothing runs', async () => {
    const { weir } = await start({});
    await weir.stop();
  });

  test('INT is as good as TERM', async () => {
    const { weir } = await start({});
    weir.signal('SIGINT');
    await weir.ends();
  });

  test('HUP, USR1 and USR2 end nothing', async () => {
    const { weir, backend } = await start({});
    for (const name of ['SIGHUP', 'SIGUSR1', 'SIGUSR2']) weir.signal(name);
    const { client, upstream } = await running(weir, backend);
    upstream.send(sized('still here'));
    assert.equal((await client.readResponse()).text(), 'still here');
    assert.equal(await weir.ready(), 200);
  });

  test('finishes what runs and says that the connection ends', async () => {
    const { weir, backend } = await start({ shutdown_timeout: '30s' });
    const { client, upstream } = await running(weir, backend);
    weir.signal('SIGTERM');
    await until(async () => (await weir.ready()) !== 200, '/readyz to be no longer 200');
    await until(() => refused(weir), 'new connections to be refused');
    upstream.send(sized('finished'));
    const got = await client.readResponse();
    assert.equal(got.text(), 'finished');
    assert.match(got.get('connection'), /close/i);
    assert.equal((await client.readEnd()).how, 'fin');
    await weir.ends();
  });

  test('finishes an upload that runs', async () => {
    const { weir, backend } = await start({ shutdown_timeout: '30s' });
    const client = await weir.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf');
    const upstream = await backend.accept();
    const head = await upstream.readRequestHead();
    weir.signal('SIGTERM');
    await until(() => refused(weir), 'new connections to be refused');
    client.send('half');
    assert.equal((await upstream.readBody(head)).text(), 'halfhalf');
    upstream.send(sized('finished'));
    assert.equal((await client.readResponse()).text(), 'finished');
    await weir.ends();
  });

  test('serves new and idle connections within the grace, with /readyz at 503', async () => {
    const { weir, backend } = await start({ shutdown_grace: '60s', shutdown_timeout: '90s' });
    const { client, upstream } = await running(weir, backend);
    upstream.send(sized('before'));
    await client.readResponse();
    weir.signal('SIGTERM');
    await until(async () => (await weir.ready()) === 503, '/readyz to be 503');
    assert.equal((await weir.admin('/healthz')).status, 200);
    client.send(GET);
    await upstream.readRequest();
    upstream.send(sized('on the idle connection'));
    assert.equal((await client.readResponse()).text(), 'on the idle connection');
    const late = await weir.connect();
    late.send(GET);
    const other = await Promise.race([backend.accept(), upstream.readRequest().then(() => upstream)]);
    if (other !== upstream) await other.readRequest();
    other.send(sized('on a new connection'));
    assert.equal((await late.readResponse()).text(), 'on a new connection');
    weir.signal('SIGTERM');
    await weir.ends();
  });

  test('closes idle connections after the grace', async () => {
    const { weir, backend } = await start({ shutdown_grace: '200ms', shutdown_timeout: '60s' });
    const { client, upstream } = await running(weir, backend);
    upstream.send(sized('one'));
    await client.readResponse();
    weir.signal('SIGTERM');
    assert.deepEqual(await client.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
    await weir.ends();
  });

  test('closes connections that never said anything after the grace', async () => {
    const { weir } = await start({ shutdown_grace: '200ms', shutdown_timeout: '60s' });
    const client = await weir.connect();
    await weir.metricBecomes('weir_connections_active', {}, 1);
    weir.signal('SIGTERM');
    await client.readEnd();
    await weir.ends();
  });

  test('loses no request of clients that keep coming, one connection each', async () => {
    const backend = stage.own(await NodeBackend.start((_, response) => response.end('fine')));
    const weir = stage.own(await Weir.start({
      process: { workers: 2 }, shutdown_grace: '200ms', shutdown_timeout: '60s', pools: { app: [backend.address] },
    }));
    const answers = [];
    async function keepComing() {
      for (;;) {
        const answer = await askOnce(weir.port);
        if (answer === 'ECONNREFUSED') return;
        answers.push(answer);
      }
    }
    const clients = Array.from({ length: 16 }, keepComing);
    await until(() => answers.length > 200, '200 answers');
    weir.signal('SIGTERM');
    await Promise.all(clients);
    await weir.ends();
    assert.deepEqual(answers.filter((answer) => !/^HTTP\/1.1 200 [^]*\r\n\r\nfine$/.test(answer)), []);
  });

  test('a second TERM stops at once, with exit 0', async () => {
    const { weir, backend } = await start({ shutdown_timeout: '90s' });
    const { client } = await running(weir, backend);
    weir.signal('SIGTERM');
    await until(async () => (await weir.ready()) !== 200, '/readyz to be no longer 200');
    weir.signal('SIGTERM');
    await weir.ends();
    await client.readEnd();
  });

  test('is cut at shutdown_timeout, with exit 0, and the log says what was cut', async () => {
    const { weir, backend } = await start({ shutdown_timeout: '300ms' });
    const { client } = await running(weir, backend);
    weir.signal('SIGTERM');
    await weir.ends();
    await client.readEnd();
    const line = await weir.logged('/');
    assert.equal(line.outcome, 'shutdown');
    assert.match(weir.stderr, /cut|shutdown_timeout/);
  });

  test('loses no line of the access log', async () => {
    const { weir, backend } = await start({});
    const client = await weir.connect();
    client.send(GET.repeat(50));
    const upstream = await backend.accept();
    for (let i = 0; i < 50; i += 1) {
      await upstream.readRequest();
      upstream.send(sized(String(i)));
      await client.readResponse();
    }
    client.close();
    await weir.stop();
    assert.equal(weir.accessLines().length, 50);
  });
});

/** All that came back on a connection of its own, or the code of what went wrong. */
async function askOnce(port) {
  try {
    const socket = await dial(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    let got = '';
    for await (const data of socket) got += data;
    return got;
  } catch (error) {
    return error.code;
  }
}

async function refused(weir) {
  try {
    (await weir.connect()).close();
    return false;
  } catch {
    return true;
  }
}
