// Opens connections to ports of weir, or of anybody: a socket, with TLS over it where weir speaks TLS at this port.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { securePorts } from './secure.mjs';

/** The bytes of a socket, for TLS: were it given the socket itself, Node would crash when that is reset. */
class Ciphertext extends Duplex {
  constructor(tcp) {
    super();
    this.tcp = tcp;
    tcp.on('data', (bytes) => this.push(bytes) || tcp.pause());
    tcp.on('end', () => this.push(null));
    tcp.on('error', (error) => this.destroy(error));
    tcp.on('close', () => this.destroy());
  }

  _read() {
    this.tcp.resume();
  }

  _write(bytes, _, done) {
    this.tcp.write(bytes, done);
  }

  _final(done) {
    this.tcp.end(done);
  }

  _destroy(error, done) {
    this.tcp.destroy();
    done(error);
  }
}

/**
 * A connection over which a client may speak; fails where there is none. `secure`: whether by TLS. Then `tcp` is the socket
 * below, and `cut` says of an end that it came without close_notify; resetAndDestroy() is a reset either way.
 */
export async function dial(port, { host = '127.0.0.1', secure = securePorts.has(port), ...options } = {}) {
  const tcp = net.connect({ port, host, ...options });
  await once(tcp, 'connect');
  return secure ? shakeHands(tcp) : tcp;
}

async function shakeHands(tcp) {
  tcp.setNoDelay(true);
  const socket = new Ciphertext(tcp);
  const secure = tls.connect({ socket, rejectUnauthorized: false });
  socket.prependOnceListener('end', () => (secure.cut = !secure._readableState.ended));
  await once(secure, 'secureConnect');
  return Object.assign(secure, { tcp, resetAndDestroy: () => tcp.resetAndDestroy() });
}

/** http.request(), by TLS where that is spoken; without a server name, by which an agent would keep connections apart. */
export function openRequest(options) {
  const { request } = securePorts.has(options.port) ? https : http;
  return request({ host: '127.0.0.1', rejectUnauthorized: false, servername: '', ...options });
}
