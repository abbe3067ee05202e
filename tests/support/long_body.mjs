// A body of any length whose every byte is known from its place: blocks of the same noise, each with its number in front.
// Whoever receives one compares each byte with what must stand there, which finds more than a hash would, and costs less.
import { createHash } from 'node:crypto';

const BLOCK = 64 * 1024;
const noise = Buffer.alloc(BLOCK);
for (let at = 0; at < BLOCK; at += 32) createHash('sha256').update(String(at)).digest().copy(noise, at);

function numbered(block, number) {
  block.writeBigUInt64BE(BigInt(number));
  return block;
}

/** The body in pieces of up to 64 KiB. */
export function* longBody(bytes) {
  for (let number = 0; number * BLOCK < bytes; number += 1) {
    yield numbered(Buffer.from(noise), number).subarray(0, Math.min(BLOCK, bytes - number * BLOCK));
  }
}

/** Takes the body in pieces of any size. */
export class LongBodyReader {
  #expected = numbered(Buffer.from(noise), 0);
  received = 0;
  wrongBlock = null; // the number of the first one that was not as it should be

  take(piece) {
    for (let at = 0; at < piece.length; ) {
      const within = this.received % BLOCK;
      if (within === 0) numbered(this.#expected, this.received / BLOCK);
      const count = Math.min(BLOCK - within, piece.length - at);
      if (piece.compare(this.#expected, within, within + count, at, at + count) !== 0) this.wrongBlock ??= Math.floor(this.received / BLOCK);
      this.received += count;
      at += count;
    }
  }
}
