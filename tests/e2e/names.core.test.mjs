// Where backends are: host names over a DNS server of the tests' own, localhost, /etc/hosts, unix sockets; and all that may
// be missing when weir starts.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from '../support/client.mjs';
import { until } from '../support/deadline.mjs';
import { DnsServer, namesCanNotBeTested } from '../support/dns_server.mjs';
import { Stage, Weir, freePort, keepAliveAgent } from '../support/weir.mjs';

// A server that says its own name.
async function saying(name, ...at) {
  const server = http.createServer((_, response) => response.end(name));
  server.listen(...at);
  await once(server, 'listening');
  const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
  return {
    server,
    port: server.address().port,
    closed, // its first connection
    async stop() {
      server.closeAllConnections();
      if (server.listening) server.close();
    },
  };
}

const lines = (weir, part) => weir.stderr.split('\n').filter((line) => line.includes(part)).length;

async function becomes(weir, status, text, patience) {
  let last;
  await until(
    async () => {
      last = await weir.request({});
      return last.status === status && (text === undefined || last.text() === text);
    },
    () => `${status} ${text ?? ''}; the last answer was ${last?.status} ${last?.text()}`,
    patience,
  );
  return last;
}

describe('names under endpoints', { skip: namesCanNotBeTested() }, () => {
  const stage = new Stage();
  let dns;
  before(async () => {
    dns = stage.own(await DnsServer.start());
  });
  after(() => stage.stop());

  const start = async (endpoints, { hosts, ...settings } = {}) => stage.own(await Weir.start({ pools: { app: endpoints }, ...settings }, { through: await dns.view({ hosts }) }));

  test('a name is looked up before weir is ready, for all workers', async () => {
    const backend = stage.own(await saying('one', 0, '127.0.0.1'));
    dns.hosts['one.test'] = { A: ['127.0.0.1'] };
    const weir = await start([`one.test:${backend.port}`], { process: { workers: 2 } });
    for (let i = 0; i < 10; i += 1) assert.equal((await weir.request({})).text(), 'one');
    assert.equal(dns.asked('one.test'), 1);
    assert.equal((await weir.logged('/')).endpoint, `one.test:${backend.port}`);
  });

  test('a client that comes while weir starts waits for the name too', async () => {
    const backend = stage.own(await saying('early', 0, '127.0.0.1'));
    dns.hosts['slow.test'] = { A: ['127.0.0.1'] };
    dns.delay = 300;
    const port = await freePort();
    const listeners = [{ name: 'main', address: `127.0.0.1:${port}` }];
    const starting = start([`slow.test:${backend.port}`], { listeners });
    const answer = await until(() => request(port).catch(() => null), 'an open port');
    assert.equal(answer.status, 200);
    await starting;
    dns.delay = 0;
  });

  test('a backend that moves is found when the TTL is over, and the connections to where it was are closed', async () => {
    const old = stage.own(await saying('old', 0, '127.0.0.1'));
    const fresh = stage.own(await saying('new', old.port, '127.0.0.2'));
    dns.hosts['moving.test'] = { A: ['127.0.0.1'], ttl: 1 };
    const weir = await start([`moving.test:${old.port}`]);
    const agent = keepAliveAgent();
    assert.equal((await weir.request({ agent })).text(), 'old');
    dns.hosts['moving.test'] = { A: ['127.0.0.2'], ttl: 1 };
    await old.closed;
    assert.equal((await weir.request({ agent })).text(), 'new');
    agent.destroy();
    const asked = dns.asked('moving.test');
    await until(() => dns.asked('moving.test') > asked, 'the next question');
    assert.equal(lines(weir, 'moving.test is 127.0.0.2'), 1);
    await fresh.stop();
  });

  test('a request that runs while its backend moves has its answer', async () => {
    let answer;
    const server = http.createServer((_, response) => {
      response.write('begun ');
      answer = () => response.end('and ended');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stage.own({ stop: async () => server.close() });
    const { port } = server.address();
    dns.hosts['busy.test'] = { A: ['127.0.0.1'], ttl: 1 };
    const weir = await start([`busy.test:${port}`]);
    const running = weir.request({});
    await until(() => answer, 'the request');
    dns.hosts['busy.test'] = { A: ['127.0.0.2'], ttl: 1 };
    await until(() => lines(weir, 'busy.test is 127.0.0.2'), 'the move');
    answer();
    assert.equal((await running).text(), 'begun and ended');
    await weir.metricBecomes('weir_upstream_connections', { endpoint: `busy.test:${port}` }, 0);
  });

  test('a name that is not there does not stop weir: 502 with dns_error, until it is there', async () => {
    const backend = stage.own(await saying('late', 0, '127.0.0.1'));
    const weir = await start([`late.test:${backend.port}`]);
    const answer = await weir.request({ path: '/early' });
    assert.equal(answer.status, 502);
    assert.equal(answer.headers['proxy-status'], 'weir; error=dns_error');
    assert.equal((await weir.logged('/early')).outcome, 'dns_error');
    await until(() => dns.asked('late.test') > 1, 'a second question');
    assert.equal(lines(weir, 'late.test does not resolve'), 1);
    dns.hosts['late.test'] = { A: ['127.0.0.1'] };
    await becomes(weir, 200, 'late');
  });

  test('a DNS server that says nothing does not stop weir: 504 with dns_timeout', async () => {
    dns.hosts['silent.test'] = { silent: true };
    const weir = await start(['silent.test:3000']);
    const answer = await weir.request({});
    assert.equal(answer.status, 504);
    assert.equal(answer.headers['proxy-status'], 'weir; error=dns_timeout');
  });

  test('a server in trouble is no reason to leave a backend', async () => {
    const backend = stage.own(await saying('kept', 0, '127.0.0.1'));
    dns.hosts['kept.test'] = { A: ['127.0.0.1'], ttl: 1 };
    const weir = await start([`kept.test:${backend.port}`]);
    assert.equal((await weir.request({})).text(), 'kept');
    for (const trouble of [{ rcode: 2 }, undefined]) {
      dns.hosts['kept.test'] = trouble;
      await until(() => lines(weir, 'kept.test does not resolve any more') === 1, 'the warning');
      assert.equal((await weir.request({})).text(), 'kept');
    }
    dns.hosts['kept.test'] = { A: ['127.0.0.1'], ttl: 1 };
    await until(() => lines(weir, 'kept.test resolves again') === 1, 'the recovery');
  });

  test('without any DNS server weir starts, and goes on asking', async () => {
    const gone = stage.own(await DnsServer.start());
    const through = await gone.view();
    await gone.silence();
    const weir = stage.own(await Weir.start({ pools: { app: ['app.test:3000'] } }, { through }));
    assert.equal((await weir.request({})).status, 502);
    assert.equal(lines(weir, 'app.test does not resolve'), 1);
  });

  test('of several addresses the one that answers is taken, and kept', async () => {
    const backend = stage.own(await saying('third', 0, '127.0.0.4'));
    dns.hosts['many.test'] = { A: ['127.0.0.2', '127.0.0.3', '127.0.0.4'], AAAA: ['::1'] };
    const weir = await start([`many.test:${backend.port}`]);
    for (let i = 0; i < 5; i += 1) assert.equal((await weir.request({})).text(), 'third');
  });

  test('an answer that does not fit is fetched over TCP', async () => {
    const backend = stage.own(await saying('long', 0, '127.0.0.1'));
    dns.hosts['long.test'] = { A: ['127.0.0.1'], truncated: true };
    const weir = await start([`long.test:${backend.port}`]);
    assert.equal((await weir.request({})).text(), 'long');
    assert.ok(dns.queries.some(({ name, tcp }) => name === 'long.test' && tcp));
  });

  test('/etc/hosts comes first', async () => {
    const backend = stage.own(await saying('file', 0, '127.0.0.7'));
    dns.hosts['file.test'] = { A: ['127.0.0.1'], AAAA: ['::1'] };
    const weir = await start([`file.test:${backend.port}`], { hosts: '127.0.0.7 file.test\n' });
    assert.equal((await weir.request({})).text(), 'file');
    assert.equal(dns.asked('file.test'), 0);
  });

  test('probes go where the name says, and follow it', async () => {
    const old = stage.own(await saying('old', 0, '127.0.0.1'));
    dns.hosts['probed.test'] = { A: ['127.0.0.3', '127.0.0.1'], ttl: 1 };
    const name = `probed.test:${old.port}`;
    const weir = stage.own(await Weir.start({ pools: { app: { endpoints: [name], health: { path: '/', interval: '200ms' } } } }, { through: await dns.view() }));
    await weir.metricBecomes('weir_endpoint_up', { endpoint: name }, 1);
    await old.stop();
    await weir.metricBecomes('weir_endpoint_up', { endpoint: name }, 0);
    stage.own(await saying('new', old.port, '127.0.0.2'));
    dns.hosts['probed.test'] = { A: ['127.0.0.2'], ttl: 1 };
    await weir.metricBecomes('weir_endpoint_up', { endpoint: name }, 1);
    await becomes(weir, 200, 'new');
  });

  test('two endpoints of one host are one question, and each has its turn', async () => {
    const one = stage.own(await saying('1', 0, '127.0.0.1'));
    const two = stage.own(await saying('2', 0, '127.0.0.1'));
    dns.hosts['shared.test'] = { A: ['127.0.0.1'] };
    const weir = await start([`shared.test:${one.port}`, `shared.test:${two.port}`]);
    const said = [];
    for (let i = 0; i < 4; i += 1) said.push((await weir.request({})).text());
    assert.equal(said.join(''), '1212');
    assert.equal(dns.asked('shared.test'), 1);
  });
});

describe('endpoints on this machine', () => {
  const stage = new Stage();
  after(() => stage.stop());

  for (const address of ['127.0.0.1', '::1']) {
    test(`localhost is found where Node listens on ${address} alone`, async () => {
      const backend = stage.own(await saying('here', 0, address));
      const weir = stage.own(await Weir.start({ pools: { app: [`localhost:${backend.port}`] } }));
      for (let i = 0; i < 5; i += 1) assert.equal((await weir.request({})).text(), 'here');
    });
  }

  test('localhost is found again when Node comes back on its other address', async () => {
    const first = await saying('first', 0, '127.0.0.1');
    const weir = stage.own(await Weir.start({ pools: { app: [`localhost:${first.port}`] } }));
    assert.equal((await weir.request({})).text(), 'first');
    await first.stop();
    stage.own(await saying('second', first.port, '::1'));
    await becomes(weir, 200, 'second');
  });

  test('a backend that is not there does not stop weir, and is served once it is', async () => {
    const port = await freePort();
    const weir = stage.own(await Weir.start({ pools: { app: [`localhost:${port}`] } }));
    assert.equal((await weir.request({})).headers['proxy-status'], 'weir; error=connection_refused');
    stage.own(await saying('there', port, '127.0.0.1'));
    await becomes(weir, 200, 'there');
  });

  test('a unix socket is an endpoint, also one that comes later', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'weir-e2e-'));
    const socket = path.join(folder, 'app.sock');
    const weir = stage.own(await Weir.start({ pools: { app: [`unix:${socket}`] } }));
    assert.equal((await weir.request({})).status, 502);
    const server = http.createServer((_, response) => response.end('over a path'));
    server.listen(socket);
    await once(server, 'listening');
    await becomes(weir, 200, 'over a path');
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
});
