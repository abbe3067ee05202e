// HTTP/1 messages as raw bytes, read strictly: what weir sends is judged here, so nothing is repaired and nothing is
// guessed. Takes messages out of a buffer; knows no sockets.

/** The bytes are no HTTP/1 message, or not the one expected. */
export class BadMessage extends Error {}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function parseFields(lines) {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    if (colon < 1 || !TOKEN.test(name)) throw new BadMessage(`not a field line: ${JSON.stringify(line)}`);
    return [name, line.slice(colon + 1).trim()];
  });
}

class Message {
  constructor(startLine, fields) {
    this.startLine = startLine;
    this.fields = fields;
    this.trailers = [];
    this.body = Buffer.alloc(0);
    this.chunked = false;
  }

  /** All values of a field, in order. */
  all(name) {
    return this.fields.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }

  /** The one value of a field, or undefined; several are an error. */
  get(name) {
    const values = this.all(name);
    if (values.length > 1) throw new BadMessage(`${name} came ${values.length} times: ${values.join(' | ')}`);
    return values[0];
  }

  has(name) {
    return this.all(name).length > 0;
  }

  names() {
    return this.fields.map(([name]) => name.toLowerCase());
  }

  text() {
    return this.body.toString('latin1');
  }

  json() {
    return JSON.parse(this.body.toString());
  }
}

class Request extends Message {
  constructor(startLine, fields) {
    super(startLine, fields);
    const match = /^([^ ]+) ([^ ]+) (HTTP\/1\.[01])$/.exec(startLine);
    if (!match) throw new BadMessage(`not a request line: ${JSON.stringify(startLine)}`);
    [, this.method, this.target, this.version] = match;
  }

  framing() {
    return explicitFraming(this) ?? { kind: 'none' };
  }
}

class Response extends Message {
  constructor(startLine, fields) {
    super(startLine, fields);
    const match = /^(HTTP\/1\.[01]) ([1-9][0-9][0-9]) (.*)$/.exec(startLine);
    if (!match) throw new BadMessage(`not a status line: ${JSON.stringify(startLine)}`);
    this.version = match[1];
    this.status = Number(match[2]);
    this.reason = match[3];
  }

  framing(method) {
    const bodiless = this.status < 200 || this.status === 204 || this.status === 304 || method === 'HEAD';
    if (bodiless) return { kind: 'none' };
    return explicitFraming(this) ?? { kind: 'until-close' };
  }
}

function explicitFraming(message) {
  const coding = message.get('transfer-encoding');
  const length = message.get('content-length');
  if (coding !== undefined && length !== undefined) throw new BadMessage('Content-Length together with Transfer-Encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new BadMessage(`Transfer-Encoding: ${coding}`);
    return { kind: 'chunked' };
  }
  if (length === undefined) return undefined;
  if (!/^[0-9]+$/.test(length)) throw new BadMessage(`Content-Length: ${length}`);
  return { kind: 'sized', size: Number(length) };
}

/** Takes a head off `buffer`: [message, bytes used], or null while it is not complete. */
function takeHead(buffer, Kind) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [startLine, ...lines] = buffer.toString('latin1', 0, end).split('\r\n');
  return [new Kind(startLine, parseFields(lines)), end + 4];
}

export const takeRequestHead = (buffer) => takeHead(buffer, Request);
export const takeResponseHead = (buffer) => takeHead(buffer, Response);

/**
 * Takes the body of `message` off `buffer`: bytes used, or null while it is not complete. `ended` says that no more
 * bytes will come, which completes a body that goes on until the connection is closed.
 */
export function takeBody(message, framing, buffer, ended) {
  if (framing.kind === 'none') return 0;
  if (framing.kind === 'sized') {
    if (buffer.length < framing.size) return null;
    message.body = Buffer.from(buffer.subarray(0, framing.size));
    return framing.size;
  }
  if (framing.kind === 'until-close') {
    if (!ended) return null;
    message.body = Buffer.from(buffer);
    return buffer.length;
  }
  return takeChunks(message, buffer);
}

function takeChunks(message, buffer) {
  const pieces = [];
  let at = 0;
  for (;;) {
    const eol = buffer.indexOf('\r\n', at);
    if (eol < 0) return null;
    const line = buffer.toString('latin1', at, eol);
    if (!/^[0-9a-fA-F]+$/.test(line)) throw new BadMessage(`not a chunk size: ${JSON.stringify(line)}`);
    const size = parseInt(line, 16);
    at = eol + 2;
    if (size === 0) break;
    if (buffer.length < at + size + 2) return null;
    pieces.push(buffer.subarray(at, at + size));
    at += size + 2;
    if (buffer.toString('latin1', at - 2, at) !== '\r\n') throw new BadMessage('no CRLF behind a chunk');
  }
  message.chunked = true;
  const lines = [];
  for (;;) {
    const eol = buffer.indexOf('\r\n', at);
    if (eol < 0) return null;
    const line = buffer.toString('latin1', at, eol);
    at = eol + 2;
    if (line === '') break;
    lines.push(line);
  }
  message.body = Buffer.concat(pieces);
  message.trailers = parseFields(lines);
  return at;
}
