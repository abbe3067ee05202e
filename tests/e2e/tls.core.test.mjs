// TLS with clients: what is agreed on with those there are, which certificate is shown, whose certificates are good, what
// is resumed where, and what backends and logs are told.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Authority } from '../support/certificates.mjs';
import { within } from '../support/deadline.mjs';
import { NodeBackend, sha256 } from '../support/node_backend.mjs';
import { ask } from '../support/tls_client.mjs';
import { Stage, Weir } from '../support/weir.mjs';
import { Wire } from '../support/wire.mjs';

const run = promisify(execFile);

describe('TLS with clients', () => {
  const stage = new Stage();
  let authority;
  let clients;
  let backend;
  let weir;
  let ca;
  let member;
  let stranger;

  before(async () => {
    [authority, clients] = await Promise.all([Authority.make(), Authority.make('of clients')]);
    const others = await Authority.make('of others');
    const [shop, shopRsa, wild] = await Promise.all([
      authority.sign(['shop.example', '127.0.0.1']),
      authority.sign(['shop.example', '127.0.0.1'], { kind: 'rsa' }),
      authority.sign(['*.apps.example']),
    ]);
    [member, stranger] = await Promise.all([clients.sign(['member'], { usage: 'clientAuth' }), others.sign(['stranger'], { usage: 'clientAuth' })]);
    ca = authority.cert;
    backend = stage.own(await NodeBackend.start());
    const certificates = [{ cert: 'shop.pem', key: 'shop.key' }, { cert: 'rsa.pem', key: 'rsa.key' }, { cert: 'wild.pem', key: 'wild.key' }];
    weir = stage.own(
      await Weir.start({
        files: {
          'shop.pem': shop.cert, 'shop.key': shop.key, 'rsa.pem': shopRsa.cert, 'rsa.key': shopRsa.key, 'wild.pem': wild.cert, 'wild.key': wild.key,
          'clients.pem': clients.cert, 'k1.bin': randomBytes(80), 'k2.bin': randomBytes(80),
        },
        listeners: [
          { name: 'open', tls: { certificates, ticket_keys: ['k1.bin', 'k2.bin'] } },
          { name: 'members', tls: { certificates, client_auth: 'required', client_ca: 'clients.pem', ticket_keys: ['k1.bin', 'k2.bin'] } },
          { name: 'guests', tls: { certificates, client_auth: 'optional', client_ca: 'clients.pem', ticket_keys: ['k1.bin', 'k2.bin'] } },
          { name: 'modern', tls: { certificates, profile: 'modern' } },
          { name: 'plain', redirect_to_https: true },
          { name: 'other', redirect_to_https: 443 },
        ],
        pools: { app: [backend.address] },
      }),
    );
  });
  after(() => stage.stop());

  const open = (options = {}) => ask(weir.ports.open, { ca, servername: 'shop.example', ...options });

  test('a request passes, and the backend learns that it came by https', async () => {
    const answer = await open({ headers: { host: 'shop.example', 'x-client-cert-subject': 'CN=root', 'X_Client_Cert_Verify': 'SUCCESS', 'x-forwarded-proto': 'ftp' }, path: '/seen' });
    assert.equal(answer.status, 200);
    assert.equal(answer.version, 'TLSv1.3');
    const { headers } = JSON.parse(answer.body);
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.equal(headers['x-forwarded-port'], String(weir.ports.open));
    assert.match(headers.forwarded, /;proto=https$/);
    assert.deepEqual(Object.keys(headers).filter((name) => /client.cert/.test(name)), []);
    assert.equal((await weir.logged('/seen')).tls, 'TLSv1.3');
  });

  test('TLS 1.2 and 1.3 are spoken, and nothing older', async () => {
    assert.equal((await open({ maxVersion: 'TLSv1.2', path: '/old' })).version, 'TLSv1.2');
    assert.equal((await weir.logged('/old')).tls, 'TLSv1.2');
    await assert.rejects(open({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    await assert.rejects(ask(weir.ports.modern, { ca, servername: 'shop.example', maxVersion: 'TLSv1.2' }));
    assert.equal((await ask(weir.ports.modern, { ca, servername: 'shop.example' })).version, 'TLSv1.3');
  });

  test('the certificate is of the name that was asked for, and of a kind that the client takes', async () => {
    assert.match((await open()).shown, /DNS:shop.example/);
    assert.match((await ask(weir.ports.open, { ca, servername: 'a.apps.example' })).shown, /\*\.apps\.example/);
    assert.match((await ask(weir.ports.open, { ca })).shown, /shop\.example/); // by address, without a name
    const authenticated = async (sigalgs) => (await open({ maxVersion: 'TLSv1.2', sigalgs })).cipher;
    assert.match(await authenticated('ECDSA+SHA256'), /ECDHE_ECDSA/);
    assert.match(await authenticated('RSA-PSS+SHA256:RSA+SHA256'), /ECDHE_RSA/);
  });

  test('bodies of any length pass in both directions', async () => {
    const body = randomBytes(3_000_000);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      const seen = JSON.parse((await open({ method: 'POST', body, maxVersion })).body);
      assert.equal(seen.sha256, sha256(body));
    }
  });

  test('ALPN chooses http/1.1, and refuses who speaks none of ours', async () => {
    assert.equal((await open({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
    assert.equal((await open()).alpn, false);
    await assert.rejects(open({ ALPNProtocols: ['h2'] }), /no application protocol|alert/i);
  });

  test('sessions are resumed', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
      const first = await open({ maxVersion });
      assert.equal(first.resumed, false);
      const second = await open({ maxVersion, session: first.ticket });
      assert.equal(second.resumed, true);
      if (maxVersion === 'TLSv1.2') continue;
      assert.equal((await open({ session: second.ticket })).resumed, true); // each connection brought a ticket
    }
    const metrics = await weir.metrics();
    assert.ok(metrics.sum('weir_tls_resumed_total', { listener: 'open', version: 'TLSv1.3' }) >= 1);
    assert.ok(metrics.sum('weir_tls_handshakes_total', { listener: 'open', version: 'TLSv1.2', result: 'ok' }) >= 2);
  });

  test('a session of an open listener is not resumed where a certificate is asked for, though the ticket keys are the same', async () => {
    const { ticket } = await open();
    assert.equal((await open({ session: ticket })).resumed, true);
    const guest = await ask(weir.ports.guests, { ca, servername: 'shop.example', session: ticket, headers: { host: 'shop.example' } });
    assert.equal(guest.resumed, false);
    await assert.rejects(ask(weir.ports.members, { ca, servername: 'shop.example', session: ticket, headers: { host: 'shop.example' } }));
    const shown = await ask(weir.ports.members, { ca, servername: 'shop.example', headers: { host: 'shop.example' }, ...member });
    assert.equal((await ask(weir.ports.members, { ca, servername: 'shop.example', headers: { host: 'shop.example' }, session: shown.ticket, ...member })).resumed, true);
    assert.equal((await open({ session: shown.ticket })).resumed, false);
  });

  test('client_auth lets in who has a good certificate, or where it is optional none', async () => {
    const host = { host: 'shop.example' };
    const at = (listener, who) => ask(weir.ports[listener], { ca, servername: 'shop.example', headers: host, ...who });
    assert.equal((await at('members', member)).status, 200);
    await assert.rejects(at('members', {}));
    await assert.rejects(at('members', stranger));
    assert.equal((await at('guests', member)).status, 200);
    assert.equal((await at('guests', {})).status, 200);
    await assert.rejects(at('guests', stranger));
    const metrics = await weir.metrics();
    assert.ok(metrics.sum('weir_tls_handshakes_total', { listener: 'members', result: 'failed' }) >= 2);
    assert.match(weir.stderr, /TLS handshake with 127.0.0.1 failed on listener (members|open|modern|guests): /);
  });

  test('a Host that the certificate does not cover is misdirected where client_auth is on', async () => {
    const at = (listener, host) => ask(weir.ports[listener], { ca, servername: 'shop.example', headers: { host }, ...member });
    assert.equal((await at('members', 'a.apps.example')).status, 421);
    assert.equal((await at('members', 'shop.example:8443')).status, 200);
    assert.equal((await at('members', '127.0.0.1')).status, 200);
    assert.equal((await at('open', 'a.apps.example')).status, 200);
  });

  test('redirect_to_https answers everything with 308 to the same place over https', async () => {
    const from = async (listener, target, host = 'Shop.Example:8080') => {
      const wire = await weir.connect(weir.ports[listener]);
      const answer = await wire.ask(`POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      wire.close();
      return [answer.status, answer.get('location')];
    };
    assert.deepEqual(await from('plain', '/a%20b?c=d'), [308, `https://shop.example:${weir.ports.open}/a%20b?c=d`]);
    assert.deepEqual(await from('other', '/'), [308, 'https://shop.example/']);
    assert.deepEqual(await from('other', '/x', '[::1]:80'), [308, 'https://[::1]/x']);
  });

  test('who speaks plain HTTP to a port of TLS is told so', async () => {
    const wire = await weir.connect(weir.ports.open);
    const answer = await wire.ask('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    assert.equal(answer.status, 400);
    assert.match(answer.text(), /TLS/);
    wire.close();
  });

  test('a client that stops in the middle of its handshake is cut off without a word', async () => {
    const slow = stage.own(await Weir.start({
      files: { 'self.pem': member.cert, 'self.key': member.key },
      listeners: [{ name: 'slow', limits: { header_timeout: '300ms' }, tls: { certificates: [{ cert: 'self.pem', key: 'self.key' }] } }],
      pools: { app: [backend.address] },
    }));
    const socket = net.connect(slow.port, '127.0.0.1');
    let came = 0;
    socket.on('data', (bytes) => (came += bytes.length));
    socket.write(Buffer.from([22, 3, 1, 2]));
    await within(once(socket, 'close'), 'the connection to be closed');
    assert.equal(came, 0);
    const shaken = tls.connect({ port: slow.port, host: '127.0.0.1', rejectUnauthorized: false });
    await within(once(shaken, 'close'), 'the connection to be closed');
  });

  test('an answer until the close ends with close_notify', async () => {
    const wire = await Wire.connect(weir.ports.open, { secure: true });
    assert.equal((await wire.ask('GET / HTTP/1.0\r\nHost: shop.example\r\n\r\n')).status, 200);
    assert.equal((await wire.readEnd()).how, 'fin');
    wire.close();
  });

  test('curl and openssl agree with it', async () => {
    await writeFile(path.join(weir.folder, 'ca.pem'), ca);
    const to = ['--cacert', path.join(weir.folder, 'ca.pem'), '--connect-to', `shop.example:443:127.0.0.1:${weir.ports.open}`];
    const { stdout } = await run('curl', ['-s', '-w', '%{http_code} %{http_version} %{ssl_verify_result}', '-o', path.join(weir.folder, 'out'), ...to, 'https://shop.example/']);
    assert.equal(stdout, '200 1.1 0');
    const session = path.join(weir.folder, 'session');
    for (const version of ['-tls1_2', '-tls1_3']) {
      const client = ['s_client', version, '-connect', `127.0.0.1:${weir.ports.open}`, '-servername', 'shop.example', '-CAfile', path.join(weir.folder, 'ca.pem')];
      const talk = (more) => run('sh', ['-c', `{ printf 'GET / HTTP/1.0\\r\\n\\r\\n'; sleep 0.3; } | openssl "$@"`, 'sh', ...client, ...more]);
      assert.match((await talk(['-sess_out', session])).stdout, /New, TLSv1\.[23][^]*Verify return code: 0/);
      assert.match((await talk(['-sess_in', session])).stdout, /Reused, TLSv1\.[23]/);
    }
  });

  test('sslscan finds nothing that the intermediate profile does not allow', async () => {
    const { stdout } = await run('sslscan', ['--no-colour', `--sni-name=shop.example`, `127.0.0.1:${weir.ports.open}`], { timeout: 60_000 });
    for (const version of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']) assert.match(stdout, new RegExp(`${version} +disabled`));
    for (const version of ['TLSv1.2', 'TLSv1.3']) assert.match(stdout, new RegExp(`${version} +enabled`));
    assert.match(stdout, /Server supports TLS Fallback SCSV/);
    assert.match(stdout, /renegotiation not supported|Secure session renegotiation supported/);
    const ciphers = [...stdout.matchAll(/^(?:Preferred|Accepted) +TLSv1\.[23] +\d+ bits +(?:0x\w+ +)?(\S+)/gm)].map(([, name]) => name);
    assert.ok(ciphers.length >= 9, stdout);
    for (const cipher of ciphers) assert.match(cipher, /^(TLS_(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305_SHA256)|ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305))$/);
    assert.match(stdout, /not vulnerable to heartbleed/);
  });
});
