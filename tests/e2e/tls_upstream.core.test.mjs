// TLS to backends: whom weir believes, whom it asks for, what it shows, and what it says when a backend is not who it
// should be.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';
import { Authority } from '../support/certificates.mjs';
import { until } from '../support/deadline.mjs';
import { NodeBackend, sha256 } from '../support/node_backend.mjs';
import { secureBackend } from '../support/secure_backend.mjs';
import { Stage, Weir, runToEnd } from '../support/weir.mjs';

/** A backend of raw bytes: `talk(socket, below)` decides; what TLS is spoken over is `below`. */
async function rawBackend(stage, identity, talk) {
  const server = net.createServer((below) => {
    const socket = new tls.TLSSocket(below, { isServer: true, cert: identity.cert, key: identity.key });
    socket.on('error', () => {});
    talk(socket, below);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.own({ stop: () => server.close() });
  return `127.0.0.1:${server.address().port}`;
}

describe('TLS to backends', () => {
  const stage = new Stage();
  const backends = {};
  let weir;
  let authority;

  before(async () => {
    authority = await Authority.make();
    const strangers = await Authority.make('nobody we know');
    const [byAddress, byName, expired, unknown, member] = await Promise.all([
      authority.sign(['127.0.0.1']),
      authority.sign(['api.internal']),
      authority.sign(['127.0.0.1'], { days: -2 }),
      strangers.sign(['127.0.0.1']),
      authority.sign(['weir'], { usage: 'clientAuth' }),
    ]);
    backends.good = stage.own(await secureBackend(byAddress));
    backends.named = stage.own(await secureBackend(byName));
    backends.expired = stage.own(await secureBackend(expired));
    backends.unknown = stage.own(await secureBackend(unknown));
    backends.old = stage.own(await secureBackend(byAddress, { maxVersion: 'TLSv1.2' }));
    backends.ancient = stage.own(await secureBackend(byAddress, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    backends.asking = stage.own(await secureBackend(byAddress, { ca: authority.cert, requestCert: true, rejectUnauthorized: true }));
    backends.plain = stage.own(await NodeBackend.start());
    const cut = await rawBackend(stage, byAddress, (socket, below) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of it', () => below.end()));
    });
    const whole = await rawBackend(stage, byAddress, (socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it'));
    });
    const ca = { ca: 'ca.pem' };
    const pools = {
      good: { endpoints: [backends.good.address], tls: ca },
      named: { endpoints: [backends.named.address], tls: { ...ca, server_name: 'api.internal' } },
      misnamed: { endpoints: [backends.named.address], tls: ca },
      expired: { endpoints: [backends.expired.address], tls: ca },
      unknown: { endpoints: [backends.unknown.address], tls: ca },
      trusting: { endpoints: [backends.unknown.address], tls: { verify: false } },
      system: { endpoints: [backends.good.address], tls: {} },
      old: { endpoints: [backends.old.address], tls: ca },
      ancient: { endpoints: [backends.ancient.address], tls: ca },
      shown: { endpoints: [backends.asking.address], tls: { ...ca, cert: 'me.pem', key: 'me.key' } },
      unshown: { endpoints: [backends.asking.address], tls: ca },
      plain: { endpoints: [backends.plain.address], tls: ca },
      cut: { endpoints: [cut], tls: ca },
      whole: { endpoints: [whole], tls: ca },
    };
    weir = stage.own(
      await Weir.start({
        files: { 'ca.pem': authority.cert, 'me.pem': member.cert, 'me.key': member.key },
        pools,
        routes: Object.keys(pools).map((name) => ({ name, pool: name, match: { path: `/${name}` } })),
      }),
    );
  });
  after(() => stage.stop());

  test('a request passes to a backend whose certificate is good, and its body with it', async () => {
    const body = Buffer.alloc(2_000_000, 'abcdefg');
    const answer = await weir.request({ path: '/good', method: 'POST', body });
    assert.equal(answer.status, 200);
    assert.equal(answer.json().sha256, sha256(body));
    const [shaken] = backends.good.handshakes;
    assert.deepEqual([shaken.version, shaken.alpn, shaken.name], ['TLSv1.3', 'http/1.1', false]); // an address is no name
  });

  test('a backend with another name is asked for by that name', async () => {
    assert.equal((await weir.request({ path: '/named' })).status, 200);
    assert.equal(backends.named.handshakes[0].name, 'api.internal');
  });

  test('a backend that is not who it should be is a 502 that says so, and a log line that says why', async () => {
    const rows = [
      ['misnamed', /IP address mismatch/i],
      ['expired', /certificate has expired/],
      ['unknown', /unable to get local issuer certificate|self-signed certificate/],
      ['system', /unable to get local issuer certificate|self-signed certificate/],
    ];
    for (const [pool, why] of rows) {
      const answer = await weir.request({ path: `/${pool}` });
      assert.equal(answer.status, 502);
      assert.match(answer.headers['proxy-status'], /error=tls_certificate_error/);
      assert.equal((await weir.logged(`/${pool}`)).outcome, 'tls_certificate_error');
      assert.match(weir.stderr.split('\n').filter((line) => line.includes(weir.config.pools[pool].endpoints[0])).join('\n'), why);
    }
    assert.ok((await weir.metrics()).sum('weir_exchanges_total', { outcome: 'tls_certificate_error' }) >= 4);
  });

  test('a backend with which nothing can be agreed on is a 502 too', async () => {
    for (const pool of ['ancient', 'plain']) {
      const answer = await weir.request({ path: `/${pool}` });
      assert.equal(answer.status, 502);
      assert.match(answer.headers['proxy-status'], /error=tls_protocol_error/);
    }
  });

  test('verify: false believes everybody, TLS 1.2 is spoken', async () => {
    assert.equal((await weir.request({ path: '/trusting' })).status, 200);
    assert.equal((await weir.request({ path: '/old' })).status, 200);
    assert.equal(backends.old.handshakes[0].version, 'TLSv1.2');
  });

  test('a backend that asks for a certificate is shown ours', async () => {
    assert.equal((await weir.request({ path: '/shown' })).status, 200);
    assert.equal(backends.asking.handshakes[0].shown, 'weir');
    assert.equal((await weir.request({ path: '/unshown' })).status, 502);
  });

  test('sessions are resumed', async () => {
    for (let i = 0; i < 3; i += 1) {
      await weir.request({ path: '/good' });
      backends.good.server.closeIdleConnections();
      await weir.metricBecomes('weir_upstream_connections', { pool: 'good' }, 0);
    }
    assert.ok(backends.good.handshakes.some(({ resumed }) => resumed));
  });

  test('an answer until the close is whole only with close_notify', async () => {
    assert.equal((await weir.request({ path: '/whole' })).text(), 'all of it');
    const cut = await weir.request({ path: '/cut' }).catch(() => null); // cut too, or a 502 where nothing had left yet
    assert.ok(cut === null || cut.status === 502);
    assert.equal((await weir.logged('/cut')).outcome, 'http_response_incomplete');
  });

  test('a backend that stops in the middle of its handshake is a time-out of connecting', async () => {
    const silent = net.createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const slow = stage.own(await Weir.start({ pools: { app: { endpoints: [`127.0.0.1:${silent.address().port}`], connect_timeout: '300ms', tls: { verify: false } } } }));
    assert.equal((await slow.request({ path: '/' })).status, 504);
    assert.equal((await slow.logged('/')).outcome, 'connection_timeout');
    silent.close();
  });

  test('weir check says what is wrong with the files', async () => {
    const check = (tlsKeys) => runToEnd(['check', '-c', 'w.yaml'], {
      files: { 'ca.pem': authority.cert, 'w.yaml': `listeners: [ { address: ":18443" } ]\npools:\n  app:\n    endpoints: [ "127.0.0.1:3000" ]\n    health: off\n    tls: ${tlsKeys}\nroutes: [ { pool: app } ]\n` },
    });
    const rows = [
      ['{}', 0, /^$/],
      ['{ ca: ca.pem }', 0, /^$/],
      ['{ ca: none.pem }', 3, /^w\.yaml:6:16: error: pools\.app\.tls\.ca: none\.pem: No such file or directory\n$/],
      ['{ cert: ca.pem }', 1, /error: pools\.app\.tls\.cert: .*key/],
      ['{ cert: ca.pem, key: ca.pem }', 1, /error: pools\.app\.tls\.cert: ca\.pem: the key is no private key in PEM/],
    ];
    for (const [keys, code, said] of rows) {
      const result = await check(keys);
      assert.deepEqual([keys, result.code], [keys, code], result.stderr);
      assert.match(result.stderr, said);
    }
  });
});
