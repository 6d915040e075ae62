/**
 * Chance as a parameter. A draw is keyed by the seed, what it decides, and which attempt it is, never taken from one
 * stream that all share: what one request draws must not depend on when the others happened to arrive.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

export type Key = readonly (string | number)[];

function digest(seed: number, key: Key): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([seed, ...key]))
    .digest();
}

/** What a stream is made of at a time, before it is enciphered. */
const zeros = Buffer.alloc(256 * 1024);

export class Random {
  constructor(readonly seed: number) {}

  /** A number from 0 (included) to 1 (excluded): always the same for the same seed and key. */
  uniform(...key: Key): number {
    const bytes = digest(this.seed, key);
    return (bytes.readUIntBE(0, 6) * 2 ** 5 + (bytes.readUInt8(6) >> 3)) / 2 ** 53;
  }

  /** A UUID of version 4, as Tempo names blocks: always the same for the same seed and key. */
  uuid(...key: Key): string {
    const bytes = digest(this.seed, key).subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** A stream of `size` bytes that no compression shortens (AES-CTR): always the same for the same seed and key. */
  stream(size: number, ...key: Key): Readable {
    const bytes = digest(this.seed, key);
    const cipher = createCipheriv('aes-128-ctr', bytes.subarray(0, 16), bytes.subarray(16, 32));
    let left = size;
    return new Readable({
      highWaterMark: Math.min(size, zeros.length) || 1,
      read() {
        if (left === 0) return void this.push(null);
        const chunk = cipher.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
        left -= chunk.length;
        this.push(chunk);
      },
    });
  }
}
