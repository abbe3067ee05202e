// The files of TLS: read again when they change, shared by a fleet, and told about before anything starts.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { Authority } from '../support/certificates.mjs';
import { until } from '../support/deadline.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { ask } from '../support/tls_client.mjs';
import { Stage, Weir, runToEnd } from '../support/weir.mjs';

describe('the files of TLS', () => {
  const stage = new Stage();
  let authority;
  let backend;

  before(async () => {
    authority = await Authority.make();
    backend = stage.own(await NodeBackend.start());
  });
  after(() => stage.stop());

  const config = (files, more = {}) => ({
    files,
    listeners: [{ name: 'in', tls: { certificates: [{ cert: 'a.pem', key: 'a.key' }], ...more } }],
    pools: { app: [backend.address] },
  });
  const shown = async (weir) => (await ask(weir.port, { ca: authority.cert, servername: 'a.example', checkServerIdentity: () => undefined })).shown;

  test('new files are taken while connections go on, and bad ones are not', async () => {
    const [first, second] = await Promise.all([authority.sign(['a.example', 'first.example']), authority.sign(['a.example', 'second.example'])]);
    const weir = stage.own(await Weir.start(config({ 'a.pem': first.cert, 'a.key': first.key })));
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const again = () => ask(weir.port, { ca: authority.cert, servername: 'a.example', agent });
    await again();
    assert.match(await shown(weir), /first/);

    const put = async (name, text) => {
      await writeFile(path.join(weir.folder, `${name}.new`), text);
      await rename(path.join(weir.folder, `${name}.new`), path.join(weir.folder, name));
    };
    await put('a.pem', second.cert); // of another key
    await until(() => /keeps the certificates it has: .*a\.pem: the key does not fit the certificate/.test(weir.stderr), () => `a warning in: ${weir.stderr}`);
    assert.match(await shown(weir), /first/);
    await put('a.pem', 'garbage');
    await until(() => /a\.pem: holds no certificate/.test(weir.stderr), () => `a warning in: ${weir.stderr}`);
    assert.match(await shown(weir), /first/);

    await put('a.pem', second.cert);
    await put('a.key', second.key);
    await until(() => /has read its certificates again/.test(weir.stderr), () => `the new certificate in: ${weir.stderr}`);
    await until(async () => /second/.test(await shown(weir)), 'the new certificate');
    assert.match((await again()).shown, /first/); // the connection of before
    agent.destroy();
  });

  test('with the same ticket_keys a session of one weir is resumed by another, and not with other ones', async () => {
    const { cert, key } = await authority.sign(['a.example']);
    const [old, fresh] = [randomBytes(80), randomBytes(80)];
    const start = async (files, names) => stage.own(await Weir.start(config({ 'a.pem': cert, 'a.key': key, ...files }, names && { ticket_keys: names })));
    const one = await start({ 'k1.bin': old }, ['k1.bin']);
    const two = await start({ 'k1.bin': fresh, 'k2.bin': old }, ['k1.bin', 'k2.bin']);
    const three = await start({}, undefined);
    const at = (weir, session) => ask(weir.port, { ca: authority.cert, servername: 'a.example', session });
    const { ticket } = await at(one);
    assert.equal((await at(two, ticket)).resumed, true);
    assert.equal((await at(three, ticket)).resumed, false);
    assert.equal((await at(one, (await at(two)).ticket)).resumed, false); // sealed by the newer key, which it has not
  });

  test('weir check and weir run say what is wrong with them, and where', async () => {
    const [good, other, old, soon] = await Promise.all([
      authority.sign(['a.example']), authority.sign(['b.example']), authority.sign(['a.example'], { days: -3 }), authority.sign(['a.example'], { days: 5 }),
    ]);
    const text = (certificate, more = '') => `listeners:
  - address: "127.0.0.1:18443"
    tls:
      certificates: [ ${certificate} ]
${more}pools: { app: { endpoints: [ "127.0.0.1:3000" ], health: off } }
routes: [ { pool: app } ]
`;
    const files = {
      'a.pem': good.cert, 'a.key': good.key, 'b.key': other.key, 'old.pem': old.cert, 'old.key': old.key, 'soon.pem': soon.cert, 'soon.key': soon.key,
      'short.bin': randomBytes(48),
    };
    const check = (yaml) => runToEnd(['check', '-c', 'w.yaml'], { files: { ...files, 'w.yaml': yaml } });
    const rows = [
      [text('{ cert: a.pem, key: a.key }'), 0, /^$/],
      [text('{ cert: none.pem, key: a.key }'), 3, /^w\.yaml:4:23: error: listeners\[0\]\.tls\.certificates\[0\]: none\.pem: No such file or directory\n$/],
      [text('{ cert: a.pem, key: b.key }'), 1, /^w\.yaml:4:23: error: listeners\[0\]\.tls\.certificates\[0\]: a\.pem: the key does not fit the certificate\n$/],
      [text('{ cert: a.key, key: a.key }'), 1, /a\.key: holds no certificate in PEM/],
      [text('{ cert: old.pem, key: old.key }'), 0, /^w\.yaml:4:23: warning: .*old\.pem: the certificate has expired\n$/],
      [text('{ cert: soon.pem, key: soon.key }'), 0, /warning: .*soon\.pem: the certificate expires in [45] days/],
      [text('{ cert: a.pem, key: a.key }', '      ticket_keys: [ short.bin ]\n'), 1, /^w\.yaml:5:22: error: .*ticket_keys\[0\]: short\.bin: has 48 bytes; expected the 80/],
      [text('{ cert: a.pem, key: a.key }', '      client_auth: required\n'), 1, /client_auth: needs `client_ca`/],
      [text('{ cert: a.pem, key: a.key }', '      client_auth: required\n      client_ca: none.pem\n'), 3, /w\.yaml:6:18: error: .*client_ca: none\.pem: No such file/],
      [text('{ cert: a.pem, key: a.key }', '      protocols: [ h2, http/1.1 ]\n'), 1, /HTTP\/2 is not spoken yet/],
    ];
    for (const [yaml, code, said] of rows) {
      const result = await check(yaml);
      assert.deepEqual([result.code, yaml], [code, yaml]);
      assert.match(result.stderr, said);
    }
    const started = await runToEnd(['run', '-c', 'w.yaml'], { files: { ...files, 'w.yaml': text('{ cert: a.pem, key: b.key }') } });
    assert.equal(started.code, 1);
    assert.match(started.stderr, /the key does not fit the certificate/);
  });

  test('paths of files are relative to the file they stand in', async () => {
    const { cert, key } = await authority.sign(['a.example']);
    const yaml = `listeners: [ { address: ":18443", tls: { certificates: [ { cert: ../w.pem, key: ../w.key } ] } } ]\npools: { app: { endpoints: [ "127.0.0.1:3000" ], health: off } }\nroutes: [ { pool: app } ]\n`;
    const result = await runToEnd(['check', '-c', 'etc/weir.yaml'], { files: { 'w.pem': cert, 'w.key': key, 'all.yaml': yaml }, before: 'mkdir etc; cp all.yaml etc/weir.yaml' });
    assert.deepEqual([result.code, result.stderr], [0, '']);
  });
});
