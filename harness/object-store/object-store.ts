/** The port that a block writer writes through: whole objects, with a client's policy of retries behind it. */
import type { Body } from './s3-operations.ts';

export interface ObjectStore {
  /**
   * Writes one object: with one PutObject, or by multipart when it is larger than the policy's part size.
   * Resolves when S3 has acknowledged all of it.
   * @throws S3Error or TransportError: the last attempt's, when the policy gives up.
   * @throws TransportError with failure `deadline` or `aborted`, when `signal` ended it: whatever hid the S3 error.
   */
  putObject(key: string, body: Body, signal: AbortSignal): Promise<void>;
  /**
   * What Tempo does once at start: list the bucket. @throws as `putObject` does.
   */
  checkAccess(signal: AbortSignal): Promise<void>;
  /**
   * The bytes of an object from `start` (included) to `end` (excluded), whole, or all of it: with the attempts that the policy has.
   * @throws as `putObject` does.
   */
  getObject(key: string, signal: AbortSignal, range?: { start: number; end: number }): Promise<Buffer>;
  /** Every key below a prefix, page by page. @throws as `putObject` does. */
  listKeys(prefix: string, signal: AbortSignal): Promise<string[]>;
  deleteObject(key: string, signal: AbortSignal): Promise<void>;
  /** Copies an object within the bucket, at the server (CopyObject). @throws as `putObject` does. */
  copyObject(from: string, to: string, signal: AbortSignal): Promise<void>;
  /**
   * Begins a multipart upload whose parts are sent one after another, as Tempo's compactor writes: a part that fails is tried again as
   * the policy has it, and an upload that is given up is not aborted.
   */
  openUpload(key: string, signal: AbortSignal): Promise<OpenUpload>;
  close(): void;
}

/** A multipart upload under way. */
export interface OpenUpload {
  /** Sends the next part, of 5 MiB at least but for the last. @throws as `putObject` does. */
  append(body: Body, signal: AbortSignal): Promise<void>;
  complete(signal: AbortSignal): Promise<void>;
}

/** The reason that a signal is aborted with when a deadline ends, so that it can be told from a stop. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(readonly afterMs: number) {
    // The words of Go's context package, and so of Tempo's log.
    super('context deadline exceeded');
  }
}
