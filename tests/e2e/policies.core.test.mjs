// The policies of a route, in front of a real Node server.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { request } from '../support/client.mjs';
import { NodeBackend, tell } from '../support/node_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

describe('policies', () => {
  const stage = new Stage();
  let weir;
  let node;

  before(async () => {
    // An upload that is refused half way reaches it as aborted.
    node = stage.own(await NodeBackend.start((...what) => tell(...what).catch(() => {})));
    weir = stage.own(
      await Weir.start({
        trusted_proxies: ['127.0.0.0/8'],
        pools: { app: [node.address] },
        routes: [
          {
            name: 'headers',
            match: { path: '/headers' },
            pool: 'app',
            request_headers: { set: { 'x-who': '{client_ip} {method} {uri}', 'x-user': '{cookie.user}' }, add: { 'x-more': '2' }, remove: ['x-debug'] },
            response_headers: { set: { 'x-frame-options': 'DENY', 'x-id': '{request_id}' }, remove: ['content-type'] },
          },
          { name: 'guarded', match: { path: '/admin' }, pool: 'app', access: { allow: ['10.0.0.0/8'], deny: ['10.6.6.0/24'] }, response_headers: { set: { 'x-frame-options': 'DENY' } } },
          { name: 'small', match: { path: '/small' }, pool: 'app', max_body: '1KiB' },
        ],
      }),
    );
  });
  after(() => stage.stop());

  const ask = (path, headers = {}, options = {}) => request(weir.port, { path, headers, ...options });

  test('request headers are set, added and removed; nobody else can say them', async () => {
    const seen = JSON.parse((await ask('/headers/a?b=c', { 'x-who': 'me', x_who: 'me too', 'x-debug': '1', 'x-more': '1', 'x-user': 'root', cookie: 'user=alice' })).text()).headers;
    assert.equal(seen['x-who'], '127.0.0.1 GET /headers/a?b=c');
    assert.equal(seen['x-user'], 'alice');
    assert.equal(seen['x-more'], '1, 2');
    assert.equal(seen['x-debug'], undefined);
    assert.equal(seen.x_who, undefined);
    const without = JSON.parse((await ask('/headers', { 'x-user': 'root' })).text()).headers;
    assert.equal(without['x-user'], undefined);
  });

  test('response headers are set and removed', async () => {
    const answer = await ask('/headers');
    assert.equal(answer.headers['x-frame-options'], 'DENY');
    assert.equal(answer.headers['x-id'], answer.headers['x-request-id']);
    assert.equal(answer.headers['content-type'], undefined);
  });

  for (const [client, status] of [['10.1.2.3', 200], ['10.6.6.6', 403], ['192.0.2.1', 403], ['::ffff:10.1.2.3', 200]]) {
    test(`access: a client at ${client} gets ${status}`, async () => {
      const answer = await ask('/admin', { 'x-forwarded-for': client });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['x-frame-options'], 'DENY');
      if (status === 403) assert.match(answer.headers['proxy-status'], /weir; error=http_request_error/);
    });
  }

  test('a guarded path that can be read two ways is 400, and the backend does not see it', async () => {
    const before = node.seen.length;
    for (const path of ['/admin/a%2fb', '/admin/a%5Cb', '/admin/x/..;/y']) assert.equal((await ask(path, { 'x-forwarded-for': '10.1.2.3' })).status, 400);
    assert.equal(node.seen.length, before);
  });

  test('max_body: 413 for a length that is said, and for one that turns out', async () => {
    const before = node.seen.length;
    assert.equal((await ask('/small', {}, { method: 'POST', body: Buffer.alloc(1025) })).status, 413);
    assert.equal(node.seen.length, before);
    assert.equal((await ask('/small', {}, { method: 'POST', body: Buffer.alloc(1024) })).status, 200);
    const wire = await weir.connect();
    wire.send('POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 0; i < 3; i += 1) wire.send(`190\r\n${'x'.repeat(400)}\r\n`);
    assert.equal((await wire.readResponse()).status, 413);
    wire.close();
    assert.equal((await weir.logged((line) => line.status === 413)).outcome, 'local');
  });
});
