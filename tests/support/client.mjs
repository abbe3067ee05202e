// A plain HTTP client over node:http, for requests that are valid. What is not goes over a Wire.
import { within } from './deadline.mjs';
import { openRequest } from './dial.mjs';

/**
 * One request; resolves with { status, headers, rawHeaders, trailers, body, informational }. `body` may be a Buffer, a
 * string, or an async iterable of pieces (then sent chunked). Without `agent` each request has its own connection.
 */
export function request(port, { path = '/', method = 'GET', headers = {}, body, agent = false, host = '127.0.0.1', trailers } = {}) {
  return within(
    new Promise((resolve, reject) => {
      const informational = [];
      const sent = openRequest({ port, host, path, method, headers, agent });
      sent.on('error', reject);
      sent.on('information', (info) => informational.push({ status: info.statusCode, headers: info.headers }));
      sent.on('response', (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('error', reject);
        response.on('close', () => {
          if (!response.complete) reject(new Error('the response was cut'));
        });
        response.on('end', () => {
          if (!response.complete) return;
          const whole = Buffer.concat(pieces);
          resolve({
            status: response.statusCode,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            trailers: response.trailers,
            informational,
            body: whole,
            text: () => whole.toString(),
            json: () => JSON.parse(whole.toString()),
          });
        });
      });
      send(sent, body, trailers).catch(reject);
    }),
    `the answer to ${method} ${path}`,
  );
}

async function send(sent, body, trailers) {
  if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) {
    for await (const piece of body) {
      if (!sent.write(piece)) await new Promise((resolve) => sent.once('drain', resolve));
    }
    if (trailers) sent.addTrailers(trailers);
    sent.end();
    return;
  }
  sent.end(body);
}
