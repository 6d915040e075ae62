import { expect, it } from 'vitest';
import { AnswerReading } from './answer-reading.ts';

function read(reading: AnswerReading, ...chunks: string[]) {
  for (const chunk of chunks) reading.see(Buffer.from(chunk));
  return { code: reading.code, etag: reading.etag };
}

it('reads the code of an error, also when it comes in pieces', () => {
  const reading = new AnswerReading('PutObject', 503, undefined);
  expect(read(reading, '<?xml?><Err', 'or><Code>Slow', 'Down</Code></Error>')).toEqual({
    code: 'SlowDown',
    etag: undefined,
  });
});

it('reads an error that comes with status 200, behind the blanks that kept the connection alive', () => {
  const reading = new AnswerReading('CompleteMultipartUpload', 200, undefined);
  expect(read(reading, ' '.repeat(10_000), '<Error><Code>InternalError</Code></Error>').code).toBe('InternalError');
});

it('reads the ETag of a completed upload from the body, and of a PUT from the header, without quotes', () => {
  const body = '<CompleteMultipartUploadResult><ETag>&#34;abc-2&#34;</ETag></CompleteMultipartUploadResult>';
  expect(read(new AnswerReading('CompleteMultipartUpload', 200, undefined), body).etag).toBe('abc-2');
  expect(read(new AnswerReading('PutObject', 200, '"abc"')).etag).toBe('abc');
});

it('takes nothing from the bytes of an object', () => {
  const object = '<Error><Code>SlowDown</Code></Error><ETag>x</ETag>';
  expect(read(new AnswerReading('GetObject', 200, '"abc"'), object)).toEqual({ code: undefined, etag: undefined });
});

it('looks at the beginning only', () => {
  const late = `<Error>${'x'.repeat(5000)}<Code>SlowDown</Code></Error>`;
  expect(read(new AnswerReading('GetObject', 500, undefined), late).code).toBeUndefined();
});
