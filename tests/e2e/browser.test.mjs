// A real browser before weir, over TLS.
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Authority } from '../support/certificates.mjs';
import { NodeBackend } from '../support/node_backend.mjs';
import { Stage, Weir } from '../support/weir.mjs';

const run = promisify(execFile);

// What is asked for at once goes over connections of its own, and they over sessions of the first one.
const WORDS = 12;
const PAGE = `<!doctype html><title>a page</title><body><script>
  const ask = (_, i) => fetch('/word?' + i).then((answer) => answer.text());
  Promise.all(Array.from({ length: ${WORDS} }, ask)).then((words) => (document.body.textContent = words.join(' ')));
</script>`;

/** Chromium's page at `url` once all it asked for is here. It believes in the certificate `cert` alone. */
async function visit(url, cert) {
  const profile = await mkdtemp(path.join(tmpdir(), 'weir-browser-'));
  try {
    const key = createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
    const options = [
      ...['headless', 'no-sandbox', 'disable-gpu', 'disable-quic', 'disable-dev-shm-usage', 'no-first-run', 'disable-background-networking', 'disable-component-update', 'disable-sync'],
      ...[`user-data-dir=${profile}`, `ignore-certificate-errors-spki-list=${key}`, 'virtual-time-budget=20000', 'dump-dom'],
    ];
    const { stdout } = await run('chromium', [...options.map((option) => `--${option}`), url], { timeout: 60_000 });
    return stdout;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe('Chromium', () => {
  const stage = new Stage();
  after(() => stage.stop());

  test('loads a page and what belongs to it, and resumes its sessions', async () => {
    const identity = await (await Authority.make()).sign(['localhost']);
    const backend = stage.own(
      await NodeBackend.start((request, response) => {
        if (request.url === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
        return setTimeout(() => response.end('word'), 100); // so that the next one does not wait for this connection
      }),
    );
    const tls = { certificates: [{ cert: 'shop.pem', key: 'shop.key' }] };
    const weir = stage.own(await Weir.start({ files: { 'shop.pem': identity.cert, 'shop.key': identity.key }, listeners: [{ name: 'main', tls }], pools: { app: [backend.address] } }));
    const page = await visit(`https://localhost:${weir.port}/`, identity.cert);
    assert.match(page, new RegExp(`<body>${Array(WORDS).fill('word').join(' ')}</body>`));
    const { protocol, tls: version } = await weir.logged('/');
    assert.deepEqual([protocol, version], ['HTTP/1.1', 'TLSv1.3']);
    const metrics = await weir.metrics();
    assert.ok(metrics.sum('weir_tls_resumed_total', { version: 'TLSv1.3' }) >= 1);
    assert.equal(metrics.sum('weir_tls_handshakes_total', {}), metrics.sum('weir_tls_handshakes_total', { version: 'TLSv1.3', result: 'ok' }));
  });
});
