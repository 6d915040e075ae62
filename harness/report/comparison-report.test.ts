import { expect, it } from 'vitest';
import { compareRuns } from './comparison.ts';
import { comparisonReport } from './comparison-report.ts';
import { exampleResult, exampleRun } from './example-run.ts';
import { plain } from './paint.ts';

const worse = exampleResult({
  client: 'minio',
  verdict: 'fail',
  asExpected: false,
  blocks: { cut: 8, flushed: 7, readBack: 7, lost: 1 },
  deadlineExceeded: 2,
  recovery: { ms: null, budgetMs: 180_000 },
  explanation: 'Block 1234 was lost.',
});
const comparison = compareRuns(
  exampleRun([exampleResult(), exampleResult({ client: 'minio' })], { config: 'old.yaml', folder: 'chaos-results/a' }),
  exampleRun([exampleResult(), worse], { config: 'new.yaml', folder: 'chaos-results/b' }),
);

it('shows both side by side, explains what is worse, and ends with the whole', () => {
  expect(comparisonReport(comparison, 120, plain)).toBe(
    `${[
      'old: old.yaml',
      'new: new.yaml',
      '',
      '                                 verdict             lost  deadline exc.      recovery  PUT p99 ms',
      'new is  scenario        client   old -> new    old -> new     old -> new    old -> new  old -> new',
      'same    slowdown-burst  aws-sdk  pass -> pass      0 -> 0         0 -> 0    12s -> 12s    13 -> 13',
      'worse   slowdown-burst  minio    pass -> fail      0 -> 1         0 -> 2  12s -> never    13 -> 13',
      '',
      'worse  slowdown-burst (minio): fail, was pass',
      'fail  slowdown-burst (minio, seed 42)',
      '    Block 1234 was lost.',
      '    data:     4GB pushed, 1.2GB at most on a disk and not in S3',
      '    evidence: chaos-results/b/slowdown-burst-aws-sdk/',
      '    more:     npx tempo-s3-chaos explain chaos-results/b/slowdown-burst-aws-sdk',
      '    alone:    npx tempo-s3-chaos run slowdown-burst --client aws-sdk --seed 42',
      '',
      'worse: of 2: 1 worse, 1 same, in 1 min 4 s; results in chaos-results/a and chaos-results/b',
    ].join('\n')}\n`,
  );
});

it('tells of what ran again on which config, and counts it', () => {
  const earlierTries = [{ verdict: 'inconclusive' as const, explanation: 'Late.', folder: 'slowdown-burst-aws-sdk' }];
  const again = exampleResult({ earlierTries, folder: 'slowdown-burst-aws-sdk-try-2' });
  const report = (older = exampleResult(), newer = exampleResult()) =>
    comparisonReport(
      compareRuns(exampleRun([older], { folder: 'a' }), exampleRun([newer], { folder: 'b' })),
      1000,
      plain,
    ).split('\n\n');
  expect(report(exampleResult(), again).slice(-2)).toEqual([
    'slowdown-burst (aws-sdk, new) ran again, alone: pass is the verdict of try 2. Try 1: Late. (b/slowdown-burst-aws-sdk/)',
    'not worse: of 1: 1 same, in 1 min 4 s; 1 ran again; results in a and b\n',
  ]);
  expect(report(again, again).slice(-3)).toEqual([
    expect.stringMatching(/^slowdown-burst \(aws-sdk, old\) .* \(a\/slowdown-burst-aws-sdk\/\)$/),
    expect.stringMatching(/^slowdown-burst \(aws-sdk, new\) .* \(b\/slowdown-burst-aws-sdk\/\)$/),
    expect.stringContaining('; 2 ran again; '),
  ]);
});

it('stacks in a narrow terminal', () => {
  const lines = comparisonReport(comparison, 60, plain).split('\n');
  expect(lines.slice(3, 6)).toEqual([
    'same  slowdown-burst (aws-sdk)',
    '    verdict pass -> pass; lost 0 -> 0; deadline exceeded 0',
    '    -> 0; recovery 12s -> 12s; PUT p99 ms 13 -> 13',
  ]);
});

it('explains a scenario that ran on one side only', () => {
  const half = compareRuns(exampleRun([exampleResult()]), exampleRun([]));
  expect(comparisonReport(half, 120, plain)).toContain(
    'inconclusive  slowdown-burst (aws-sdk): ran on the old config only',
  );
});
