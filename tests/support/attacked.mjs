// Attacked: one weir in front of one strict backend that keeps every request it got whole and answers it with itself.
// Says of a client's bytes what became of them: refused and never heard of, begun and never whole, or exactly one request.
// Whatever it was, the next one on the connection and the next client get their own answers.
import assert from 'node:assert/strict';
import { RawBackend, sized } from './raw_backend.mjs';
import { Weir } from './weir.mjs';
import { WireEnded } from './wire.mjs';

/** What echo() answers: the request line, in a field too, for HEAD has no body. */
function echo(request) {
  const whole = sized(request.startLine, { fields: [`X-Echo: ${request.startLine}`] });
  return request.method === 'HEAD' ? whole.slice(0, whole.indexOf('\r\n\r\n') + 4) : whole;
}

/** A smuggled request: its target must never reach the backend, nor be answered. */
export const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

const get = (target) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

export class Attacked {
  static async start(stage, settings = {}) {
    const attacked = new Attacked();
    attacked.requests = [];
    attacked.backend = stage.own(
      await RawBackend.start(async (wire) => {
        for (;;) {
          const request = await wire.readRequest();
          attacked.requests.push(request);
          wire.send(echo(request));
        }
      }),
    );
    attacked.weir = stage.own(await Weir.start({ pools: { app: [attacked.backend.address] }, ...settings }));
    return attacked;
  }

  /** The request lines of all requests since the last call. */
  #taken() {
    return this.requests.splice(0);
  }

  async #asks(wire, target) {
    const answer = await wire.ask(get(target));
    assert.equal(answer.text(), `GET ${target} HTTP/1.1`, 'the answer is that of this request');
  }

  /** Another client asks for something and gets that, over whatever connection to the backend is there. */
  async #another() {
    const wire = await this.weir.connect();
    await this.#asks(wire, '/another');
    wire.close();
  }

  /** Refused with `status` and the end of the connection, alone and behind a good request; the backend gets nothing. */
  async refuses(bytes, status = 400) {
    for (const before of [[], ['/before']]) {
      const wire = await this.weir.connect();
      wire.send(before.map(get).join('') + bytes + SMUGGLED);
      for (const target of before) assert.equal((await wire.readResponse()).text(), `GET ${target} HTTP/1.1`);
      await this.#refusal(wire, status);
      assert.deepEqual(this.#taken().map(({ startLine }) => startLine), [...before, '/another'].map((target) => `GET ${target} HTTP/1.1`));
    }
  }

  /** Its head is fine, so the backend may have begun with it, but it never gets it whole: `status`, and the end. */
  async breaks(bytes, status = 400) {
    const wire = await this.weir.connect();
    wire.send(bytes + SMUGGLED);
    await this.#refusal(wire, status);
    assert.deepEqual(this.#taken().map(({ startLine }) => startLine), ['GET /another HTTP/1.1']);
    assert.doesNotMatch(this.backend.received(), /smuggled/);
  }

  async #refusal(wire, status) {
    const answer = await wire.readResponse();
    assert.equal(answer.status, status);
    assert.match(answer.get('connection'), /close/i);
    const { rest } = await wire.readEnd();
    wire.close();
    assert.equal(rest.toString('latin1'), '', 'one answer and no more');
    await this.#another();
  }

  /**
   * Comes to the backend as exactly one request: `line`, `body`, `fields` ({ name: value, or undefined for none }) and
   * `trailers` ({ name: value }, all there are). `closes`: the connection ends behind its answer.
   */
  async passes(bytes, { line, body = '', fields = {}, trailers = {}, closes = false }) {
    const method = line.split(' ', 1)[0];
    const wire = await this.weir.connect();
    wire.send(bytes);
    let answer = await wire.readResponse(method);
    while (answer.status < 200) answer = await wire.readResponse(method);
    assert.equal(answer.get('x-echo'), line);
    if (closes) assert.deepEqual(await wire.readEnd(), { how: 'fin', rest: Buffer.alloc(0) });
    else await this.#asks(wire, '/next');
    wire.close();
    await this.#another();
    const [request, ...others] = this.#taken();
    assert.deepEqual(others.map(({ target }) => target), closes ? ['/another'] : ['/next', '/another']);
    assert.deepEqual([request.startLine, request.text()], [line, body]);
    for (const [name, value] of Object.entries(fields)) assert.equal(request.get(name), value, name);
    assert.deepEqual(Object.fromEntries(request.trailers), trailers);
  }

  /** All that ever came to the backend were the requests that a test knew of, and cut ones. */
  nothingElseCame() {
    assert.deepEqual(this.requests, []);
    for (const failure of this.backend.failures) assert.ok(failure instanceof WireEnded, failure.message);
  }
}
