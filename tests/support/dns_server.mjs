// DnsServer: a DNS server on a loopback address of its own (port 53, so only for root), UDP and TCP, that answers from a
// table; and a view of the file system for weir in which that server is the one to ask.
import dgram from 'node:dgram';
import net from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';

const TYPES = { 1: 'A', 28: 'AAAA' };
const NO_SUCH_NAME = 3;
const TRIES = 32;

/** Why names can not be tested here, or false: a skip of node:test. */
export function namesCanNotBeTested() {
  if (process.getuid() !== 0) return 'only root can give weir another /etc/resolv.conf (unshare -m)';
  try {
    execFileSync('unshare', ['-m', 'sh', '-c', 'mount --bind /etc/hosts /etc/resolv.conf'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'unshare -m or mount --bind is not allowed here';
  }
}

export class DnsServer {
  /**
   * `hosts`: name -> { A, AAAA: lists of addresses, ttl: seconds, rcode, silent, truncated }, in lower case; it may change
   * at any time. What is not there does not exist.
   */
  static async start(hosts = {}) {
    const server = new DnsServer();
    server.hosts = hosts;
    server.queries = []; // { name, type, tcp }
    server.delay = 0; // ms, before an answer over UDP
    for (let i = 1; ; i += 1) {
      server.address = `127.${[0, 0, 0].map(() => 1 + Math.floor(Math.random() * 254)).join('.')}`;
      try {
        await server.#listen();
        break;
      } catch (error) {
        if (error.code !== 'EADDRINUSE' || i === TRIES) throw error;
      }
    }
    server.folder = await mkdtemp(path.join(tmpdir(), 'weir-dns-'));
    return server;
  }

  async #listen() {
    this.udp = dgram.createSocket('udp4', (packet, from) => {
      const answer = this.#answer(packet, false);
      if (answer) setTimeout(() => this.udp?.send(answer, from.port, from.address), this.delay);
    });
    this.tcp = net.createServer((socket) => this.#serve(socket));
    this.udp.bind(53, this.address);
    await once(this.udp, 'listening');
    this.tcp.listen(53, this.address);
    await once(this.tcp, 'listening');
  }

  #serve(socket) {
    let left = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      left = Buffer.concat([left, bytes]);
      while (left.length >= 2 && left.length >= 2 + left.readUInt16BE(0)) {
        const size = left.readUInt16BE(0);
        const answer = this.#answer(left.subarray(2, 2 + size), true);
        left = left.subarray(2 + size);
        if (answer) socket.write(Buffer.concat([number(answer.length, 2), answer]));
      }
    });
  }

  #answer(packet, tcp) {
    const labels = [];
    let at = 12;
    for (; packet[at] !== 0; at += packet[at] + 1) labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]));
    const name = labels.join('.').toLowerCase();
    const type = TYPES[packet.readUInt16BE(at + 1)];
    const question = packet.subarray(12, at + 5);
    this.queries.push({ name, type, tcp });
    const host = this.hosts[name];
    if (host?.silent) return null;
    const cut = host?.truncated && !tcp;
    const addresses = (!cut && host?.[type]) || [];
    const rcode = host ? (host.rcode ?? 0) : NO_SUCH_NAME;
    const head = [packet.subarray(0, 2), number(0x8180 | (cut ? 0x200 : 0) | rcode, 2), number(1, 2), number(addresses.length, 2), number(0, 4), question];
    const records = addresses.map((address) => {
      const bytes = addressBytes(address);
      return Buffer.concat([number(0xc00c, 2), number(type === 'A' ? 1 : 28, 2), number(1, 2), number(host.ttl ?? 60, 4), number(bytes.length, 2), bytes]);
    });
    return Buffer.concat([...head, ...records]);
  }

  /** What Weir.start takes as `through`: weir asks this server, and reads `hosts` (text) as /etc/hosts. */
  async view({ hosts = '127.0.0.1 localhost\n' } = {}) {
    const files = { 'resolv.conf': `nameserver ${this.address}\n`, hosts };
    const mounts = [];
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      await writeFile(file, text);
      mounts.push(`mount --bind ${file} /etc/${name}`);
    }
    return ['unshare', '-m', 'sh', '-c', `${mounts.join(' && ')} && exec "$0" "$@"`];
  }

  /** How often `name` was asked for. */
  asked(name) {
    return this.queries.filter((query) => query.name === name && query.type === 'A').length;
  }

  async silence() {
    this.udp.close();
    await once(this.udp, 'close');
    this.udp = null;
  }

  async stop() {
    if (this.udp) await this.silence();
    this.tcp.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function number(value, bytes) {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

function addressBytes(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head, tail = ''] = address.split('::');
  const groups = (text) => text.split(':').filter(Boolean).map((group) => parseInt(group, 16));
  const [before, behind] = [groups(head), groups(tail)];
  const all = [...before, ...Array(8 - before.length - behind.length).fill(0), ...behind];
  return Buffer.concat(all.map((group) => number(group, 2)));
}
