// A Node app in a process of its own (child_backend.mjs starts it), for what only processes do: die, shut down, block.
// Plain, so that any Node from 18 on runs it. GET /health has the answer it was told last; any other request is answered
// with the process's id, GET /slow?MS after so long.
import http from 'node:http';

const [port, onTerm] = process.argv.slice(2);
let health = { status: 200, type: 'application/json', body: '{"status":"ok"}' };
let last = 0; // when an answer last left

const server = http.createServer((request, response) => {
  response.on('finish', () => (last = Date.now()));
  if (request.url === '/health') {
    if (health === null) return response.writeHead(404).end();
    return response.writeHead(health.status, { 'content-type': health.type }).end(health.body);
  }
  const answer = () => response.end(String(process.pid));
  const slow = /^\/slow\?(\d+)$/.exec(request.url);
  if (slow) {
    process.send({ began: request.url });
    return setTimeout(answer, Number(slow[1]));
  }
  answer();
});

process.on('message', (message) => {
  if ('health' in message) health = message.health;
  if ('block' in message) {
    const end = Date.now() + message.block;
    while (Date.now() < end);
  }
  process.send({ did: message });
});

process.on('SIGTERM', () => {
  if (onTerm === 'shutting_down') health = { status: 503, type: 'application/json', body: '{"status":"shutting_down"}' };
  if (onTerm === 'close') {
    last = Date.now();
    server.close(() => {
      process.send({ last });
      process.disconnect();
    });
  }
});

server.listen(Number(port), '127.0.0.1', () => process.send({ listening: true, version: process.version }));
