// VanishingClient: a client that sends a request, reads nothing, and vanishes when told: no FIN, no reset, and no answer
// to whatever comes. Node has no way to do that to a socket; Python has.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until, within } from './deadline.mjs';
import { tcpEnd } from './kernel.mjs';
import { securePorts } from './secure.mjs';

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), 'vanishing_client.py');

export class VanishingClient {
  static async connect(port) {
    const client = new VanishingClient();
    client.child = spawn('python3', [PROGRAM, String(port), ...(securePorts.has(port) ? ['tls'] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
    client.ended = once(client.child, 'close');
    client.port = Number(await client.#line());
    client.farPort = port;
    return client;
  }

  async #line() {
    const [line] = await within(once(this.child.stdout, 'data'), 'a word of the client that vanishes');
    return line.toString();
  }

  /** A GET, once. */
  ask(target) {
    this.child.stdin.write(`${target}\n`);
  }

  /** Once all that it sent is acknowledged: else its kernel would send that again, and not be silent. */
  async vanish() {
    await until(() => tcpEnd(this.port, this.farPort).unsent === 0, 'the words of the client that vanishes to arrive');
    this.child.stdin.write('vanish\n');
    await this.#line();
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
