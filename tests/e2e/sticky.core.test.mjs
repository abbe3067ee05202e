// Where clients go: by weight, by address, by their cookie; over workers, over a restart, and through a second weir.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../support/deadline.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { OVER_TLS } from '../support/secure.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';

async function startBackends(stage, count) {
  const backends = [];
  for (let i = 0; i < count; i += 1) backends.push(stage.own(await NodeBackend.start((_, response) => response.end(String(i)))));
  return backends;
}

const named = (backends, more = () => ({})) => backends.map(({ address }, i) => ({ address, name: `app-${i}`, ...more(i) }));
const COOKIE = OVER_TLS ? /^weir_app=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/ : /^weir_app=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/;
const cookieOf = (answer) => answer.headers['set-cookie']?.[0].split(';')[0];

describe('a client with a sticky cookie', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('stays on its process over workers, a restart of weir, and through a second weir of the same config', async () => {
    const backends = await startBackends(stage, 3);
    const settings = { process: { workers: 2 }, pools: { app: { endpoints: named(backends), sticky: { cookie: 'weir_app' } } } };
    const first = stage.own(await Weir.start(settings));
    const cookies = [];
    for (let i = 0; i < 3; i += 1) {
      const answer = await first.request({});
      const cookie = cookieOf(answer);
      assert.match(answer.headers['set-cookie'][0], COOKIE);
      cookies[Number(answer.text())] = cookie;
    }
    assert.equal(new Set(cookies).size, 3);
    const second = stage.own(await Weir.start(settings));
    const stays = async (weir) => {
      for (let i = 0; i < 12; i += 1) {
        const answer = await weir.request({ headers: { Cookie: cookies[i % 3] } });
        assert.equal(answer.text(), String(i % 3));
        assert.equal(answer.headers['set-cookie'], undefined);
      }
    };
    await stays(first);
    await stays(second);
    await first.stop();
    const again = stage.own(await Weir.start(settings));
    await stays(again);
  });

  test('with a secret of its own the cookie is another one, the same for all who have the file', async () => {
    const backends = await startBackends(stage, 1);
    const folder = await mkdtemp(path.join(tmpdir(), 'weir-e2e-'));
    const cookies = [];
    for (const secret of ['0123456789abcdef\n', '0123456789abcdef', 'another secret of 24 bytes']) {
      const file = path.join(folder, `key-${cookies.length}`);
      await writeFile(file, secret);
      const weir = await Weir.start({ pools: { app: { endpoints: named(backends), sticky: { cookie: 'id', secret_file: file } } } });
      cookies.push(cookieOf(await weir.request({})));
      await weir.stop();
    }
    await rm(folder, { recursive: true });
    assert.equal(cookies[0], cookies[1]);
    assert.notEqual(cookies[1], cookies[2]);
  });

  test('the quick start keeps clients too', async (t) => {
    const backends = await startBackends(stage, 2);
    const port = await freePort();
    const weir = await Weir.startWith(['run', '--listen', `127.0.0.1:${port}`, '--to', backends.map(({ address }) => address).join(','), '--sticky'], { port });
    await until(() => weir.exit || / is ready/.test(weir.stderr), () => `weir to be ready; it said: ${weir.stderr}`);
    if (/admin: .*in use/.test(weir.stderr)) return t.skip('somebody has the admin port');
    const first = await weir.request({});
    for (let i = 0; i < 4; i += 1) assert.equal((await weir.request({ headers: { Cookie: cookieOf(first) } })).text(), first.text());
    await weir.stop();
  });
});

describe('endpoints of other shares', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('weights are exact over many connections and two workers, and a backup is not asked', async () => {
    const backends = await startBackends(stage, 3);
    const endpoints = named(backends, (i) => [{ weight: 3 }, {}, { backup: true }][i]);
    const weir = stage.own(await Weir.start({ process: { workers: 2 }, pools: { app: { endpoints } } }));
    await Promise.all(Array.from({ length: 40 }, () => weir.request({})));
    assert.deepEqual(backends.map(({ seen }) => seen.length), [30, 10, 0]);
  });

  test('ip_hash keeps an address on one endpoint, and spreads addresses over all', async () => {
    const backends = await startBackends(stage, 3);
    const weir = stage.own(await Weir.start({ trusted_proxies: ['127.0.0.0/8'], process: { workers: 2 }, pools: { app: { endpoints: named(backends), balance: 'ip_hash' } } }));
    const used = new Set();
    for (let client = 1; client <= 20; client += 1) {
      const answers = new Set();
      for (let i = 0; i < 3; i += 1) answers.add((await weir.request({ headers: { 'X-Forwarded-For': `10.1.2.${client}` } })).text());
      assert.equal(answers.size, 1);
      used.add([...answers][0]);
    }
    assert.equal(used.size, 3);
  });
});
