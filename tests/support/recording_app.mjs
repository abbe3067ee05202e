// A Node app in a process of its own that acts on requests: each POST is a line of its file before it is answered: the
// path. recording_backend.mjs starts it. Plain, so that any Node from 18 on runs it.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';

const [port, file, options] = process.argv.slice(2);
const { keepAliveTimeout = 5000, sayClose = false, blockEvery = 0, blockFor = 0, requestTimeout } = JSON.parse(options);
const log = fs.openSync(file, 'a');
let closing = false;

const timeouts = requestTimeout ? { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval: 100 } : {};
const server = http.createServer(timeouts, (request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'POST') fs.writeSync(log, `${request.url}\n`);
    if (closing && sayClose) response.setHeader('Connection', 'close');
    response.writeHead(200, { 'content-length': 2 });
    response.end('ok');
  });
});
server.keepAliveTimeout = keepAliveTimeout;

if (blockEvery > 0) {
  setInterval(() => {
    const end = Date.now() + blockFor;
    while (Date.now() < end);
  }, blockEvery).unref();
}

// server.close(); or nothing new, and whoever asks on an old connection is told that it ends.
process.on('SIGTERM', () => {
  closing = true;
  if (!sayClose) return server.close(() => process.exit(0));
  net.Server.prototype.close.call(server, () => process.exit(0));
  setTimeout(() => process.exit(0), 1500);
});
process.on('disconnect', () => process.exit(0));
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () => process.send('listening'));
