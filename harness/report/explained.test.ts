import { expect, it } from 'vitest';
import { exampleResult } from './example-run.ts';
import { explained } from './explained.ts';
import { plain } from './paint.ts';

const failed = exampleResult({
  verdict: 'fail',
  asExpected: false,
  findings: [
    { checker: 'fault-fired', verdict: 'pass', message: 's3-error fired 18 times' },
    { checker: 'harness-on-time', verdict: 'inconclusive', message: 'late by 30 ms' },
    { checker: 'durability', verdict: 'fail', message: 'block 1234 is lost' },
  ],
});

it('gives the explanation, where the evidence is, and how to run it alone', () => {
  const text = explained(
    { ...failed, explanation: 'Two blocks were lost. S3 said SlowDown.' },
    'chaos-results/r',
    80,
    plain,
  );
  expect(text).toBe(
    [
      'fail  slowdown-burst (aws-sdk, seed 42)',
      '    Two blocks were lost. S3 said SlowDown.',
      '    data:     4GB pushed, 1.2GB at most on a disk and not in S3',
      '    evidence: chaos-results/r/slowdown-burst-aws-sdk/',
      '    more:     npx tempo-s3-chaos explain chaos-results/r/slowdown-burst-aws-sdk',
      '    alone:    npx tempo-s3-chaos run slowdown-burst --client aws-sdk --seed 42',
    ].join('\n'),
  );
});

it('without an explanation, tells the findings that stand against it, the worst first', () => {
  const lines = explained(failed, 'chaos-results/r', 80, plain).split('\n');
  expect(lines.slice(1, -4)).toEqual(['    durability: block 1234 is lost', '    harness-on-time: late by 30 ms']);
});

it('says what was to be shown when a scenario that demonstrates a limit did not', () => {
  const passed = exampleResult({ expected: { verdict: 'fail', cause: 'deadline-exceeded' }, asExpected: false });
  const text = explained({ ...passed, verdict: 'pass', explanation: '', findings: [] }, 'r', 80, plain);
  expect(text.split('\n')[1]).toBe('    Nothing was lost or late: every checker passed.');
  expect(explained({ ...passed, explanation: 'All blocks came through.' }, 'r', 80, plain)).toContain(
    'It was to fail by deadline-exceeded, to show a limit of the config.',
  );
});

it('gives a command that a shell can take, of a folder with a space too; none where nothing failed', () => {
  expect(explained(failed, 'my results/r', 80, plain)).toContain(
    "more:     npx tempo-s3-chaos explain 'my results/r/slowdown-burst-aws-sdk'",
  );
  expect(explained({ ...failed, verdict: 'inconclusive' }, 'r', 80, plain)).not.toContain('more:');
});

it('never lets a message of S3 reach the terminal as a command', () => {
  const text = explained({ ...failed, explanation: 'S3 said \u001b[2JSlowDown' }, 'r', 80, plain);
  expect(text).not.toContain('\u001b');
});
