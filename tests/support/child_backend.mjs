// ChildBackend: an app in a process of its own, on a port that it gets again after its death. What it says (child_app.mjs)
// is kept in `said`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, within } from './deadline.mjs';
import { freePort } from './weir.mjs';

const APP = path.join(path.dirname(fileURLToPath(import.meta.url)), 'child_app.mjs');

export class ChildBackend {
  /** `onTerm`: what TERM does: close (server.close()), shutting_down (health says so, and it goes on). `node`: the program. */
  static async start({ onTerm = 'close', node = process.execPath } = {}) {
    const backend = new ChildBackend();
    backend.port = await freePort();
    backend.address = `127.0.0.1:${backend.port}`;
    backend.onTerm = onTerm;
    backend.node = node;
    await backend.restart();
    return backend;
  }

  /** A new process on the same port. */
  async restart() {
    this.said = [];
    this.child = fork(APP, [String(this.port), this.onTerm], { execPath: this.node, execArgv: [] });
    this.child.on('message', (message) => this.said.push(message));
    this.ended = once(this.child, 'exit').then(([code, signal]) => ({ code, signal, at: Date.now() }));
    await this.says('listening');
  }

  get pid() {
    return this.child.pid;
  }

  /** Waits for a message with this key. */
  says(key) {
    return until(() => this.said.find((message) => key in message), `"${key}" of the app on ${this.port}`);
  }

  /** { health: { status, type, body } }, { health: null } for no such route, { block: ms }. */
  tell(message) {
    this.child.send(message);
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    return within(this.ended, `the end of the app on ${this.port}`);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
  }
}
