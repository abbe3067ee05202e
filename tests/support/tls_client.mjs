// A client over TLS that tells what was agreed on.
import https from 'node:https';
import { within } from './deadline.mjs';

/**
 * One request; resolves with { status, headers, body }, the session `ticket` that came, and what was agreed on: version,
 * resumed, alpn, cipher, and whom the certificate stands for (`shown`). Other options are those of https.request.
 */
export function ask(port, { path: target = '/', method = 'GET', headers = {}, body, ...options }) {
  return within(
    new Promise((resolve, reject) => {
      let ticket;
      const sent = https.request({ port, host: '127.0.0.1', path: target, method, headers, agent: false, ...options });
      sent.on('error', reject);
      sent.on('socket', (socket) => socket.on('session', (session) => (ticket = session)));
      sent.on('response', (response) => {
        const { socket } = response;
        const facts = { version: socket.getProtocol(), resumed: socket.isSessionReused(), alpn: socket.alpnProtocol, shown: socket.getPeerCertificate().subjectaltname, cipher: socket.getCipher().standardName };
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces), ticket, ...facts }));
      });
      sent.end(body);
    }),
    `the answer to ${method} ${target}`,
  );
}
