import { describe, expect, it } from 'vitest';
import { comparableError, comparableRecordedError } from './logged-error.ts';

const about = 'error copying block from local to remote backend: error writing object to s3 backend, object';
const block = '0b9d2f3c-1111-4222-8333-944455566677';

describe('a recorded error', () => {
  it('is compared up to what the server said', () => {
    expect(comparableRecordedError(`${about} single-tenant/<id>/index: The specified upload: gone`)).toBe(
      `${about} single-tenant/<id>/index: <the server's message>`,
    );
  });

  it.each(['Put <url>: context deadline exceeded', 'Post <url>: EOF', 'context deadline exceeded'])(
    'is compared whole where the client speaks: %s',
    (words) => {
      const error = `${about} single-tenant/<id>/index: ${words}`;
      expect(comparableRecordedError(error)).toBe(error);
    },
  );
});

describe('an error of ours', () => {
  it('is without the ids and addresses of its run', () => {
    const url = `"http://127.0.0.1:9000/b/single-tenant/${block}/index?partNumber=2"`;
    expect(comparableError(`${about} single-tenant/${block}/index: Put ${url}: EOF`, new Set())).toBe(
      `${about} single-tenant/<id>/index: Put <url>: EOF`,
    );
  });

  it('is compared up to what the server said, and to nothing else', () => {
    const error = `${about} single-tenant/${block}/index: Please reduce`;
    expect(comparableError(error, new Set(['Please reduce']))).toBe(
      `${about} single-tenant/<id>/index: <the server's message>`,
    );
    expect(comparableError(error, new Set(['Please']))).toBe(`${about} single-tenant/<id>/index: Please reduce`);
  });
});
