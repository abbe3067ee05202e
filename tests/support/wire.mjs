// Wire: one connection at the level of bytes, as a client of weir or as a backend behind it. Keeps every byte that
// came, reads messages off them strictly, and tells a FIN from a reset. Nothing is answered or closed by itself.
import { within } from './deadline.mjs';
import { dial } from './dial.mjs';
import { BadMessage, takeBody, takeRequestHead, takeResponseHead } from './message.mjs';

/** The connection ended before what was read for had come. `rest` holds what did. */
export class WireEnded extends Error {
  constructor(what, how, rest) {
    super(`the connection ended with a ${how} while waiting for ${what}; unread: ${JSON.stringify(rest.toString('latin1', 0, 300))}`);
    this.how = how;
    this.rest = rest;
  }
}

export class Wire {
  constructor(socket) {
    this.socket = socket;
    this.tcp = socket.tcp ?? socket;
    this.received = Buffer.alloc(0); // everything that came
    this.read = 0; // of it was taken by the readers below
    this.sent = 0;
    this.ended = null; // 'fin' (over TLS: close_notify), 'cut' (a FIN without that) or 'reset', once it was
    this.wakers = new Set();
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.#wake();
    });
    socket.on('end', () => this.#asksHowItEnded());
    socket.on('error', () => this.#ends('reset'));
    socket.on('close', () => this.#ends('reset'));
  }

  static async connect(port, options = {}) {
    return new Wire(await within(dial(port, { allowHalfOpen: true, ...options }), `a connection to port ${port}`));
  }

  // A reset that comes together with data looks like an end to Node (libuv takes POLLHUP behind a short read for one).
  // The socket still knows: it refuses to send, be it nothing. A close_notify is no end before the FIN behind it.
  #asksHowItEnded() {
    if (!this.tcp.readableEnded) return void this.tcp.once('end', () => this.#asksHowItEnded());
    const end = this.socket.cut ? 'cut' : 'fin';
    if (!this.tcp.writable || this.tcp.writableLength > 0) this.#ends(end);
    else this.tcp.write(Buffer.alloc(0), (error) => this.#ends(error ? 'reset' : end));
  }

  get localPort() {
    return this.tcp.localPort;
  }

  #ends(how) {
    this.ended ??= how;
    this.#wake();
  }

  #wake() {
    for (const waker of [...this.wakers]) waker();
  }

  /** Asks `condition` again whenever something came, until it returns something other than null. */
  async until(condition, what) {
    return within(
      new Promise((resolve, reject) => {
        const look = () => {
          try {
            const found = condition();
            if (found === null && !this.ended) return;
            this.wakers.delete(look);
            if (found === null) reject(new WireEnded(what, this.ended, this.rest()));
            else resolve(found);
          } catch (error) {
            this.wakers.delete(look);
            reject(error);
          }
        };
        this.wakers.add(look);
        look();
      }),
      what,
    ).catch((error) => {
      if (!(error instanceof WireEnded) && !(error instanceof BadMessage)) {
        error.message += `; unread: ${JSON.stringify(this.rest().toString('latin1', 0, 300))}`;
      }
      throw error;
    });
  }

  /** What came and was not yet read. */
  rest() {
    return this.received.subarray(this.read);
  }

  send(bytes) {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.sent += buffer.length;
    this.socket.write(buffer);
  }

  /** Every piece in a write of its own, the next one when the kernel has the last. */
  async sendPieces(pieces) {
    for (const piece of pieces) {
      const buffer = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
      this.sent += buffer.length;
      await new Promise((resolve) => this.socket.write(buffer, resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  sendBytewise(text) {
    return this.sendPieces([...Buffer.from(text, 'latin1')].map((byte) => Buffer.from([byte])));
  }

  /** Ends our direction (FIN); the other one goes on. */
  end() {
    this.socket.end();
  }

  /** Ends the connection with a reset. */
  reset() {
    this.socket.resetAndDestroy();
  }

  close() {
    this.socket.destroy();
  }

  /** Up to and including `text`. */
  readUntil(text) {
    return this.until(() => {
      const at = this.rest().indexOf(text);
      return at < 0 ? null : this.#take(at + text.length);
    }, `${JSON.stringify(text)} to come`);
  }

  /** Exactly `count` bytes. */
  readBytes(count) {
    return this.until(() => (this.rest().length < count ? null : this.#take(count)), `${count} bytes`);
  }

  #take(count) {
    const bytes = Buffer.from(this.rest().subarray(0, count));
    this.read += count;
    return bytes;
  }

  async #readHead(take, what) {
    return this.until(() => {
      const taken = take(this.rest());
      if (taken === null) return null;
      this.read += taken[1];
      return taken[0];
    }, what);
  }

  readRequestHead() {
    return this.#readHead(takeRequestHead, 'a request head');
  }

  readResponseHead() {
    return this.#readHead(takeResponseHead, 'a response head');
  }

  /** The body behind a head that was just read. */
  async readBody(message, framing = message.framing()) {
    await this.until(() => {
      const used = takeBody(message, framing, this.rest(), this.ended === 'fin');
      if (used === null) return null;
      this.read += used;
      return true;
    }, `a ${framing.kind} body`);
    return message;
  }

  async readRequest() {
    const head = await this.readRequestHead();
    return this.readBody(head);
  }

  /** The next response, also a 1xx. `method` is that of its request. */
  async readResponse(method = 'GET') {
    const head = await this.readResponseHead();
    return this.readBody(head, head.framing(method));
  }

  /** Sends a request and reads its response. */
  async ask(bytes, method = 'GET') {
    this.send(bytes);
    return this.readResponse(method);
  }

  /** Waits for the end; { how: 'fin' | 'cut' | 'reset', rest: unread bytes }. */
  async readEnd() {
    await this.until(() => (this.ended ? true : null), 'the end of the connection');
    return { how: this.ended, rest: this.rest() };
  }
}
