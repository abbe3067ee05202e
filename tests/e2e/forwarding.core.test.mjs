// What weir tells a backend about the client, whom it believes, and the headers that end at a hop.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { SCHEME, TO_WEIR } from '../support/secure.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const SPOOFED = [
  'X-Forwarded-For: 203.0.113.9',
  'X-Forwarded-For: 203.0.113.10',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Port: 1',
  'X-Real-IP: 203.0.113.9',
  'Forwarded: for=203.0.113.9;proto=https;host=evil.example',
  'X-Request-Id: spoofed',
];

class Seen {
  constructor(backend, weir) {
    Object.assign(this, { backend, weir });
  }

  /** The request as the backend gets it, and the answer to the client. */
  async of(lines, { target = '/', method = 'GET', port } = {}) {
    const wire = await this.weir.connect(port);
    const answer = await wire.ask([`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    wire.close();
    return { request: this.backend.last, answer };
  }
}

async function remembering(stage, fields = []) {
  const backend = stage.own(
    await RawBackend.answering((request) => {
      backend.last = request;
      return sized('ok', { fields });
    }),
  );
  return backend;
}

describe('a client that is not trusted', () => {
  const stage = new Stage();
  let weir;
  let seen;

  before(async () => {
    const backend = await remembering(stage, ['Keep-Alive: timeout=5', 'X-Hop: 1', 'Connection: keep-alive, x-hop', 'X-End: 1']);
    weir = stage.own(await Weir.start({ pools: { app: [backend.address] } }));
    seen = new Seen(backend, weir);
  });
  after(() => stage.stop());

  test('is described anew, whatever it said of itself', async () => {
    const { request } = await seen.of(['Host: shop.example:8080', ...SPOOFED]);
    assert.equal(request.get('host'), 'shop.example:8080');
    assert.equal(request.get('x-forwarded-for'), '127.0.0.1');
    assert.equal(request.get('x-real-ip'), '127.0.0.1');
    assert.equal(request.get('x-forwarded-proto'), SCHEME);
    assert.equal(request.get('x-forwarded-host'), 'shop.example:8080');
    assert.equal(request.get('x-forwarded-port'), String(weir.port));
    const forwarded = request.get('forwarded').split(';').map((pair) => pair.trim().toLowerCase());
    assert.ok(forwarded.includes('for=127.0.0.1'), request.get('forwarded'));
    assert.ok(forwarded.includes(`proto=${SCHEME}`), request.get('forwarded'));
    assert.ok(forwarded.includes('host="shop.example:8080"'), request.get('forwarded'));
    assert.doesNotMatch(JSON.stringify(request.fields), /203\.0\.113|evil/);
  });

  test('gets a request id of weir, the same to the backend, back and in the log', async () => {
    const { request, answer } = await seen.of(['Host: a', 'X-Request-Id: spoofed'], { target: '/id' });
    const id = request.get('x-request-id');
    assert.match(id, UUID7);
    assert.equal(answer.get('x-request-id'), id);
    assert.equal((await weir.logged('/id')).request_id, id);
  });

  test('two requests get two ids', async () => {
    const first = await seen.of(['Host: a']);
    const second = await seen.of(['Host: a']);
    assert.notEqual(first.request.get('x-request-id'), second.request.get('x-request-id'));
  });

  test('can not say with underscores or dots what weir says', async () => {
    const { request } = await seen.of([
      'Host: a',
      'X_Forwarded_For: 203.0.113.9',
      'X.Forwarded.Proto: https',
      'X_Real_IP: 203.0.113.9',
      'Content_Length: 5',
      'Transfer_Encoding: chunked',
      'X_Request_Id: spoofed',
      'x_harmless_one: stays',
    ]);
    assert.deepEqual(
      request.names().filter((name) => /[_.]/.test(name)),
      ['x_harmless_one'],
    );
  });

  test('can not take away with Connection what weir says or what matters', async () => {
    const { request } = await seen.of([
      'Host: a',
      'Cookie: c=1',
      'Authorization: Basic eDp5',
      'Connection: close, x-forwarded-for, forwarded, x-real-ip, host, cookie, authorization, x-request-id, content-length',
    ]);
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'host', 'cookie', 'authorization', 'x-request-id']) {
      assert.ok(request.has(name), `${name} is gone`);
    }
  });

  test('has its hop-by-hop headers end here', async () => {
    const { request } = await seen.of([
      'Host: a',
      'Connection: keep-alive, X-Private',
      'Keep-Alive: timeout=9',
      'Proxy-Connection: keep-alive',
      'X-Private: 1',
      'TE: gzip',
      'X-Public: 1',
    ]);
    for (const name of ['keep-alive', 'proxy-connection', 'x-private', 'upgrade']) assert.equal(request.has(name), false, name);
    assert.doesNotMatch(request.all('te').join(), /gzip/);
    assert.doesNotMatch(request.all('connection').join(), /private/i);
    assert.equal(request.get('x-public'), '1');
  });

  test('does not see the hop-by-hop headers of the backend', async () => {
    const { answer } = await seen.of(['Host: a']);
    assert.equal(answer.has('x-hop'), false);
    assert.equal(answer.has('keep-alive'), false);
    assert.equal(answer.get('x-end'), '1');
  });

  test('is announced with Via', async () => {
    const { request } = await seen.of(['Host: a', 'Via: 1.0 front']);
    assert.match(request.all('via').join(', '), /^1\.0 front, 1\.1 \S*weir/);
  });

  test('has its other headers passed on in order, doubles too', async () => {
    const { request } = await seen.of(['Host: a', 'X-B: 2', 'X-A: 1', 'X-B:3', 'X-Empty:', 'X-Latin: caf\xe9', 'X-Tab:  a\tb ']);
    assert.deepEqual(request.all('x-b'), ['2', '3']);
    assert.equal(request.get('x-empty'), '');
    assert.equal(request.get('x-latin'), 'caf\xe9');
    assert.equal(request.get('x-tab'), 'a\tb');
    const names = request.names();
    assert.ok(names.indexOf('x-b') < names.indexOf('x-a') && names.indexOf('x-a') < names.lastIndexOf('x-b'));
  });
});

describe('a trusted proxy in front', () => {
  const stage = new Stage();
  let weir;
  let seen;

  before(async () => {
    const backend = await remembering(stage);
    weir = stage.own(await Weir.start({ trusted_proxies: ['127.0.0.0/8', '10.0.0.0/8'], pools: { app: [backend.address] } }));
    seen = new Seen(backend, weir);
  });
  after(() => stage.stop());

  test('is believed: the chain is appended to, the rest is kept', async () => {
    const { request, answer } = await seen.of(
      [
        'Host: inner.example',
        'X-Forwarded-For: 198.51.100.7, 203.0.113.9',
        'X-Forwarded-For: 10.1.2.3',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: shop.example',
        'X-Forwarded-Port: 443',
        'Forwarded: for=203.0.113.9;proto=https',
        'X-Request-Id: from-the-front-1',
      ],
      { target: '/trusted' },
    );
    assert.equal(request.all('x-forwarded-for').join(', '), '198.51.100.7, 203.0.113.9, 10.1.2.3, 127.0.0.1');
    assert.equal(request.get('x-forwarded-proto'), 'https');
    assert.equal(request.get('x-forwarded-host'), 'shop.example');
    assert.equal(request.get('x-forwarded-port'), '443');
    assert.match(request.all('forwarded').join(', '), /^for=203\.0\.113\.9;proto=https, ?for=127\.0\.0\.1/);
    assert.equal(request.get('x-request-id'), 'from-the-front-1');
    assert.equal(answer.get('x-request-id'), 'from-the-front-1');
    const line = await weir.logged('/trusted');
    assert.equal(line.request_id, 'from-the-front-1');
    assert.equal(line.client, '203.0.113.9', 'the first address from the right that is not trusted');
    assert.equal(request.get('x-real-ip'), '203.0.113.9');
  });

  test('that says nothing is described itself', async () => {
    const { request } = await seen.of(['Host: a:1'], { target: '/silent' });
    assert.equal(request.get('x-forwarded-for'), '127.0.0.1');
    assert.equal(request.get('x-forwarded-proto'), SCHEME);
    assert.equal(request.get('x-forwarded-host'), 'a:1');
    assert.match(request.get('x-request-id'), UUID7);
    assert.equal((await weir.logged('/silent')).client, '127.0.0.1');
  });
});

describe('addresses of both families', () => {
  const stage = new Stage();
  let weir;
  let seen;

  before(async () => {
    const backend = await remembering(stage);
    const port = await freePort();
    weir = stage.own(await Weir.start({ listeners: [{ name: 'both', address: `:${port}` }], pools: { app: [backend.address] } }));
    seen = new Seen(backend, weir);
  });
  after(() => stage.stop());

  test('an IPv4 client of a listener for both families is an IPv4 address', async () => {
    const { request } = await seen.of(['Host: a']);
    assert.equal(request.get('x-forwarded-for'), '127.0.0.1');
  });

  test('an IPv6 client is written as each header asks', async () => {
    const { Wire } = await import('../support/wire.mjs');
    const wire = await Wire.connect(weir.port, { host: '::1' });
    await wire.ask('GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n');
    wire.close();
    assert.equal(seen.backend.last.get('x-forwarded-for'), '::1');
    assert.match(seen.backend.last.get('forwarded'), /for="\[::1\]"/i);
    assert.equal(seen.backend.last.get('host'), '[::1]:80');
  });
});

describe('weir behind weir', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('a chain of two works', async () => {
    const backend = await remembering(stage);
    const inner = stage.own(await Weir.start({ trusted_proxies: ['127.0.0.1'], pools: { app: [backend.address] } }));
    const outer = stage.own(await Weir.start({ pools: { app: { endpoints: [`127.0.0.1:${inner.port}`], ...TO_WEIR } } }));
    const got = await outer.request({ path: '/chain' });
    assert.equal(got.status, 200);
    assert.equal(backend.last.all('x-forwarded-for').join(', '), '127.0.0.1, 127.0.0.1');
    assert.equal(backend.last.get('x-request-id'), got.headers['x-request-id']);
  });

  test('one whose backend is itself answers 508 and does not go round for ever', async () => {
    const port = await freePort();
    const weir = stage.own(await Weir.start({ listeners: [{ name: 'main', address: `127.0.0.1:${port}` }], pools: { self: { endpoints: [`127.0.0.1:${port}`], ...TO_WEIR } } }));
    const got = await weir.request({ path: '/loop' });
    assert.equal(got.status, 508);
    assert.match(got.headers['proxy-status'], /error=proxy_loop_detected/);
  });
});
