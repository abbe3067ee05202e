// Which route a request takes: hosts, path prefixes, precedence, and none at all.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const ROUTES = [
  { name: 'shop', match: { host: 'shop.example' } },
  { name: 'shop-api', match: { host: 'shop.example', path: '/api' } },
  { name: 'shop-api-v2', match: { host: 'shop.example', path: '/api/v2/' } },
  { name: 'wild', match: { host: '*.example' } },
  { name: 'longer-wild', match: { host: '*.eu.example' } },
  { name: 'two', match: { host: ['a.test', 'b.test'] } },
  { name: 'anywhere-api', match: { path: '/api' } },
];

describe('routes', () => {
  const stage = new Stage();
  let weir;

  before(async () => {
    const pools = {};
    for (const { name } of ROUTES) pools[name] = [stage.own(await NodeBackend.start((_, response) => response.end(name))).address];
    weir = stage.own(await Weir.start({ pools, routes: ROUTES.map((route) => ({ ...route, pool: route.name })) }));
  });
  after(() => stage.stop());

  for (const [host, path, route, why] of [
    ['shop.example', '/', 'shop', 'an exact host'],
    ['SHOP.example', '/', 'shop', 'hosts have no letter case'],
    ['shop.example.', '/', 'shop', 'nor a trailing dot'],
    ['shop.example:8443', '/', 'shop', 'nor a port'],
    ['shop.example', '/api', 'shop-api', 'a prefix matches itself'],
    ['shop.example', '/api/x?y', 'shop-api', 'and what lies below it'],
    ['shop.example', '/apix', 'shop', 'but no longer word'],
    ['shop.example', '/API', 'shop', 'paths have letter case'],
    ['shop.example', '/api/v2', 'shop-api-v2', 'a longer prefix wins, with its slash or without'],
    ['shop.example', '/api/v2/users', 'shop-api-v2', 'a longer prefix wins'],
    ['shop.example', '/%61pi', 'shop-api', 'unreserved escapes are decoded before the match'],
    ['shop.example', '/x/../api', 'shop-api', 'dot segments are removed before the match'],
    ['shop.example', '/api;v=1/x', 'shop-api', 'parameters do not count'],
    ['shop.example', '/api%2Fx', 'shop', 'an escaped slash is no border'],
    ['www.example', '/', 'wild', 'a wildcard stands for a label'],
    ['a.b.example', '/', 'wild', 'or for more'],
    ['a.eu.example', '/', 'longer-wild', 'the longer wildcard wins'],
    ['a.test', '/', 'two', 'a list of hosts'],
    ['b.test', '/', 'two', 'a list of hosts, its second'],
    ['elsewhere.test', '/api/x', 'anywhere-api', 'any host'],
    ['b.test', '/api', 'two', 'the host counts more than the path'],
  ]) {
    test(`${host}${path} goes to ${route}: ${why}`, async () => {
      assert.equal((await weir.request({ path, headers: { host } })).text(), route);
    });
  }

  for (const [host, path] of [['example', '/'], ['elsewhere.test', '/apix'], ['notexample', '/']]) {
    test(`${host}${path} has no route: 404 of weir itself`, async () => {
      const got = await weir.request({ path, headers: { host } });
      assert.equal(got.status, 404);
      const line = await weir.logged((one) => one.host === host && one.path === path);
      assert.deepEqual([line.outcome, line.route, line.pool], ['local', '-', '-']);
    });
  }

  test('a 404 keeps the connection', async () => {
    const wire = await weir.connect();
    assert.equal((await wire.ask('GET /no HTTP/1.1\r\nHost: example\r\n\r\n')).status, 404);
    assert.equal((await wire.ask('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')).text(), 'two');
    wire.close();
  });
});
