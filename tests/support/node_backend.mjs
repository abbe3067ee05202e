// NodeBackend: a real node:http server on a port of its own, which counts and remembers what came. Without a handler it
// tells the client as JSON what it saw.
import http from 'node:http';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

export class NodeBackend {
  /** `handler(request, response, backend)`; `options` go to http.createServer. */
  static async start(handler = tell, { name = 'node', ...options } = {}) {
    const server = http.createServer(options);
    const backend = await NodeBackend.of(server, name);
    server.on('request', (request, response) => handler(request, response, backend));
    return backend;
  }

  /** Puts any http.Server (Express, Fastify) on a port. */
  static async of(server, name = 'app') {
    const backend = new NodeBackend();
    backend.name = name;
    backend.server = server;
    backend.seen = [];
    backend.connections = 0;
    server.on('connection', () => (backend.connections += 1));
    server.on('request', (request) => backend.seen.push({ method: request.method, url: request.url, headers: request.headers }));
    if (!server.listening) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    backend.port = server.address().port;
    backend.address = `127.0.0.1:${backend.port}`;
    return backend;
  }

  async stop() {
    this.server.closeAllConnections();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Answers with what was seen of the request. */
export async function tell(request, response, backend) {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of request) {
    hash.update(piece);
    size += piece.length;
  }
  const text = JSON.stringify({
    backend: backend.name,
    method: request.method,
    url: request.url,
    version: request.httpVersion,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    trailers: request.trailers,
    size,
    sha256: hash.digest('hex'),
  });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
