// Backends in processes of their own that write down what they acted on, so that nothing of it is lost when they die:
// Node apps (recording_app.mjs), and ones that end connections badly (recording_backend.py). `acts` counts both together
// when they are given the same file.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './deadline.mjs';
import { freePort } from './weir.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** What was acted on: how often each path. */
export class Records {
  static async make() {
    const records = new Records();
    records.folder = await mkdtemp(path.join(tmpdir(), 'weir-records-'));
    records.file = path.join(records.folder, 'acts');
    writeFileSync(records.file, '');
    return records;
  }

  acts() {
    const counts = new Map();
    for (const line of readFileSync(this.file, 'latin1').split('\n')) {
      if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    return counts;
  }

  /** Those that were acted on more than once. */
  twice() {
    return [...this.acts()].filter(([, count]) => count > 1).map(([what]) => what);
  }

  async stop() {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class RecordingApp {
  static async start(records, options = {}, node = process.execPath) {
    const app = new RecordingApp();
    Object.assign(app, { records, options, node, port: await freePort() });
    app.address = `127.0.0.1:${app.port}`;
    await app.restart();
    return app;
  }

  async restart() {
    const args = [String(this.port), this.records.file, JSON.stringify(this.options)];
    this.child = fork(path.join(HERE, 'recording_app.mjs'), args, { execPath: this.node, execArgv: [] });
    this.ended = once(this.child, 'exit');
    await within(once(this.child, 'message'), 'a recording app that listens');
  }

  async kill(signal) {
    this.child.kill(signal);
    await within(this.ended, `the end of the app on ${this.port}`);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill('SIGKILL');
  }
}

export class RecordingBackend {
  /** `kind`: see recording_backend.py. */
  static async start(records, kind) {
    const backend = new RecordingBackend();
    backend.child = spawn('python3', [path.join(HERE, 'recording_backend.py'), kind, records.file], { stdio: ['ignore', 'pipe', 'inherit'] });
    backend.ended = once(backend.child, 'exit');
    const [line] = await within(once(backend.child.stdout, 'data'), 'the port of a recording backend');
    backend.address = `127.0.0.1:${Number(line)}`;
    return backend;
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
