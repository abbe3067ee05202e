// Weir: the real binary, run for a test. Writes its config into a folder of its own, finds free ports, waits until it is
// ready, collects the access log and the log, and at the end sees to it that it went well: exit 0, no sanitizer report.
// The binary is that of the environment's WEIR, build/release/weir without it.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, within } from './deadline.mjs';
import { Metrics } from './metrics.mjs';
import { request } from './client.mjs';
import { OVER_TLS, secured } from './secure.mjs';
import { Wire } from './wire.mjs';

const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BINARY = path.resolve(process.env.WEIR ?? path.join(TOP, 'build/release/weir'));

const PORT_TRIES = 8;
const ENVIRONMENT_FAILED = 3;
const SANITIZER = /ERROR: (Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:/;

// Below the ports that the kernel gives to outgoing connections and to whoever asks for any, so that nobody is given one
// of these between the question and the bind.
const PORTS = { first: 10_000, last: 32_000 };
const given = new Set();

/** A port that nobody listens on now, and none twice. Another test file may be faster: whoever binds it tries again. */
export async function freePort() {
  for (;;) {
    const port = randomInt(PORTS.first, PORTS.last);
    if (given.has(port)) continue;
    given.add(port);
    const server = net.createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(() => true, () => false);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/**
 * Runs the binary with `args` to its end: { code, signal, stdout, stderr }. `files` are written beside it first. `before`:
 * a command of the shell that starts it.
 */
export async function runToEnd(args, { files = {}, env = {}, before = 'true' } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-e2e-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    const child = spawn('sh', ['-c', `${before}; exec "$0" "$@"`, BINARY, ...args], { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    try {
      const [code, signal] = await within(once(child, 'close'), `the end of weir ${args.join(' ')}`);
      return { code, signal, ...output };
    } finally {
      child.kill('SIGKILL');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The config as weir.yaml gets it (JSON is YAML). `settings`: listeners (a list, or left out for one), limits (of that
 * one), pools ({ name: [addresses] or a pool }), routes (default: all to the first pool), and any other key as it is.
 */
async function makeConfig({ listeners, limits, pools = {}, routes, log = {}, ...others }) {
  const first = Object.keys(pools)[0];
  const wanted = listeners ?? [{ name: 'main', ...(limits ? { limits } : {}) }];
  const bound = [];
  for (const listener of wanted) bound.push({ ...listener, address: listener.address ?? `127.0.0.1:${await freePort()}` });
  return {
    process: { workers: 1 },
    shutdown_grace: '0s',
    shutdown_timeout: '5s',
    ...others,
    admin: { address: `127.0.0.1:${await freePort()}`, ...others.admin },
    log: { level: 'debug', format: 'json', ...log },
    listeners: bound,
    pools: Object.fromEntries(
      Object.entries(pools).map(([name, pool]) => [name, { health: 'off', ...(Array.isArray(pool) ? { endpoints: pool } : pool) }]),
    ),
    routes: routes ?? [{ pool: first }],
  };
}

function portOf(address) {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}

export class Weir {
  /**
   * Runs weir with `settings` (see makeConfig) and `files` beside its config, and waits until it is ready. `through`: the words
   * of a program that becomes it.
   */
  static async start({ files = {}, ...settings }, { through = [] } = {}) {
    for (let i = 1; ; i += 1) {
      const weir = new Weir();
      weir.through = through;
      const { config, files: certificate } = secured(await makeConfig(settings));
      weir.config = config;
      weir.ports = Object.fromEntries(weir.config.listeners.map(({ name, address }) => [name ?? address, portOf(address)]));
      [weir.port] = Object.values(weir.ports);
      weir.adminPort = portOf(weir.config.admin.address);
      await weir.#spawn(['run', '-c', 'weir.yaml'], { ...certificate, ...files, 'weir.yaml': JSON.stringify(weir.config, null, 1) });
      if (await weir.#becomesReady()) return weir;
      if (weir.exit.code !== ENVIRONMENT_FAILED || i === PORT_TRIES) weir.#failed('weir ended at start');
    }
  }

  /**
   * Runs weir with a command line of the test's own; nothing is waited for but `ready`, when an admin port is given.
   * `redirections` as a shell has them.
   */
  static async startWith(args, { files = {}, port, adminPort, redirections } = {}) {
    const weir = new Weir();
    weir.port = port;
    weir.adminPort = adminPort;
    await weir.#spawn(args, files, redirections);
    if (adminPort && !(await weir.#becomesReady())) weir.#failed('weir ended at start');
    return weir;
  }

  async #spawn(args, files, redirections) {
    this.folder = await mkdtemp(path.join(tmpdir(), 'weir-e2e-'));
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(this.folder, name), text);
    this.exit = null;
    this.stdout = '';
    this.stderr = '';
    const shell = redirections ? ['sh', '-c', `exec "$0" "$@" ${redirections}`] : [];
    const [program, ...words] = [...(this.through ?? []), ...shell, BINARY, ...args];
    this.child = spawn(program, words, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = once(this.child, 'close').then(([code, signal]) => (this.exit = { code, signal }));
    this.ended.catch(() => {}); // told by whoever awaits it
  }

  // It says so itself: where it could not bind the admin port, somebody else may answer there.
  async #becomesReady() {
    const saysSo = () => / is ready/.test(this.stderr);
    await until(async () => this.exit || (saysSo() && (await this.ready()) === 200), () => `weir to be ready; it said: ${this.stderr}`);
    return this.exit === null;
  }

  #failed(what) {
    throw new Error(`${what}: ${JSON.stringify(this.exit)}\n${this.stderr}`);
  }

  /** The status of /readyz, or 0 where there is no answer. */
  async ready() {
    try {
      return (await this.admin('/readyz')).status;
    } catch {
      return 0;
    }
  }

  admin(url, options = {}) {
    return request(this.adminPort, { path: url, ...options });
  }

  /** A request through weir. */
  request(options) {
    return request(this.port, options);
  }

  /** A connection to weir at the level of bytes. */
  connect(port = this.port) {
    return Wire.connect(port);
  }

  async metrics() {
    const answer = await this.admin('/metrics');
    if (answer.status !== 200) throw new Error(`/metrics answers ${answer.status}`);
    return new Metrics(answer.text());
  }

  /** Waits until the sum of the series is `value`. */
  async metricBecomes(name, labels, value) {
    let last;
    await until(
      async () => {
        last = await this.metrics();
        return last.sum(name, labels) === value;
      },
      () => `${name}${JSON.stringify(labels)} to be ${value}; it is ${last?.sum(name, labels)}\n${last?.text.split('\n').filter((l) => l.startsWith(name)).join('\n')}`,
    );
    return last;
  }

  /** The lines of the access log that are complete. */
  accessLines() {
    return this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** Waits for the access-log line that `wanted` accepts: a function, or the path. */
  async logged(wanted) {
    const fits = typeof wanted === 'function' ? wanted : (line) => line.path === wanted;
    return until(() => this.accessLines().find(fits), () => `an access-log line for ${wanted}; there are:\n${this.stdout}`);
  }

  signal(name) {
    this.child.kill(name);
  }

  /** Waits for the end that the test itself brought about; it must have been a good one. */
  async ends() {
    await within(this.ended, 'the end of weir').catch((error) => {
      this.child.kill('SIGKILL');
      throw new Error(`${error.message}\n${this.stderr}`);
    });
    await rm(this.folder, { recursive: true, force: true });
    if (SANITIZER.test(this.stderr)) this.#failed('a sanitizer reported');
    if (this.exit.code !== 0) this.#failed('weir did not end well');
  }

  /** TERM, then ends(). */
  async stop() {
    if (this.exit === null) this.child.kill('SIGTERM');
    await this.ends();
  }
}

/** Starts what a file of tests needs and stops it behind them, the last first: `const { own } = stage(hooks)`. */
export class Stage {
  #owned = [];

  /** Remembers something with a stop(); returns it. */
  own(thing) {
    this.#owned.push(thing);
    return thing;
  }

  async stop() {
    const failures = [];
    for (const thing of this.#owned.splice(0).reverse()) {
      try {
        await thing.stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

// A keep-alive agent for clients that want their connections kept.
export function keepAliveAgent(options = {}) {
  const { Agent } = OVER_TLS ? https : http;
  return new Agent({ keepAlive: true, maxSockets: 1, ...options });
}
