import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Body } from './s3-operations.ts';

/** A body that is held in memory. */
export class MemoryBody implements Body {
  readonly size: number;

  constructor(readonly bytes: Buffer) {
    this.size = bytes.length;
  }

  async sha256(): Promise<string> {
    return createHash('sha256').update(this.bytes).digest('hex');
  }

  open(): Readable {
    return Readable.from([this.bytes]);
  }

  atOnce(): Buffer {
    return this.bytes;
  }

  slice(start: number, end: number): Body {
    return new MemoryBody(this.bytes.subarray(start, end));
  }
}
