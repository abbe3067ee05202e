// The running part of scripts/demo: three backends and weir in front of them, until Ctrl-C, or until --check has its
// proofs. The build and the look at the ports come before it, in scripts/demo.
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { end_all, kill, listening, start } from './children.mjs';
import { proofs } from './proofs.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const work = path.join(root, 'build/demo');
const weir_log = path.join(work, 'weir.log');
const weir = process.env.WEIR ?? path.join(root, 'build/release/weir');

const { values: options } = parseArgs({
    options: {
        'check': { type: 'boolean', default: false },
        'port': { type: 'string', default: '8080' },
        'tls-port': { type: 'string', default: '8443' },
        'admin-port': { type: 'string', default: '9180' },
        'backend-port': { type: 'string', default: '3001' },
    },
});
const backends = [1, 2, 3].map((n) => ({ name: `app-${n}`, port: Number(options['backend-port']) + n - 1 }));
const front = `http://localhost:${options.port}`;
const secure = `https://localhost:${options['tls-port']}`;
const certificate = path.join(work, 'localhost.pem');
const admin = `http://127.0.0.1:${options['admin-port']}`;

// For this machine's own names, by nobody whom a browser trusts.
function make_certificate() {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
        '-keyout', path.join(work, 'localhost.key'), '-out', certificate], { stdio: 'ignore' });
}

function write_config() {
    const endpoints = backends.map(({ name, port }) => `      - { name: ${name}, address: "127.0.0.1:${port}" }`);
    const file = path.join(work, 'weir.yaml');
    writeFileSync(file, `# Written by scripts/demo.
shutdown_grace: 0s
admin: { address: "127.0.0.1:${options['admin-port']}" }
listeners:
  - { name: public, address: ":${options.port}" }
  - name: secure
    address: ":${options['tls-port']}"
    tls: { certificates: [ { cert: localhost.pem, key: localhost.key } ] }
pools:
  app:
    health: { path: /health, interval: 500ms }
    endpoints:
${endpoints.join('\n')}
routes:
  - { name: everything, pool: app }
`);
    return file;
}

async function leave(code) {
    const ends = await end_all();
    for (const [name, how] of ends.filter(([, how]) => how !== 0)) {
        console.error(`demo: ${name} did not end well: ${how}`);
        code ||= 1;
    }
    process.exit(code);
}

function on_loss(name, how) {
    console.error(`demo: ${name} ended by itself: ${how}`);
    if (name === 'weir') console.error(readFileSync(weir_log, 'utf8').split('\n').slice(-20).join('\n'));
    leave(1);
}

// A backend that goes comes back: weir does without it meanwhile.
let backend_log;
async function start_backend(name) {
    const { port } = backends.find((backend) => backend.name === name);
    start(name, backend_log, [process.execPath, path.join(here, 'backend.mjs'), name, String(port)], on_backend_loss);
    await listening(port, 10);
}

function on_backend_loss(name, how) {
    if (options.check) return on_loss(name, how);
    console.log(`${name} has ended (${how}); it comes back in three seconds. See build/demo/weir.log`);
    setTimeout(() => start_backend(name).catch((error) => on_loss(name, error.message)), 3000);
}

async function start_all() {
    mkdirSync(work, { recursive: true });
    backend_log = openSync(path.join(work, 'backends.log'), 'w');
    await Promise.all(backends.map(({ name }) => start_backend(name)));
    make_certificate();
    start('weir', openSync(weir_log, 'w'), [weir, 'run', '-c', write_config()], on_loss);
    for (const port of [options.port, options['tls-port'], options['admin-port']]) await listening(Number(port), 10);
}

async function check() {
    let failed = 0;
    for (const [sentence, proof] of proofs({ front: `http://127.0.0.1:${options.port}`, secure, ca: readFileSync(certificate), admin, names: backends.map(({ name }) => name), kill, revive: start_backend })) {
        try {
            console.log(`ok    ${sentence}: ${await proof()}`);
        } catch (error) {
            ++failed;
            console.log(`FAIL  ${sentence}: ${error.message}`);
        }
    }
    const ends = await end_all();
    const bad = ends.filter(([, how]) => how !== 0);
    if (bad.length > 0) ++failed;
    console.log(bad.length === 0 ? 'ok    everything ends well on SIGTERM: exit code 0, four times'
        : `FAIL  everything ends well on SIGTERM: ${bad.map(([name, how]) => `${name}: ${how}`).join(', ')}`);
    process.exit(failed === 0 ? 0 : 1);
}

function show() {
    console.log(`
weir stands in front of three Node backends (${backends.map(({ name, port }) => `${name} on ${port}`).join(', ')}).

  open      ${front}/                reload it: another backend answers each time
            ${secure}/               the same over TLS; the certificate was made on the spot
            ${admin}/metrics
  try       for i in 1 2 3 4; do curl -s ${front}/; done
            curl -si --data-binary 'hi there' ${front}/echo
            kill -9 a backend (its pid is in its answers): no request fails, and it comes back
  config    build/demo/weir.yaml
  log       tail -f build/demo/weir.log          one line a request

Ctrl-C ends all of it.`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => leave(0));
try {
    await start_all();
    if (options.check) await check();
    else show();
} catch (error) {
    console.error(`demo: ${error.message}`);
    await leave(1);
}
