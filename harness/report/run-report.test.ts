import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { plain } from './paint.ts';
import { runReport } from './run-report.ts';

it('is table, explanations of all that is no plain pass, and the whole as its last line', () => {
  const expectedFail = exampleResult({
    name: 'bandwidth-starved',
    verdict: 'fail',
    expected: { verdict: 'fail', cause: 'visible-within' },
    asExpected: true,
    explanation: 'No block of 500 MiB fits through 1 MB/s within flush_op_timeout.',
  });
  const report = runReport(exampleRun([exampleResult(), expectedFail]), 120, plain);
  const parts = report.split('\n\n');
  expect(parts).toHaveLength(4);
  expect(parts[0]?.split('\n')).toHaveLength(4);
  expect(parts[1]).toMatch(/^compressed: time by 20, bytes by 100\. Kept: /);
  expect(parts[2]).toMatch(
    /^fail \(expected\) {2}bandwidth-starved \(aws-sdk, seed 42\)\n {4}No block of 500 MiB fits/,
  );
  expect(parts[3]).toMatch(/^pass: 2 of 2 as expected .*\n$/);
});
