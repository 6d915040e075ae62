import { expect, it } from 'vitest';
import { loggedWords } from './logged-words.ts';
import { S3Error, TransportError } from './s3-operations.ts';

const url = 'http://s3:9000/b/k?uploadId=u';

it('are the server’s message, without status and code', () => {
  expect(loggedWords(new S3Error('PutObject', 'k', 503, 'SlowDown', 'Please reduce your request rate.'))).toBe(
    'Please reduce your request rate.',
  );
});

it.each([
  ['PutObject', 'Put'],
  ['UploadPart', 'Put'],
  ['CompleteMultipartUpload', 'Post'],
  ['AbortMultipartUpload', 'Delete'],
  ['GetObject', 'Get'],
] as const)('name the request that was under way: %s', (operation, method) => {
  const error = new TransportError(operation, 'k', 'deadline', 'context deadline exceeded', { url });
  expect(loggedWords(error)).toBe(`${method} "${url}": context deadline exceeded`);
});

it('name none where none was', () => {
  expect(loggedWords(new TransportError('PutObject', 'k', 'deadline', 'context deadline exceeded'))).toBe(
    'context deadline exceeded',
  );
});

it('are the message of any other error', () => {
  expect(loggedWords(new Error('the body cannot be read'))).toBe('the body cannot be read');
});
