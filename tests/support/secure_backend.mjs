// A Node backend over TLS.
import https from 'node:https';
import { NodeBackend, tell } from './node_backend.mjs';

/** `identity`: a certificate of certificates.mjs. It remembers what its clients asked for and showed in `handshakes`. */
export async function secureBackend(identity, options = {}, handler = tell) {
  const server = https.createServer({ cert: identity.cert, key: identity.key, ...options });
  const backend = await NodeBackend.of(server);
  backend.handshakes = [];
  server.on('secureConnection', (socket) =>
    backend.handshakes.push({ name: socket.servername, resumed: socket.isSessionReused(), alpn: socket.alpnProtocol, version: socket.getProtocol(), shown: socket.getPeerCertificate().subject?.CN }));
  server.on('request', (request, response) => handler(request, response, backend));
  return backend;
}
