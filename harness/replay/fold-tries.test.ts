import { expect, it } from 'vitest';
import { exampleResult } from '../report/example-run.ts';
import { tryFolder } from '../scenario/try-folder.ts';
import { foldTries } from './fold-tries.ts';

const inconclusive = (folder: string) => exampleResult({ verdict: 'inconclusive', asExpected: false, folder });

it('puts tries in the order of their numbers, which is not that of their names', () => {
  const tries = Array.from({ length: 10 }, (_, index) => inconclusive(tryFolder('a-minio', index + 1)));
  const [last, ...others] = foldTries([...tries].sort((a, b) => (a.folder < b.folder ? -1 : 1)));
  expect(others).toEqual([]);
  expect([...(last?.earlierTries ?? []), { ...last }].map(({ folder }) => folder)).toEqual(
    tries.map(({ folder }) => folder),
  );
});

it('leaves results without tries as they are, in their order', () => {
  const results = [exampleResult({ folder: 'b' }), inconclusive('a'), exampleResult({ folder: 'c' })];
  expect(foldTries(results)).toEqual(results);
});

it('takes what ran with another seed for no try of the same', () => {
  const results = [inconclusive('a-minio'), { ...exampleResult({ folder: 'a-minio-try-2' }), seed: 7 }];
  expect(foldTries(results)).toEqual(results);
});
