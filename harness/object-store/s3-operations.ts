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
  /**
   * The same bytes, for a reader that is done with each piece when it asks for the next: it holds no longer. Ends with `signal`, by an
   * error, also while it waits for a disk. Absent: they are to be had by `open` only. @throws as the stream does
   */
  pieces?(signal: AbortSignal): AsyncIterable<Buffer>;
  /**
   * All of the bytes, read now, when they are few: that takes less than a stream over them does. `undefined`, or absent: they are to be
   * had by `open` only. @throws the file system's error.
   */
  atOnce?(): Buffer | undefined;
  /** The bytes from `start` (included) to `end` (excluded), counted from this body's own first byte. */
  slice(start: number, end: number): Body;
}

/** Says which attempt a call is, for the history and the gateway. */
export interface AttemptContext {
  /** Unique in the run; sent as `x-chaos-attempt`, outside the signature. Empty: not sent, for what is no attempt of a writer. */
  id: string;
  /** The id is within the signature, so that an S3 that does not get it refuses the request. Of `aws-sdk` alone. */
  signsId?: true;
  /** See `AttemptEvent.request`. */
  request: string;
  /** 1 for the first. */
  attempt: number;
  /** Ends the attempt: the connection is closed, and the call rejects with a `TransportError`. */
  signal: AbortSignal;
  /** To sign this attempt for. Absent: the region that the client was made with. */
  region?: string;
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
 * document among them), and with a `TransportError` when there was no whole answer. Of the operations whose answer says nothing but
 * that it is done (PutObject, UploadPart, AbortMultipartUpload, DeleteObject) the head is the whole answer, as minio-go has it: what
 * comes of a body after it is not looked at.
 */
export interface S3Operations {
  /** `aws-sdk` or `minio`. */
  readonly client: string;
  /** `etag` is empty, here and of a part, when the answer has none: minio-go does not ask for it. */
  putObject(key: string, body: Body, context: AttemptContext): Promise<{ etag: string }>;
  /** @throws NamelessUpload when the answer has no upload id. */
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
  /** `range`: from `start` (included) to `end` (excluded). */
  getObject(
    key: string,
    context: AttemptContext,
    range?: { start: number; end: number },
  ): Promise<{ size: number; body: Readable }>;
  headObject(key: string, context: AttemptContext): Promise<{ size: number; etag: string }>;
  /** One page: `token` of the page before leads to the next. */
  listObjectsV2(
    prefix: string,
    token: string | undefined,
    context: AttemptContext,
  ): Promise<{ objects: ListedObject[]; next?: string }>;
  deleteObject(key: string, context: AttemptContext): Promise<void>;
  /** Within the bucket. The attempt is of the key `to`. An error document in a 200 is an `S3Error`, as of CompleteMultipartUpload. */
  copyObject(from: string, to: string, context: AttemptContext): Promise<void>;
  /** The bucket's location constraint as S3 has it: empty, or `EU`, for the two oldest regions. */
  getBucketLocation(context: AttemptContext): Promise<string>;
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
    /** The server's own message; when the answer had none, what minio-go says for it. */
    readonly serverMessage: string,
    /** The region that the answer says the bucket is in. */
    readonly region?: string,
  ) {
    super(`${operation} ${key}: S3 answered ${status}${code ? ` ${code}` : ''}: ${serverMessage}`);
  }
}

/** No whole answer came. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The status of the answer, when its headers had come and the rest had not. */
  readonly status: number | undefined;
  /** Of the request that was under way. Absent when there was none, or its answer had begun. */
  readonly url: string | undefined;
  constructor(
    readonly operation: S3Operation,
    readonly key: string,
    readonly failure: TransportFailure,
    /** In the words of Go and its packages, as far as it has them. */
    readonly detail: string,
    options?: ErrorOptions & { status?: number; url?: string },
  ) {
    super(`${operation} ${key}: ${detail}`, options);
    this.status = options?.status;
    this.url = options?.url;
  }
}

/** CreateMultipartUpload was answered as if all were well, and names no upload. In minio-go's words. */
export class NamelessUpload extends TransportError {
  constructor(key: string, status: number) {
    super('CreateMultipartUpload', key, 'protocol', 'UploadID cannot be empty.', { status });
  }
}
