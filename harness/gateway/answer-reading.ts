/**
 * What the history wants to know of an answer of S3: the error's code, and the ETag of what was written. Both may be in the body,
 * which is streamed past: only its beginning is looked at.
 */
import type { S3Operation } from '../history/events.ts';

/** Error documents and results of CompleteMultipartUpload are some hundred bytes; the blanks that keep it alive come first. */
const LONGEST_PREFIX = 4096;

/** These can fail after their 200 has been sent, and give their ETag in the body. */
const answeredInBody: readonly S3Operation[] = ['CompleteMultipartUpload', 'CopyObject', 'UploadPartCopy'];
const answeredInHeader: readonly S3Operation[] = ['PutObject', 'UploadPart'];

export class AnswerReading {
  readonly #looksAtBody: boolean;
  readonly #headerEtag: string | undefined;
  #prefix = '';

  constructor(operation: S3Operation, status: number, etag: string | undefined) {
    this.#looksAtBody = status >= 400 || (status < 300 && answeredInBody.includes(operation));
    if (status < 300 && answeredInHeader.includes(operation)) this.#headerEtag = etag;
  }

  see(chunk: Buffer): void {
    if (!this.#looksAtBody || this.#prefix.length >= LONGEST_PREFIX) return;
    this.#prefix = (this.#prefix + chunk.toString('latin1')).trimStart().slice(0, LONGEST_PREFIX);
  }

  /** The S3 error code, also of an error that came with status 200. */
  get code(): string | undefined {
    return /<Error\b/.test(this.#prefix) ? /<Code>([^<]+)<\/Code>/.exec(this.#prefix)?.[1] : undefined;
  }

  /** Without quotes. */
  get etag(): string | undefined {
    const etag = this.#headerEtag ?? /<ETag>([^<]+)<\/ETag>/.exec(this.#prefix)?.[1];
    return etag?.replace(/&#34;|&quot;|"/g, '');
  }
}
