import { describe, expect, it } from 'vitest';
import type { TransportFailure } from '../history/events.ts';
import { isRetryable } from './retryable.ts';
import { S3Error, TransportError } from './s3-operations.ts';

const s3 = (status: number, code?: string) => new S3Error('PutObject', 'k', status, code, '');
const transport = (failure: TransportFailure, options?: { status?: number; cause?: unknown }) =>
  new TransportError('PutObject', 'k', failure, 'x', options);

describe('minio-go tries again', () => {
  it.each([408, 429, 499, 500, 502, 503, 504, 520])('status %i, whatever its code', (status) => {
    expect(isRetryable(s3(status))).toBe(true);
    expect(isRetryable(s3(status, 'SomethingNew'))).toBe(true);
  });

  it.each([
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
  ])('code %s, whatever its status', (code) => {
    expect(isRetryable(s3(400, code))).toBe(true);
    expect(isRetryable(s3(200, code))).toBe(true);
  });

  it.each(['dns', 'connect', 'tls', 'reset', 'header-timeout', 'protocol'] as const)(
    'a transport error: %s',
    (failure) => {
      expect(isRetryable(transport(failure))).toBe(true);
    },
  );
});

describe('minio-go gives up at once', () => {
  it.each([
    [400, 'EntityTooSmall'],
    [403, 'AccessDenied'],
    [404, 'NoSuchUpload'],
    [404, 'NoSuchBucket'],
    [409, 'OperationAborted'],
    [501, 'NotImplemented'],
    [521, undefined],
  ])('on %i %s', (status, code) => {
    expect(isRetryable(s3(status, code))).toBe(false);
  });

  it.each(['deadline', 'aborted'] as const)('when the operation has ended: %s', (failure) => {
    expect(isRetryable(transport(failure))).toBe(false);
  });

  it('when the answer broke off after its head', () => {
    expect(isRetryable(transport('reset', { status: 503 }))).toBe(false);
    expect(isRetryable(transport('protocol', { status: 200 }))).toBe(false);
  });

  it.each([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', true],
    ['CERT_HAS_EXPIRED', true],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ])('after a handshake that failed with %s: %s', (code, retried) => {
    expect(isRetryable(transport('tls', { cause: Object.assign(new Error(code), { code }) }))).toBe(retried);
  });

  it('on what is no failure of S3', () => {
    expect(isRetryable(new Error('the body cannot be read'))).toBe(false);
  });
});
