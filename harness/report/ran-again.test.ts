import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { plain } from './paint.ts';
import { countedAgain, ranAgain } from './ran-again.ts';
import { runReport } from './run-report.ts';

const late = (folder: string) => ({
  verdict: 'inconclusive' as const,
  explanation: 'This run proves nothing: the harness was late by 340ms.',
  folder,
});
const again = exampleResult({
  client: 'minio',
  folder: 'slowdown-burst-minio-try-2',
  earlierTries: [late('slowdown-burst-minio')],
});

it('names the try that the verdict is of, why the one before proved nothing, and where it is', () => {
  expect(ranAgain({ folder: 'chaos-results/a', scenarios: [exampleResult(), again] }, 1000)).toBe(
    'slowdown-burst (minio) ran again, alone: pass is the verdict of try 2. Try 1: This run proves nothing: the harness was late by 340ms. (chaos-results/a/slowdown-burst-minio/)',
  );
});

it('tells of every try', () => {
  const earlierTries = [late('a'), late('a-try-2')];
  const text = ranAgain({ folder: 'r', scenarios: [exampleResult({ verdict: 'inconclusive', earlierTries })] }, 1000);
  expect(text).toMatch(/: inconclusive is the verdict of try 3\. Try 1: .* \(r\/a\/\) Try 2: .* \(r\/a-try-2\/\)$/);
});

it('fits the terminal', () => {
  const lines = (ranAgain({ folder: 'r', scenarios: [again] }, 60) as string).split('\n');
  expect(lines.length).toBeGreaterThan(2);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});

it('is nothing when none ran again', () => {
  expect(ranAgain({ folder: 'r', scenarios: [exampleResult()] }, 80)).toBeUndefined();
  expect(countedAgain([exampleResult()])).toBe('');
});

it('stands in the report above the last line, which counts them', () => {
  const parts = runReport(exampleRun([exampleResult(), again, again]), 2000, plain).split('\n\n');
  expect(parts.at(-2)?.split('\n')).toEqual([
    expect.stringMatching(/^slowdown-burst \(minio\) ran again/),
    expect.stringMatching(/^slowdown-burst \(minio\) ran again/),
  ]);
  expect(parts.at(-1)).toBe(
    'pass: 3 of 3 as expected in 32 s; 2 ran again; results in chaos-results/2026-01-01T00-00-00\n',
  );
});
