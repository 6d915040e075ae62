/** A range of a local file as the body of a request: read from the disk each time it is sent; held whole only when it is small. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { filePieces, PIECE } from './file-pieces.ts';
import type { Body } from './s3-operations.ts';

/** Up to so many bytes are read at once, and the event loop waits: docs/decisions/094-small-files-are-read-at-once.md. */
const FEW = 64 * 1024;

export class FileBody implements Body {
  readonly size: number;
  #sha256: Promise<string> | undefined;

  /**
   * The bytes of `path` from `start` (included) to `end` (excluded). `sha256`: their SHA-256 in hex, when it is known already
   * (the writer knows it of whole objects); otherwise the range is read once to find it.
   */
  constructor(
    readonly path: string,
    readonly start: number,
    readonly end: number,
    sha256?: string,
  ) {
    if (!(start >= 0 && end >= start)) {
      throw new RangeError(`file body: ${path} has no range from ${start} to ${end}: 0 <= start <= end must hold`);
    }
    this.size = end - start;
    if (sha256 !== undefined) this.#sha256 = Promise.resolve(sha256);
  }

  /** The whole file as it is now. @throws the file system's error, if it is not there. */
  static async whole(path: string, sha256?: string): Promise<FileBody> {
    return new FileBody(path, 0, statSync(path).size, sha256);
  }

  /** @throws the file system's error; the next call tries again. */
  sha256(): Promise<string> {
    this.#sha256 ??= this.#hash().catch((error) => {
      this.#sha256 = undefined;
      throw error;
    });
    return this.#sha256;
  }

  open(): Readable {
    // A file stream's `end` is inclusive: an empty range cannot be said.
    if (this.size === 0) return Readable.from([]);
    return createReadStream(this.path, { start: this.start, end: this.end - 1, highWaterMark: PIECE });
  }

  async *pieces(signal: AbortSignal): AsyncGenerator<Buffer> {
    for await (const piece of filePieces(this.path, this.start, this.end)) {
      signal.throwIfAborted();
      yield piece;
    }
  }

  /** Fewer bytes than `size` when the file has fewer by now. @throws the file system's error */
  atOnce(): Buffer | undefined {
    if (this.size > FEW) return undefined;
    const bytes = Buffer.allocUnsafe(this.size);
    const file = openSync(this.path, 'r');
    try {
      let read = 0;
      for (let more = -1; more !== 0 && read < this.size; read += more) {
        more = readSync(file, bytes, read, this.size - read, this.start + read);
      }
      return bytes.subarray(0, read);
    } finally {
      closeSync(file);
    }
  }

  slice(start: number, end: number): FileBody {
    if (!(start >= 0 && end <= this.size)) {
      throw new RangeError(`file body: ${this.path} has ${this.size} bytes here: no slice from ${start} to ${end}`);
    }
    return new FileBody(this.path, this.start + start, this.start + end);
  }

  async #hash(): Promise<string> {
    const hash = createHash('sha256');
    const few = this.atOnce();
    if (few) return hash.update(few).digest('hex');
    for await (const piece of filePieces(this.path, this.start, this.end)) hash.update(piece);
    return hash.digest('hex');
  }
}
