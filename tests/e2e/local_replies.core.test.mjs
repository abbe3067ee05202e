// What weir answers itself: the form that Accept asks for, the request id, Proxy-Status, and nothing of its inside.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { RawBackend } from '../support/raw_backend.mjs';
import { Stage, Weir, freePort } from '../support/weir.mjs';

describe('local replies', () => {
  const stage = new Stage();
  let weir;
  let secrets;

  before(async () => {
    const garbage = stage.own(await RawBackend.answering('password=hunter2\r\n\r\n'));
    const refused = await freePort();
    weir = stage.own(
      await Weir.start({
        pools: { 'secret-pool': [`127.0.0.1:${refused}`], 'secret-garbage': [garbage.address] },
        routes: [
          { name: 'secret-route', match: { path: '/refused' }, pool: 'secret-pool' },
          { name: 'secret-other', match: { path: '/garbage' }, pool: 'secret-garbage' },
        ],
      }),
    );
    secrets = new RegExp(`secret|hunter2|${refused}|${garbage.port}|127\\.0\\.0\\.1|nginx|libevent`, 'i');
  });
  after(() => stage.stop());

  test('the log says why a request was refused', async () => {
    const wire = await weir.connect();
    wire.send('GET /no-host HTTP/1.1\r\n\r\n');
    await wire.readEnd();
    await until(() => /bad request from 127\.0\.0\.1 .*no Host in an HTTP\/1\.1 request/.test(weir.stderr), () => `the reason; the log is:\n${weir.stderr}`);
  });

  for (const [accept, type] of [
    [undefined, /^application\/problem\+json/],
    ['*/*', /^application\/problem\+json/],
    ['application/json', /^application\/problem\+json/],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', /^text\/html/],
  ]) {
    for (const [path, status, error] of [
      ['/refused', 502, 'connection_refused'],
      ['/garbage', 502, 'http_protocol_error'],
      ['/no-route', 404, null],
    ]) {
      test(`${path} with Accept: ${accept ?? '(none)'}`, async () => {
        const got = await weir.request({ path, headers: accept ? { accept } : {} });
        assert.equal(got.status, status);
        assert.match(got.headers['content-type'], type);
        const id = got.headers['x-request-id'];
        assert.ok(id);
        assert.ok(got.text().includes(id), 'the body has the request id');
        assert.doesNotMatch(got.text(), secrets);
        assert.doesNotMatch(JSON.stringify(got.rawHeaders), secrets);
        if (error) assert.match(got.headers['proxy-status'], new RegExp(`^weir; ?error=${error}`));
        if (type.source.includes('json')) {
          const problem = got.json();
          assert.equal(problem.status, status);
          assert.equal(typeof problem.title, 'string');
        }
        assert.equal((await weir.logged((line) => line.request_id === id)).outcome, error ?? 'local');
      });
    }
  }

  test('the answer to HEAD has no body and keeps the connection', async () => {
    const wire = await weir.connect();
    const got = await wire.ask('HEAD /no-route HTTP/1.1\r\nHost: a\r\n\r\n', 'HEAD');
    assert.equal(got.status, 404);
    assert.equal((await wire.ask('GET /refused HTTP/1.1\r\nHost: a\r\n\r\n')).status, 502);
    wire.close();
  });

  test('what the client sent is not shown to it as markup', async () => {
    const got = await weir.request({ path: '/%3Cscript%3Ealert(1)%3C/script%3E?<script>', headers: { accept: 'text/html', 'x-request-id': '<script>' } });
    assert.equal(got.status, 404);
    assert.doesNotMatch(got.text(), /<script/i);
  });

  test('an upload to a backend that is not there does not break the connection of a client that sends it all', async () => {
    const got = await weir.request({ path: '/refused', method: 'POST', body: Buffer.alloc(200_000) });
    assert.equal(got.status, 502);
  });
});
