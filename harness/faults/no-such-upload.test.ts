import { expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { noSuchUpload } from './no-such-upload.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-no-such-upload';
const parsed = noSuchUpload.parameters.parse({});
const answered = { status: 404, code: 'NoSuchUpload' };
const part = (options: object) =>
  request('a', 'x', [1000, 1010], { operation: 'UploadPart', partNumber: 1, ...options });

it('is seen by clients whose part found no upload', () => {
  const gone = part({ upstream: 'unseen', answered, edge: { rule } });
  expect(effectOf('no-such-upload', parsed, [gone], { end: { fired: 1 } })).toEqual({
    seen: true,
    message: '1 of 1 attempts were answered NoSuchUpload',
  });
});

it("is not seen in S3's own NoSuchUpload, nor when it counts and does nothing", () => {
  expect(effectOf('no-such-upload', parsed, [part({ upstream: 404, answered })], { end: { fired: 7 } }).seen).toBe(
    false,
  );
  const reached = part({ upstream: 404, answered, edge: { rule } });
  expect(effectOf('no-such-upload', parsed, [reached], { end: { fired: 7 } }).seen).toBe(false);
  expect(effectOf('no-such-upload', parsed, [part({})], { end: { fired: 7 } }).seen).toBe(false);
  expect(effectOf('no-such-upload', parsed, [part({ edge: { rule } })], { end: { fired: 7 } }).seen).toBe(false);
});

it('answers 404 to parts and completions, unless told which', async () => {
  const { rules } = await injected('no-such-upload', { first: 1 });
  expect(rules).toEqual([
    {
      kind: 'answer-error',
      rule,
      seed: 7,
      match: { operations: ['UploadPart', 'CompleteMultipartUpload'], first: 1 },
      status: 404,
      code: 'NoSuchUpload',
      message: 'The specified multipart upload does not exist.',
    },
  ]);
  expect(objections('no-such-upload', { operations: ['PutObject'] })).toHaveLength(1);
});
