/**
 * What minio-go tries again (its retry.go, which has the same list in 7.0.94 and 7.1.0). `Retry-After` is ignored, as there.
 */
import { S3Error, TransportError } from './s3-operations.ts';

const statuses = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

const codes = new Set([
  'RequestError',
  'RequestTimeout',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'InternalError',
  'ExpiredToken',
  'ExpiredTokenException',
  'SlowDown',
  'SlowDownWrite',
  'SlowDownRead',
]);

/** What OpenSSL says when a server answers a TLS handshake in plain HTTP. */
const plainHttpAnswer = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/** By the status alone, as far as an event of a history tells. */
export function isRetryableStatus(status: number): boolean {
  return statuses.has(status);
}

/** By the code alone: what minio-go asks of an answer that told it where a bucket is. */
export function isRetryableCode(code: string | undefined): boolean {
  return codes.has(code ?? '');
}

/** Whether minio-go would try again after this error of an attempt. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof S3Error) return isRetryableStatus(error.status) || isRetryableCode(error.code);
  // A body that could not be read from the disk, say: no matter of the network's.
  if (!(error instanceof TransportError)) return false;
  if (error.failure === 'deadline' || error.failure === 'aborted') return false;
  // The head of an answer had come: what goes wrong after it, minio-go's retries no longer see.
  if (error.status !== undefined) return false;
  const cause = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  // A certificate that nobody known has signed is tried again like any other: docs/decisions/024.
  return !plainHttpAnswer.has(cause);
}
