// RawBackend: a backend at the level of bytes. Each connection that weir opens is a Wire; a script answers it, or the
// test itself does. All that weir ever sent stays there to be looked at.
import net from 'node:net';
import { once } from 'node:events';
import { until } from './deadline.mjs';
import { Wire } from './wire.mjs';

export class RawBackend {
  /** `script(wire, index)` is run for each connection; its end says nothing, and it may be left out. */
  static async start(script = null) {
    const backend = new RawBackend();
    backend.connections = [];
    backend.failures = [];
    backend.claimed = 0;
    backend.server = net.createServer({ allowHalfOpen: true }, (socket) => {
      const wire = new Wire(socket);
      const index = backend.connections.push(wire) - 1;
      if (script) Promise.resolve(script(wire, index)).catch((error) => backend.failures.push(error));
    });
    backend.server.listen(0, '127.0.0.1');
    await once(backend.server, 'listening');
    backend.port = backend.server.address().port;
    backend.address = `127.0.0.1:${backend.port}`;
    return backend;
  }

  /** A backend that answers each request on a connection with the next of `answers`, the last one again and again. */
  static answering(...answers) {
    return RawBackend.start(async (wire) => {
      for (let i = 0; ; i += 1) {
        const request = await wire.readRequest();
        const answer = answers[Math.min(i, answers.length - 1)];
        wire.send(typeof answer === 'function' ? answer(request) : answer);
      }
    });
  }

  /** The next connection that weir opens (or has opened) and that accept() has not yet returned. */
  async accept() {
    const index = this.claimed;
    this.claimed += 1;
    return until(() => this.connections[index], () => `connection ${index + 1} to the backend`);
  }

  /** Every byte of every connection, one after the other. */
  received() {
    return Buffer.concat(this.connections.map((wire) => wire.received)).toString('latin1');
  }

  async stop() {
    for (const wire of this.connections) wire.close();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A response with a body of known length; `fields` are lines without their ends. */
export function sized(body, { status = '200 OK', fields = [] } = {}) {
  return [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
