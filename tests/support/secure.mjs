// With WEIR_TLS=1 in the environment the tests run over TLS: weir's listeners get a certificate, and the clients of
// tests speak TLS to these ports. Which ones they are is known here.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const OVER_TLS = process.env.WEIR_TLS === '1';

/** Of the URLs of weir's listeners. */
export const SCHEME = OVER_TLS ? 'https' : 'http';

/** Settings of a pool whose endpoints are such listeners. */
export const TO_WEIR = OVER_TLS ? { tls: { verify: false } } : {};

/** Ports of weir where TLS is spoken because of that. */
export const securePorts = new Set();

let made;

/** The files of a certificate: { 'tests.pem': ..., 'tests.key': ... }. */
function certificateFiles() {
  if (made) return made;
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-certificate-'));
  const file = (name) => path.join(folder, name);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', '/CN=localhost',
    '-keyout', file('key'), '-out', file('cert')], { stdio: 'ignore' });
  made = { 'tests.pem': readFileSync(file('cert')), 'tests.key': readFileSync(file('key')) };
  rmSync(folder, { recursive: true });
  return made;
}

/** The config with TLS on each listener that says nothing of it, and the files this needs. */
export function secured(config) {
  if (!OVER_TLS) return { config, files: {} };
  const listeners = config.listeners.map((listener) => {
    if (listener.tls || listener.redirect_to_https) return listener;
    securePorts.add(Number(listener.address.slice(listener.address.lastIndexOf(':') + 1)));
    return { ...listener, tls: { certificates: [{ cert: 'tests.pem', key: 'tests.key' }] } };
  });
  return { config: { ...config, listeners }, files: certificateFiles() };
}
