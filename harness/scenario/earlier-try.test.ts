import { expect, it } from 'vitest';
import { exampleResult } from '../report/example-run.ts';
import { afterTries, earlierTry, triesUpTo, tryNumberOf } from './earlier-try.ts';

const inconclusive = (folder: string, explanation: string) =>
  exampleResult({ verdict: 'inconclusive', asExpected: false, folder, explanation });

it.each([
  ['This run proves nothing: no attempt to 127.0.0.1:80 in 3.5s. 2 kills. Told too.', 'in 3.5s. 2 kills.'],
  ['This run proves nothing: meta.json is missing. Told too.', 'meta.json is missing.'],
  ['This run proves nothing: the harness was late.', 'was late.'],
  ['', ''],
])('tells the first sentence of %o', (explanation, end) => {
  const told = earlierTry(inconclusive('a-minio', explanation));
  expect(told).toEqual({ verdict: 'inconclusive', explanation: expect.any(String), folder: 'a-minio' });
  expect(explanation.startsWith(told.explanation)).toBe(true);
  expect(told.explanation.endsWith(end)).toBe(true);
  expect(told.explanation).not.toContain('Told too');
});

it('counts, and hands on what was before, in its order', () => {
  const first = afterTries(inconclusive('a-minio', 'One.'), []);
  expect(first).not.toHaveProperty('earlierTries');
  expect(tryNumberOf(first)).toBe(1);
  const second = afterTries(inconclusive('a-minio-try-2', 'Two.'), triesUpTo(first));
  const third = afterTries(exampleResult(), triesUpTo(second));
  expect(tryNumberOf(third)).toBe(3);
  expect(third.earlierTries?.map(({ folder, explanation }) => `${folder} ${explanation}`)).toEqual([
    'a-minio One.',
    'a-minio-try-2 Two.',
  ]);
});
