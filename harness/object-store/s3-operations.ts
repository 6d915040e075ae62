/**
 * The port to an S3 SDK: it signs and sends *one* attempt of *one* S3 operation, and no more. No retry, no multipart, no
 * deadline, no buffering of its own: those are the policy's (`ObjectStore`), above this port.
 */
import type { Readable } from 'node:stream';
import type { AttemptEvent, S3Operation, TransportFailure } from '../history/events.ts';

/** The bytes of one request's body, which can be sent again as often as needed. */
export interface Body {
  readonly size: number;
  /** The SHA-256 of the bytes, hex: what a signed payload is signed with. Computed once, by reading the bytes. */
  sha256(): Promise<string>;
  /** A new stream over the same bytes. */
  open(): Readable;
  /** The bytes from `start` (included) to `end` (excluded), counted from this body's own first byte. */
  slice(start: number, end: number): Body;
}

/** Says which attempt a call is, for the history and the gateway. */
export interface AttemptContext {
  /** Unique in the run; sent as `x-chaos-attempt`, outside the signature. */
  id: string;
  /** See `AttemptEvent.request`. */
  request: string;
  /** 1 for the first. */
  attempt: number;
  /** Ends the attempt: the connection is closed, and the call rejects with a `TransportError`. */
  signal: AbortSignal;
  /**
   * Takes what happened, once, when the exchange is over: before the call settles, for `getObject` when its body has been
   * read. Recording it is the caller's: only the policy knows whether it tries again (`retryIn`). Not called when the attempt
   * was over before anything was tried.
   */
  report(event: AttemptEvent): void;
}

export interface UploadedPart {
  partNumber: number;
  etag: string;
}

export interface ListedObject {
  key: string;
  size: number;
  etag: string;
  lastModified: Date;
}

/**
 * Every method rejects with an `S3Error` when S3 answered with an error (a CompleteMultipartUpload answered 200 with an error
 * document among them), and with a `TransportError` when there was no whole answer.
 */
export interface S3Operations {
  /** `aws-sdk` or `minio`. */
  readonly client: string;
  putObject(key: string, body: Body, context: AttemptContext): Promise<{ etag: string }>;
  createMultipartUpload(key: string, context: AttemptContext): Promise<{ uploadId: string }>;
  uploadPart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: Body,
    context: AttemptContext,
  ): Promise<UploadedPart>;
  completeMultipartUpload(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    context: AttemptContext,
  ): Promise<{ etag: string }>;
  abortMultipartUpload(key: string, uploadId: string, context: AttemptContext): Promise<void>;
  getObject(key: string, context: AttemptContext): Promise<{ size: number; body: Readable }>;
  headObject(key: string, context: AttemptContext): Promise<{ size: number; etag: string }>;
  /** One page: `token` of the page before leads to the next. */
  listObjectsV2(
    prefix: string,
    token: string | undefined,
    context: AttemptContext,
  ): Promise<{ objects: ListedObject[]; next?: string }>;
  deleteObject(key: string, context: AttemptContext): Promise<void>;
  /** Closes the idle connections. No call may follow. */
  close(): void;
}

/** S3 answered with an error. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  constructor(
    readonly operation: S3Operation,
    readonly key: string,
    readonly status: number,
    /** The S3 error code (`SlowDown`), or `undefined` when the answer had no error document. */
    readonly code: string | undefined,
    /** The server's own message. */
    readonly serverMessage: string,
  ) {
    super(`${operation} ${key}: S3 answered ${status}${code ? ` ${code}` : ''}: ${serverMessage}`);
  }
}

/** No whole answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The status of the answer, when its headers had come and the rest had not. */
  readonly status: number | undefined;
  constructor(
    readonly operation: S3Operation,
    readonly key: string,
    readonly failure: TransportFailure,
    detail: string,
    options?: ErrorOptions & { status?: number },
  ) {
    super(`${operation} ${key}: ${detail}`, options);
    this.status = options?.status;
  }
}
