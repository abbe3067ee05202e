// The command line: usage, exit codes, ports that are taken, and weir without a config file.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { readlink } from 'node:fs/promises';
import { once } from 'node:events';
import { PATIENCE, until } from '../support/deadline.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { ask } from '../support/tls_client.mjs';
import { Stage, Weir, freePort, runToEnd } from '../support/weir.mjs';

const QUICK_START_ADMIN = 9180;

describe('the command line', () => {
  test('version says which one it is', async () => {
    const { code, stdout } = await runToEnd(['version']);
    assert.equal(code, 0);
    assert.match(stdout, /weir \d+\.\d+\.\d+/);
  });

  test('help explains and exits 0', async () => {
    const { code, stdout } = await runToEnd(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /run/);
    assert.match(stdout, /check/);
  });

  for (const args of [[], ['fly'], ['run', '--no-such-option'], ['check', 'too', 'many'], ['run', '--listen', ':8080'], ['run', '--to', '127.0.0.1:1']]) {
    test(`weir ${args.join(' ')} is wrong usage: exit 2`, async () => {
      const { code, stderr, stdout } = await runToEnd(args);
      assert.equal(code, 2, stderr + stdout);
      assert.notEqual(stderr, '');
    });
  }

  test('an empty --listen is a mistake, and no other config is taken instead', async () => {
    const { code, stderr } = await runToEnd(['run', '--listen', '', '--to', '127.0.0.1:1']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /--listen|address/);
  });

  test('too few open files for its workers are exit 3, with what is needed', async () => {
    const listeners = [{ address: `127.0.0.1:${await freePort()}` }];
    const config = { process: { workers: 8 }, listeners, pools: { app: { endpoints: ['127.0.0.1:1'] } }, routes: [{ pool: 'app' }] };
    const files = { 'weir.yaml': JSON.stringify(config) };
    const { code, stderr } = await runToEnd(['run', '-c', 'weir.yaml'], { files, before: 'ulimit -n 40' });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /only 40 open files are allowed, and 8 workers need 72/);
  });

  test('a config file that is not there is exit 3', async () => {
    const { code, stderr } = await runToEnd(['run', '-c', 'no-such.yaml']);
    assert.equal(code, 3);
    assert.match(stderr, /no-such\.yaml/);
  });
});

test('started without stdin and stdout, weir writes its lines to nobody, not into a descriptor of its own', async () => {
  const backend = await NodeBackend.start((_, response) => response.end('ok'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = {
    shutdown_grace: '0s',
    admin: { address: `127.0.0.1:${adminPort}` },
    listeners: [{ address: `127.0.0.1:${port}` }],
    pools: { app: { endpoints: [backend.address], health: 'off' } },
    routes: [{ pool: 'app' }],
  };
  const files = { 'weir.yaml': JSON.stringify(config) };
  const weir = await Weir.startWith(['run', '-c', 'weir.yaml'], { files, port, adminPort, redirections: '<&- >&-' });
  assert.equal((await weir.request({})).text(), 'ok');
  for (const fd of [0, 1]) assert.equal(await readlink(`/proc/${weir.child.pid}/fd/${fd}`), '/dev/null');
  await weir.stop();
  await backend.stop();
});

test('--tls-self-signed speaks TLS with a certificate made on the spot', async (t) => {
  const backend = await NodeBackend.start((request, response) => response.end(request.headers['x-forwarded-proto']));
  const port = await freePort();
  const weir = await Weir.startWith(['run', '--listen', `127.0.0.1:${port}`, '--to', backend.address, '--tls-self-signed'], { port });
  await until(() => weir.exit || / is ready/.test(weir.stderr), () => `weir to be ready; it said: ${weir.stderr}`);
  try {
    if (/admin: .*in use/.test(weir.stderr)) return t.skip('somebody has the admin port');
    const answer = await ask(port, { rejectUnauthorized: false });
    assert.equal(answer.body.toString(), 'https');
    assert.match(answer.shown, /DNS:localhost/);
    await weir.stop();
  } finally {
    await backend.stop();
  }
});

describe('ports that are taken', () => {
  const stage = new Stage();
  after(() => stage.stop());

  const config = (port, admin) => ({
    'weir.yaml': JSON.stringify({
      admin: { address: `127.0.0.1:${admin}` },
      listeners: [{ address: `127.0.0.1:${port}` }],
      pools: { app: { endpoints: ['127.0.0.1:1'], health: 'off' } },
      routes: [{ pool: 'app' }],
    }),
  });

  for (const workers of [1, 2]) {
    test(`a second weir on the port of one with ${workers} worker(s) is refused: exit 3, and the first goes on`, async () => {
      const backend = stage.own(await NodeBackend.start((_, response) => response.end('first')));
      const weir = stage.own(await Weir.start({ process: { workers }, pools: { app: [backend.address] } }));
      const { code, stderr } = await runToEnd(['run', '-c', 'weir.yaml'], { files: config(weir.port, await freePort()) });
      assert.equal(code, 3, stderr);
      assert.match(stderr, new RegExp(String(weir.port)));
      for (let i = 0; i < 10; i += 1) assert.equal((await weir.request({})).text(), 'first');
    });
  }

  test('somebody else on the port is refused too', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { code, stderr } = await runToEnd(['run', '-c', 'weir.yaml'], { files: config(server.address().port, await freePort()) });
    server.close();
    assert.equal(code, 3, stderr);
    assert.match(stderr, /in use/i);
  });

  test('an admin port that is taken is exit 3', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { code, stderr } = await runToEnd(['run', '-c', 'weir.yaml'], { files: config(await freePort(), server.address().port) });
    server.close();
    assert.equal(code, 3, stderr);
  });

  test('a port is free again as soon as weir has ended', async () => {
    const backend = stage.own(await NodeBackend.start((_, response) => response.end('ok')));
    const port = await freePort();
    for (let i = 0; i < 3; i += 1) {
      const weir = await Weir.start({ listeners: [{ name: 'main', address: `127.0.0.1:${port}` }], pools: { app: [backend.address] } });
      assert.equal((await weir.request({})).text(), 'ok');
      await weir.stop();
    }
  });
});

describe('weir without a config file', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('run --listen --to serves the endpoints in turn', async (t) => {
    const one = stage.own(await NodeBackend.start((_, response) => response.end('one')));
    const two = stage.own(await NodeBackend.start((_, response) => response.end('two')));
    const weir = await quickStart(`${one.address},${two.address}`);
    if (weir === null) return t.skip(`somebody else has port ${QUICK_START_ADMIN}, which can not be chosen without a config`);
    stage.own(weir);
    const got = [];
    for (let i = 0; i < 4; i += 1) got.push((await weir.request({})).text());
    assert.deepEqual(got.sort(), ['one', 'one', 'two', 'two']);
  });
});

/** weir without a config file, once nobody has its admin port; null if that does not come to pass. */
async function quickStart(to) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const port = await freePort();
    const weir = await Weir.startWith(['run', '--listen', `127.0.0.1:${port}`, '--to', to], { port, adminPort: QUICK_START_ADMIN }).catch((error) => error);
    if (weir instanceof Weir) return weir;
    if (!/"code":3/.test(weir.message)) throw weir;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}
