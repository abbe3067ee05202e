// A backend of the demo: a plain node:http server that says who it is.
//   GET /         "hello from NAME (pid N)"
//   GET /health   ok
//   POST /echo    the body as it came
// Every answer names the backend in X-Backend. SIGTERM ends it well: no new connections, idle ones closed.
// usage: node backend.mjs NAME PORT
import http from 'node:http';
import process from 'node:process';

const [name, port] = process.argv.slice(2);

const server = http.createServer((request, response) => {
    response.setHeader('X-Backend', name);
    if (request.url === '/health') {
        response.end('ok\n');
    } else if (request.method === 'POST' && request.url === '/echo') {
        response.setHeader('Content-Type', request.headers['content-type'] ?? 'application/octet-stream');
        request.pipe(response);
    } else {
        response.setHeader('Content-Type', 'text/plain; charset=utf-8');
        response.end(`hello from ${name} (pid ${process.pid})\n`);
    }
});

server.on('error', (error) => {
    console.error(`${name}: ${error.message}`);
    process.exit(3);
});
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
});
