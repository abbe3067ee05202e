// Express and Fastify behind weir, as their users write them: routes, JSON, uploads, streams, server-sent events, and
// the client's address through each one's own trust in a proxy.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import http from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { NodeBackend, sha256 } from '../support/node_backend.mjs';
import { SCHEME } from '../support/secure.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const asset = randomBytes(700_000);
const eventStream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };

function expressApp(events) {
  const app = express();
  app.set('trust proxy', 'loopback');
  app.get('/', (request, response) => response.send('<h1>hello</h1>'));
  app.get('/who', (request, response) => response.json({ ip: request.ip, protocol: request.protocol, host: request.host }));
  app.post('/json', express.json(), (request, response) => response.status(201).json({ got: request.body }));
  app.post('/form', express.urlencoded({ extended: false }), (request, response) => response.json(request.body));
  app.get('/users/:id', (request, response) => response.json({ id: request.params.id, query: request.query }));
  app.get('/redirect', (request, response) => response.redirect('/users/1'));
  app.get('/cookie', (request, response) => response.cookie('session', 'abc', { httpOnly: true }).send('set'));
  app.get('/asset', (request, response) => Readable.from([asset.subarray(0, 1000), asset.subarray(1000)]).pipe(response.type('bin')));
  app.get('/error', () => {
    throw new Error('on purpose');
  });
  app.get('/events', (request, response) => {
    response.writeHead(200, eventStream);
    events.push(response);
    response.flushHeaders();
  });
  return http.createServer(app);
}

function fastifyApp(events) {
  let server;
  const app = Fastify({
    trustProxy: 'loopback',
    serverFactory: (handler) => (server = http.createServer(handler)),
  });
  app.get('/', (request, reply) => reply.type('text/html').send('<h1>hello</h1>'));
  app.get('/who', (request) => ({ ip: request.ip, protocol: request.protocol, host: request.host ?? request.hostname }));
  app.post('/json', (request, reply) => reply.code(201).send({ got: request.body }));
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body))),
  );
  app.post('/form', (request) => request.body);
  app.get('/users/:id', (request) => ({ id: request.params.id, query: request.query }));
  app.get('/redirect', (request, reply) => reply.code(302).header('location', '/users/1').send());
  app.get('/cookie', (request, reply) => reply.header('set-cookie', 'session=abc; Path=/; HttpOnly').send('set'));
  app.get('/asset', (request, reply) => reply.type('application/octet-stream').send(Readable.from([asset.subarray(0, 1000), asset.subarray(1000)])));
  app.get('/error', () => {
    throw new Error('on purpose');
  });
  app.get('/events', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, eventStream);
    reply.raw.flushHeaders();
    events.push(reply.raw);
  });
  return app.ready().then(() => server);
}

for (const [name, make] of [['Express', expressApp], ['Fastify', fastifyApp]]) {
  describe(`${name} behind weir`, () => {
    const stage = new Stage();
    const events = [];
    let weir;

    before(async () => {
      const app = stage.own(await NodeBackend.of(await make(events)));
      weir = stage.own(await Weir.start({ process: { workers: 2 }, pools: { app: [app.address] } }));
    });
    after(() => stage.stop());

    test('a page', async () => {
      const got = await weir.request({});
      assert.match(got.headers['content-type'], /^text\/html/);
      assert.equal(got.text(), '<h1>hello</h1>');
    });

    test('knows the client, the scheme and the host', async () => {
      const got = (await weir.request({ path: '/who', headers: { host: 'shop.example', 'x-forwarded-for': '203.0.113.9' } })).json();
      assert.equal(got.ip, '127.0.0.1');
      assert.equal(got.protocol, SCHEME);
      assert.match(got.host, /^shop\.example/);
    });

    test('JSON in and out', async () => {
      const body = JSON.stringify({ text: 'gr\u00fc\u00df dich', list: [1, 2, { deep: null }] });
      const got = await weir.request({ path: '/json', method: 'POST', body, headers: { 'content-type': 'application/json' } });
      assert.equal(got.status, 201);
      assert.deepEqual(got.json().got, JSON.parse(body));
    });

    test('a JSON body that is broken is the application\'s own 400', async () => {
      const got = await weir.request({ path: '/json', method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
      assert.equal(got.status, 400);
      assert.equal(got.headers['proxy-status'], undefined);
    });

    test('a form in chunks', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const got = await weir.request({ path: '/form', method: 'POST', body: ['a=1&', 'b=two'], headers });
      assert.deepEqual(got.json(), { a: '1', b: 'two' });
    });

    test('parameters and query', async () => {
      const got = (await weir.request({ path: '/users/a%20b?x=1&x=2' })).json();
      assert.deepEqual(got, { id: 'a b', query: { x: ['1', '2'] } });
    });

    test('a redirect is left alone', async () => {
      const got = await weir.request({ path: '/redirect' });
      assert.deepEqual([got.status, got.headers.location], [302, '/users/1']);
    });

    test('a cookie', async () => {
      assert.match((await weir.request({ path: '/cookie' })).headers['set-cookie'][0], /^session=abc; Path=\/; HttpOnly/);
    });

    test('a stream', async () => {
      assert.equal(sha256((await weir.request({ path: '/asset' })).body), sha256(asset));
    });

    test('a HEAD of a page', async () => {
      const got = await weir.request({ method: 'HEAD' });
      assert.deepEqual([got.status, got.body.length], [200, 0]);
    });

    test('a conditional request', async () => {
      const got = await weir.request({ path: '/users/7' });
      if (!got.headers.etag) return; // Fastify makes none by itself
      const again = await weir.request({ path: '/users/7', headers: { 'if-none-match': got.headers.etag } });
      assert.equal(again.status, 304);
    });

    test('an error of the application is its own 500', async () => {
      const got = await weir.request({ path: '/error' });
      assert.equal(got.status, 500);
      assert.equal(got.headers['proxy-status'], undefined);
    });

    test('server-sent events arrive one by one', async () => {
      const wire = await weir.connect();
      wire.send('GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n');
      const head = await wire.readResponseHead();
      assert.equal(head.get('content-type'), 'text/event-stream');
      for (let i = 0; i < 10; i += 1) {
        events[0].write(`data: event ${i}\n\n`);
        await wire.readUntil(`data: event ${i}\n\n`);
      }
      const ended = new Promise((resolve) => events[0].on('close', resolve));
      wire.close();
      await ended; // the application learns that its reader is gone
    });
  });
}
