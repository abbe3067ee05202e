// weir check and the config file: what is right passes, every mistake is told with its place, and nothing unknown is
// accepted in silence.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { runToEnd } from '../support/weir.mjs';

const SMALLEST = `listeners: [ { address: ":8080" } ]
pools:     { app: { endpoints: [ "127.0.0.1:3000", "127.0.0.1:3001" ] } }
routes:    [ { pool: app } ]
`;

const EVERYTHING = `process: { workers: 2 }
shutdown_timeout: 30s
shutdown_grace: 2s
admin: { address: "127.0.0.1:9180" }
log: { level: info, format: json, access: { to: stdout } }
trusted_proxies: [ 10.0.0.0/8, "fd00::/8", 192.168.1.1 ]
listeners:
  - name: public
    address: ":8080"
    backlog: 4096
    limits:
      header_bytes: 32KiB
      headers: 100
      header_timeout: 10s
      body_timeout: 30s
      keepalive_timeout: 75s
pools:
  app:
    endpoints:
      - 10.0.0.11:3000
      - { address: "10.0.0.12:3000", name: two }
      - "[::1]:3000"
    health: off
    connect_timeout: 1s
    response_timeout: 60s
    read_timeout: 60s
    header_bytes: 64KiB
    connections: { idle: 64, idle_timeout: 60s }
routes:
  - name: api
    match: { host: shop.example.com, path: /api }
    pool: app
    timeout: 0s
  - match: { host: [ "*.example.com", other.example ] }
    pool: app
`;

const BENCH = `process: { workers: 1 }
admin: { address: "127.0.0.1:19601" }
log: { level: error, access: { to: "off" } }
listeners:
  - address: "127.0.0.1:19101"
    limits: { keepalive_timeout: 10m }
pools:
  b:
    endpoints: [ "127.0.0.1:19000" ]
    health: "off"
    connections: { idle: 10000 }
routes:
  - pool: b
`;

const check = (text) => runToEnd(['check', '-c', 'weir.yaml'], { files: { 'weir.yaml': text } });

describe('weir check of a good config', () => {
  for (const [name, text] of [['the smallest', SMALLEST], ['every key', EVERYTHING], ['off in quotes', BENCH]]) {
    test(`${name} exits 0 and complains of nothing`, async () => {
      const { code, stderr } = await check(text);
      assert.equal(stderr, '');
      assert.equal(code, 0);
    });
  }
});

// [what is wrong, config, where it is told, what is told]
const MISTAKES = [
  ['an unknown key', SMALLEST + 'listener: []\n', /^weir\.yaml:4:1: error: .*listener/m, /did you mean .?listeners/],
  ['an unknown key far inside', EVERYTHING.replace('headers: 100', 'haeders: 100'), /^weir\.yaml:13:7: error: .*haeders/m, /headers/],
  ['a key of a later release', EVERYTHING.replace('health: off', 'slow_start: 1s'), /^weir\.yaml:23:5: error: .*slow_start/m, /unknown/],
  ['a duplicate key', 'shutdown_grace: 1s\n' + SMALLEST + 'shutdown_grace: 2s\n', /^weir\.yaml:5:1: error: /m, /shutdown_grace/],
  ['a pool that is not there', SMALLEST.replace('pool: app', 'pool: ap'), /^weir\.yaml:3:22: error: .*pool/m, /app/],
  ['a duration that is none', EVERYTHING.replace('30s\nshutdown_grace', '30\nshutdown_grace'), /^weir\.yaml:2:19: error: shutdown_timeout/m, /30s|duration/],
  ['a size that is none', EVERYTHING.replace('32KiB', '32 bananas'), /^weir\.yaml:12:21: error: .*header_bytes/m, /size|KiB/],
  ['an address without a port', SMALLEST.replace('127.0.0.1:3001', '127.0.0.1'), /^weir\.yaml:2:\d+: error: .*endpoints/m, /port/],
  ['an address used twice', SMALLEST.replace('127.0.0.1:3001', '127.0.0.1:3000'), /^weir\.yaml:2:\d+: error: /m, /twice|already|duplicate/],
  ['a listener address used twice', SMALLEST.replace('[ { address: ":8080" } ]', '[ { address: ":8080" }, { address: ":8080" } ]'), /^weir\.yaml:1:\d+: error: /m, /8080/],
  ['a path without its slash', EVERYTHING.replace('path: /api', 'path: api'), /^weir\.yaml:31:\d+: error: .*path/m, /\//],
  ['two routes that match the same', SMALLEST.replace('[ { pool: app } ]', '[ { pool: app }, { name: two, pool: app } ]'), /^weir\.yaml:3:\d+: error: /m, /match/],
  ['a word where a number is wanted', EVERYTHING.replace('workers: 2', 'workers: many'), /^weir\.yaml:1:21: error: process\.workers/m, /auto/],
  ['a level that is none', EVERYTHING.replace('level: info', 'level: loud'), /^weir\.yaml:5:15: error: log\.level/m, /info/],
  ['a network that is none', EVERYTHING.replace('10.0.0.0/8', '10.0.0.0/99'), /^weir\.yaml:6:\d+: error: trusted_proxies/m, /10\.0\.0\.0\/99/],
  ['no listeners', SMALLEST.split('\n').slice(1).join('\n'), /^weir\.yaml:\d+:\d+: error: .*listeners/m, /listeners/],
  ['no routes', SMALLEST.split('\n').slice(0, 2).join('\n') + '\n', /^weir\.yaml:\d+:\d+: error: .*routes/m, /routes/],
  ['a second document', SMALLEST + '---\n' + SMALLEST, /^weir\.yaml:4:1: error: /m, /document/],
  ['a tab', SMALLEST + 'log:\n\tlevel: info\n', /^weir\.yaml:5:\d+: error: /m, /tab/i],
  ['broken YAML', 'listeners: [ { address: ":8080" }\n', /^weir\.yaml:\d+:\d+: error: /m, /./],
  ['a merge key', SMALLEST + 'admin: { <<: { address: ":1" } }\n', /^weir\.yaml:4:\d+: error: /m, /merge|<</],
  ['an empty file', '', /^weir\.yaml:\d+:\d+: error: /m, /listeners/],
];

describe('weir check of a bad config', () => {
  for (const [name, text, place, what] of MISTAKES) {
    test(`${name} exits 1 and is told with its place`, async () => {
      const { code, stderr } = await check(text);
      assert.equal(code, 1, stderr);
      assert.match(stderr, place);
      assert.match(stderr, what);
    });
  }

  test('all mistakes are told at once', async () => {
    const { code, stderr } = await check(EVERYTHING.replace('workers: 2', 'workers: -1').replace('/api', 'api').replace('level: info', 'level: loud'));
    assert.equal(code, 1);
    assert.equal(stderr.match(/: error: /g).length, 3, stderr);
  });

  test('no file is exit 3', async () => {
    const { code, stderr } = await runToEnd(['check', '-c', 'no-such.yaml']);
    assert.equal(code, 3);
    assert.match(stderr, /no-such\.yaml/);
  });

  test('weir run refuses it with the same words and exit 1', async () => {
    const files = { 'weir.yaml': SMALLEST + 'listener: []\n' };
    const { code, stderr } = await runToEnd(['run', '-c', 'weir.yaml'], { files });
    assert.equal(code, 1);
    assert.match(stderr, /weir\.yaml:4:1: error: /);
  });

  test('weir dump prints a config that weir check takes, and that is its own dump', async () => {
    const dump = async (text) => runToEnd(['dump', '-c', 'weir.yaml'], { files: { 'weir.yaml': text } });
    const first = await dump(SMALLEST);
    assert.equal(first.code, 0);
    assert.equal(first.stderr, '');
    assert.match(first.stdout, /^process:\n {2}workers: auto\n/);
    assert.equal((await check(first.stdout)).code, 0);
    assert.equal((await dump(first.stdout)).stdout, first.stdout);
    const full = await runToEnd(['dump', '-c', 'weir.yaml'], { files: { 'weir.yaml': SMALLEST }, before: 'exec >/dev/full' });
    assert.equal(full.code, 3);
    assert.match(full.stderr, /could not be written: No space left/);
    const wrong = await dump(SMALLEST + 'listener: []\n');
    assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
    assert.match(wrong.stderr, /^weir\.yaml:4:1: error: listener: unknown key/m);
  });

  test('${NAME} is what the environment says, and a variable that is not there is told', async () => {
    const files = { 'weir.yaml': SMALLEST.replace('":8080"', '"${WEIR_ADDRESS}"') };
    const args = ['check', '-c', 'weir.yaml'];
    assert.equal((await runToEnd(args, { files, env: { WEIR_ADDRESS: ':8081' } })).code, 0);
    const wrong = await runToEnd(args, { files, env: { WEIR_ADDRESS: 'nowhere' } });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^weir\.yaml:1:25: error: listeners\[0\]\.address: "nowhere"/m);
    const missing = await runToEnd(args, { files });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^weir\.yaml:1:25: error: listeners\[0\]\.address: the environment has no WEIR_ADDRESS; set it/m);
  });
});
