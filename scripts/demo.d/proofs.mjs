// What scripts/demo --check proves, each with requests of its own. A proof throws when it fails, and returns what it
// saw, in words, when it holds.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

// One request; resolves to { status, headers, body }.
function send(url, { method = 'GET', body, agent, ...tls } = {}) {
    return new Promise((resolve, reject) => {
        const { request: open } = url.startsWith('https:') ? https : http;
        const request = open(url, { method, agent, timeout: 10_000, ...tls }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('error', reject);
            const version = response.socket.getProtocol?.();
            response.on('end', () =>
                resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts), version }));
        });
        request.on('timeout', () => request.destroy(new Error(`no answer from ${url} in 10 s`)));
        request.on('error', reject);
        request.end(body);
    });
}

// The samples of one metric: [{ labels: { pool: 'app' }, value: 10 }].
async function samples(admin, metric) {
    const { status, body } = await send(`${admin}/metrics`);
    assert.equal(status, 200, '/metrics');
    const found = [];
    for (const line of body.toString().split('\n')) {
        const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(line);
        if (match?.[1] !== metric) continue;
        const labels = {};
        for (const [, key, value] of (match[2] ?? '').matchAll(/([a-z_]+)="([^"]*)"/g)) labels[key] = value;
        found.push({ labels, value: Number(match[3]) });
    }
    return found;
}

async function requests_by_endpoint(admin, names) {
    const found = await samples(admin, 'weir_endpoint_requests_total');
    return names.map((name) => found.find(({ labels }) => labels.endpoint === name)?.value ?? 0);
}

// Resolves once weir says that the endpoint is up (1) or not (0).
async function becomes(admin, endpoint, up) {
    const until = Date.now() + 20_000;
    for (;;) {
        const found = await samples(admin, 'weir_endpoint_up');
        if (found.find(({ labels }) => labels.endpoint === endpoint)?.value === up) return;
        assert.ok(Date.now() < until, `weir_endpoint_up of ${endpoint} is not ${up}`);
        await sleep(50);
    }
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function ask_times(count, url, agent, names) {
    const seen = names.map(() => 0);
    for (let i = 0; i < count; ++i) {
        const { status, headers } = await send(url, { agent });
        assert.equal(status, 200);
        const at = names.indexOf(headers['x-backend']);
        assert.notEqual(at, -1, `answered by ${headers['x-backend']}`);
        ++seen[at];
    }
    return seen;
}

// Eight clients ask on while a backend is killed and comes back; returns how many answers they had, all of them good.
async function outlive_a_kill({ front, admin, kill, revive }, gone) {
    let going = true;
    let answers = 0;
    const clients = Array.from({ length: 8 }, async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        for (; going; ++answers) assert.equal((await send(`${front}/`, { agent })).status, 200);
        agent.destroy();
    });
    const all = Promise.all(clients);
    all.catch(() => {});  // told below
    await kill(gone);
    await becomes(admin, gone, 0);
    await revive(gone);
    await becomes(admin, gone, 1);
    going = false;
    await all;
    return answers;
}

// A body of 3 MiB comes back as it went. `ca`: whom to trust over TLS.
function echoed(sentence, url, ca) {
    return [sentence, async () => {
        const body = randomBytes(3 * 1024 * 1024);
        const answer = await send(url, { method: 'POST', body, ca });
        assert.equal(answer.status, 200);
        assert.equal(sha(answer.body), sha(body));
        return `${body.length} bytes, the same SHA-256${answer.version ? `, over ${answer.version}` : ''}`;
    }];
}

// Each proof: a sentence, and what shows it.
export function proofs({ front, secure, ca, admin, names, kill, revive }) {
    return [
        ['weir says it is ready', async () => {
            const { status } = await send(`${admin}/readyz`);
            assert.equal(status, 200);
            return '/readyz is 200';
        }],
        ['30 requests on one connection reach each backend 10 times, and the metrics say so', async () => {
            const before = await requests_by_endpoint(admin, names);
            const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
            const seen = await ask_times(30, `${front}/`, agent, names);
            agent.destroy();
            assert.deepEqual(seen, [10, 10, 10]);
            const after = await requests_by_endpoint(admin, names);
            assert.deepEqual(after.map((value, i) => value - before[i]), [10, 10, 10], 'weir_endpoint_requests_total');
            return `${names.join(', ')}: ${seen.join(', ')}`;
        }],
        ['30 connections of one request each are spread as evenly, whichever worker took them', async () => {
            const seen = await ask_times(30, `${front}/`, new http.Agent({ keepAlive: false }), names);
            assert.deepEqual(seen, [10, 10, 10]);
            return `${names.join(', ')}: ${seen.join(', ')}`;
        }],
        echoed('a body comes back as it went', `${front}/echo`),
        echoed('the same over TLS, by a certificate that was made on the spot', `${secure}/echo`, ca),
        ['every request has an id', async () => {
            const { headers } = await send(`${front}/`);
            assert.match(headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
            return headers['x-request-id'];
        }],
        ['a backend that is killed is routed around without a failed request, and gets its share when it is back', async () => {
            const answers = await outlive_a_kill({ front, admin, kill, revive }, names[1]);
            const seen = await ask_times(30, `${front}/`, undefined, names);
            assert.deepEqual(seen, [10, 10, 10]);
            return `${answers} answers meanwhile, all 200; then ${names.join(', ')}: ${seen.join(', ')}`;
        }],
        ['requests are counted by what came of them', async () => {
            const found = await samples(admin, 'weir_exchanges_total');
            const ok = sum(found.filter(({ labels }) => labels.outcome === 'ok').map(({ value }) => value));
            assert.ok(ok >= 62, `weir_exchanges_total{outcome="ok"} is ${ok}`);
            return `weir_exchanges_total{outcome="ok"} is ${ok}`;
        }],
    ];
}
