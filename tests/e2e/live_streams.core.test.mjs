// Responses without an end: event by event, past the timeouts of an answer; and on_abort.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { until } from '../support/deadline.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { RawBackend, sized } from '../support/raw_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

describe('live streams', () => {
  const stage = new Stage();
  let weir;
  let node;
  let raw;
  const streams = [];

  before(async () => {
    node = stage.own(
      await NodeBackend.start((request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': hello\n\n');
        streams.push(response);
      }),
    );
    raw = stage.own(await RawBackend.start());
    const impatient = { response_timeout: '400ms', read_timeout: '400ms' };
    weir = stage.own(
      await Weir.start({
        limits: { body_timeout: '400ms', min_rate: '1MiB' },
        pools: { node: { endpoints: [node.address], ...impatient }, raw: { endpoints: [raw.address], ...impatient } },
        routes: [
          { name: 'events', match: { path: '/events' }, pool: 'node', timeout: '500ms', stream_idle: '30s' },
          { name: 'quiet', match: { path: '/quiet' }, pool: 'node', stream_idle: '700ms' },
          { name: 'pay', match: { path: '/pay' }, pool: 'raw', on_abort: 'finish' },
        ],
      }),
    );
  });
  after(() => stage.stop());

  async function listen(path) {
    const count = streams.length;
    const wire = await weir.connect();
    wire.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n`);
    await wire.readUntil(': hello\n\n');
    return [wire, streams[count]];
  }

  test('each event arrives by itself, long behind every timeout of an answer', async () => {
    const [wire, stream] = await listen('/events');
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300)); // the silence is what is tested
      stream.write(`data: ${i}\n\n`);
      await wire.readUntil(`data: ${i}\n\n`);
    }
    stream.end();
    await wire.readUntil('0\r\n\r\n');
    wire.close();
    const line = await weir.logged('/events');
    assert.deepEqual([line.status, line.outcome], [200, 'ok']);
    assert.ok(line.duration_ms > 1000);
    const metrics = await weir.metrics();
    assert.equal(metrics.sum('weir_http_request_duration_seconds_count', { route: 'events' }), 0);
    assert.equal(metrics.sum('weir_http_requests_total', { route: 'events' }), 1);
  });

  test('a silence of stream_idle ends it', async () => {
    const [wire, stream] = await listen('/quiet');
    await wire.readEnd();
    assert.doesNotMatch(wire.received.toString(), /0\r\n\r\n$/);
    assert.equal((await weir.logged('/quiet')).outcome, 'http_response_incomplete');
    await until(() => stream.destroyed, () => 'the backend to be told');
  });

  test('who leaves is told to the backend at once', async () => {
    const [wire, stream] = await listen('/events');
    wire.reset();
    await until(() => stream.destroyed, () => 'the backend to be told');
  });

  test('with on_abort: finish a backend ends what its client left, and its connection is used again', async () => {
    const client = await weir.connect();
    client.send('POST /pay/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n100');
    const upstream = await raw.accept();
    await upstream.readRequest();
    client.reset();
    await weir.metricBecomes('weir_exchanges_active', { route: 'pay' }, 1);
    upstream.send(sized('paid'));
    const line = await weir.logged('/pay/1');
    assert.deepEqual([line.status, line.outcome], [499, 'client_abort']);
    const next = await weir.connect();
    next.send('GET /pay/2 HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await upstream.readRequest()).target, '/pay/2');
    upstream.send(sized('next'));
    assert.equal((await next.readResponse()).text(), 'next');
    next.close();
  });
});
