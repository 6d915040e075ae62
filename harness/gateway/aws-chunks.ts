/**
 * Which bytes of a body in `aws-chunked` encoding are the object's own. Source: S3's API reference, "Signature calculations:
 * transferring payload in multiple chunks": `<size in hex>[;chunk-signature=...]\r\n<data>\r\n`, a last chunk of size 0, trailers.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Bytes of a size and its signature; what has more is no chunk. */
const LONGEST_LINE = 1024;

export function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  const encodings = headers['content-encoding']?.split(',').map((encoding) => encoding.trim());
  return encodings?.includes('aws-chunked') || `${headers['x-amz-content-sha256']}`.startsWith('STREAMING-');
}

/** Follows one body. */
export class AwsChunks {
  #step: 'size' | 'data' | 'data-end' | 'over' = 'size';
  #line = '';
  /** Bytes that the chunk, or its line end, still has. */
  #left = 0;

  /** The pieces of `chunk` that are data, as slices of it. Of what is not in this encoding, nothing is. */
  data(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let at = 0;
    while (at < chunk.length && this.#step !== 'over') {
      if (this.#step === 'size') {
        const end = chunk.indexOf(0x0a, at);
        const taken = end < 0 ? chunk.length : end + 1;
        this.#line += chunk.toString('latin1', at, taken);
        at = taken;
        if (this.#line.length > LONGEST_LINE) this.#step = 'over';
        else if (end >= 0) this.#readSize();
      } else {
        const taken = Math.min(this.#left, chunk.length - at);
        if (this.#step === 'data') pieces.push(chunk.subarray(at, at + taken));
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#next();
      }
    }
    return pieces;
  }

  #readSize(): void {
    const size = /^([0-9a-f]{1,12})(?:;[^\r\n]*)?\r\n$/i.exec(this.#line)?.[1];
    this.#line = '';
    this.#left = Number.parseInt(size ?? '0', 16);
    this.#step = this.#left > 0 ? 'data' : 'over';
  }

  #next(): void {
    if (this.#step === 'data') {
      this.#step = 'data-end';
      this.#left = 2;
    } else {
      this.#step = 'size';
    }
  }
}
