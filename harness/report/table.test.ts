import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { paintFor, plain } from './paint.ts';
import { resultTable } from './table.ts';

const colours = paintFor({ isTTY: true }, {});
const lost = exampleResult({
  name: 'slowdown-sustained',
  client: 'minio',
  verdict: 'fail',
  asExpected: false,
  blocks: { cut: 8, flushed: 6, readBack: 6, lost: 2 },
  recovery: { ms: null, budgetMs: 180_000 },
  deadlineExceeded: 3,
  latency: { p50: null, p99: null },
});

it('has one line a scenario, with its figures under their heads', () => {
  const table = resultTable(exampleRun([exampleResult(), lost]), 120, plain);
  expect(table).toBe(
    [
      '                                      blocks: cut/flushed     requests            recovery  deadline   PUT ms',
      'scenario            client   verdict  /read back/lost      sent/needed  retries  of budget  exceeded  p50/p99',
      'slowdown-burst      aws-sdk  pass     8/8/8/0                    58/40       18  12s of 3m         0   3.1/13',
      'slowdown-sustained  minio    fail     8/6/6/2                    58/40       18  not in 3m         3      -/-',
    ].join('\n'),
  );
});

it('fits 120 columns with the longest of everything', () => {
  const long = exampleResult({
    name: 'regional-latency-jitter',
    verdict: 'fail',
    expected: { verdict: 'fail' },
    asExpected: false,
    blocks: { cut: 128, flushed: 128, readBack: 128, lost: 128 },
    requests: { needed: 12_000, sent: 48_000, retries: 36_000 },
    recovery: { ms: 89_000, budgetMs: 570_000 },
    latency: { p50: 1234, p99: 12_345 },
  });
  const lines = resultTable(exampleRun([long]), 120, plain).split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
});

it('stacks the same figures in a narrow terminal', () => {
  const table = resultTable(exampleRun([lost]), 80, plain);
  expect(table).toBe(
    [
      'fail  slowdown-sustained (minio)',
      '    blocks 8 cut, 6 flushed, 6 read back, 2 lost; requests 58 sent, 40 needed,',
      '    18 of them retries; recovery not in 3m; deadline exceeded 3; PUT ms p50/p99',
      '    -/-',
    ].join('\n'),
  );
});

it('is the same with colours as without, colours aside', () => {
  const run = exampleRun([exampleResult(), lost]);
  const painted = resultTable(run, 120, colours);
  expect(stripVTControlCharacters(painted)).toBe(resultTable(run, 120, plain));
  expect(painted).toContain(colours('red', '2'));
  expect(painted).toContain(colours('green', 'pass'));
});
