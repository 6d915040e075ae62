import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { plain } from './paint.ts';
import { wholeLine } from './whole.ts';

it('says the verdict, how many were as expected, how long it took, and where the results are', () => {
  const limit = exampleResult({ verdict: 'fail', expected: { verdict: 'fail' }, asExpected: true });
  expect(wholeLine(exampleRun([exampleResult(), limit]), plain)).toBe(
    'pass: 2 of 2 as expected in 32 s; results in chaos-results/2026-01-01T00-00-00',
  );
});

it('counts what was not as expected apart from what is inconclusive', () => {
  const scenarios = [
    exampleResult(),
    exampleResult({ verdict: 'fail', asExpected: false }),
    exampleResult({ asExpected: false, expected: { verdict: 'fail' } }),
    exampleResult({ verdict: 'inconclusive', asExpected: false }),
  ];
  expect(wholeLine(exampleRun(scenarios, { verdict: 'fail' }), plain)).toMatch(
    /^fail: 1 of 4 as expected, 2 not, 1 inconclusive in /,
  );
});
