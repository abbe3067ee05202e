// 1xx and Expect: passed on, never invented; and final answers that come before the request is whole.
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { startLanes } from '../support/lanes.mjs';
import { sized } from '../support/raw_backend.mjs';
import { Stage } from '../support/weir.mjs';

describe('interim responses', () => {
  const stage = new Stage();
  let lanes;
  let backend;
  let client;

  before(async () => (lanes = await startLanes(stage, 11)));
  after(() => stage.stop());
  beforeEach(async () => {
    const lane = lanes.take();
    backend = lane.backend;
    client = await lanes.weir.connect();
    client.path = lane.path;
  });
  afterEach(() => client.close());

  const get = (version = 'HTTP/1.1') => client.send(`GET ${client.path} ${version}\r\nHost: a\r\n\r\n`);
  const post = (length, fields = '') => client.send(`POST ${client.path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${fields}\r\n`);
  const expecting = () => post(4, 'Expect: 100-continue\r\n');

  test('Expect: 100-continue is forwarded and the 100 comes from the backend', async () => {
    expecting();
    const upstream = await backend.accept();
    const head = await upstream.readRequestHead();
    assert.equal(head.get('expect'), '100-continue');
    upstream.send('HTTP/1.1 100 Continue\r\n\r\n');
    assert.equal((await client.readResponse()).status, 100);
    client.send('body');
    assert.equal((await upstream.readBody(head)).text(), 'body');
    upstream.send(sized('done'));
    assert.equal((await client.readResponse()).text(), 'done');
  });

  test('a 100 is not invented for a backend that sends none', async () => {
    expecting();
    const upstream = await backend.accept();
    const head = await upstream.readRequestHead();
    client.send('body');
    await upstream.readBody(head);
    upstream.send(sized('done'));
    assert.equal((await client.readResponse()).status, 200);
  });

  test('a 417 of the backend is passed on, and the client is not read any further', async () => {
    expecting();
    const upstream = await backend.accept();
    await upstream.readRequestHead();
    upstream.send(sized('no', { status: '417 Expectation Failed' }));
    assert.equal((await client.readResponse()).status, 417);
    await client.readEnd();
  });

  test('a final answer in place of the 100 is passed on', async () => {
    expecting();
    const upstream = await backend.accept();
    await upstream.readRequestHead();
    upstream.send(sized('early', { status: '403 Forbidden' }));
    const got = await client.readResponse();
    assert.deepEqual([got.status, got.text()], [403, 'early']);
    await client.readEnd();
  });

  test('an expectation that is not 100-continue is answered with 417', async () => {
    post(0, 'Expect: tea\r\n');
    assert.equal((await client.readResponse()).status, 417);
    assert.equal(backend.connections.length, 0);
  });

  test('103 Early Hints and others pass, in order and with their fields', async () => {
    get();
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n');
    const first = await client.readResponse();
    assert.equal(first.status, 103);
    assert.deepEqual(first.all('link'), ['</a.css>; rel=preload', '</b.js>']);
    upstream.send('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </c>\r\n\r\n' + sized('page'));
    assert.equal((await client.readResponse()).status, 102);
    assert.equal((await client.readResponse()).get('link'), '</c>');
    assert.equal((await client.readResponse()).text(), 'page');
  });

  test('an HTTP/1.0 client sees no interim response', async () => {
    get('HTTP/1.0');
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + sized('page'));
    assert.equal((await client.readResponse()).status, 200);
  });

  test('sixteen interim responses pass, a seventeenth is too many', async () => {
    get();
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(16));
    for (let i = 0; i < 16; i += 1) assert.equal((await client.readResponse()).status, 103);
    upstream.send('HTTP/1.1 103 Early Hints\r\n\r\n');
    assert.equal((await client.readResponse()).status, 502);
    await upstream.readEnd();
  });

  test('a 101 that nobody asked for is a 502', async () => {
    get();
    const upstream = await backend.accept();
    await upstream.readRequest();
    upstream.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    const got = await client.readResponse();
    assert.equal(got.status, 502);
    assert.match(got.get('proxy-status'), /^weir; ?error=http_(protocol|upgrade)/);
    await upstream.readEnd();
  });

  test('an answer in the midst of an upload is passed on and both connections end', async () => {
    post(1_000_000);
    client.send('the beginning');
    const upstream = await backend.accept();
    await upstream.readRequestHead();
    await upstream.readUntil('the beginning');
    upstream.send(sized('too much', { status: '413 Payload Too Large' }));
    const got = await client.readResponse();
    assert.deepEqual([got.status, got.text()], [413, 'too much']);
    assert.equal((await client.readEnd()).how, 'fin');
    await upstream.readEnd();
  });

  test('an answer that is there survives the reset behind it', async () => {
    post(1_000_000);
    client.send('the beginning');
    const upstream = await backend.accept();
    await upstream.readUntil('the beginning');
    upstream.send(sized('too much', { status: '413 Payload Too Large' }));
    client.send('x'.repeat(100_000));
    upstream.socket.once('data', () => upstream.reset());
    assert.equal((await client.readResponse()).status, 413);
  });
});
