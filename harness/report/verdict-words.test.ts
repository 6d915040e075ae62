import { expect, it } from 'vitest';
import { exampleResult } from './example-run.ts';
import { isPlainPass, verdictWords } from './verdict-words.ts';

const cases = [
  { verdict: 'pass', expected: { verdict: 'pass' }, asExpected: true, words: 'pass' },
  { verdict: 'pass', expected: { verdict: 'fail' }, asExpected: false, words: 'pass (unexpected)' },
  { verdict: 'fail', expected: { verdict: 'pass' }, asExpected: false, words: 'fail' },
  { verdict: 'fail', expected: { verdict: 'fail' }, asExpected: true, words: 'fail (expected)' },
  { verdict: 'fail', expected: { verdict: 'fail' }, asExpected: false, words: 'fail (other cause)' },
  { verdict: 'inconclusive', expected: { verdict: 'fail' }, asExpected: false, words: 'inconclusive' },
] as const;

it.each(cases)('$words', ({ words, ...result }) => {
  expect(verdictWords(exampleResult(result))).toBe(words);
});

it('only a pass that was expected needs no explanation', () => {
  const plain = cases.filter((one) => isPlainPass(exampleResult(one)));
  expect(plain.map(({ words }) => words)).toEqual(['pass']);
});
