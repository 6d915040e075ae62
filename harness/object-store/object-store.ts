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
  close(): void;
}

/** The reason that a signal is aborted with when a deadline ends, so that it can be told from a stop. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  constructor(readonly afterMs: number) {
    // The words of Go's context package, and so of Tempo's log.
    super('context deadline exceeded');
  }
}
