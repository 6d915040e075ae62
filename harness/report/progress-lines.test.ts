import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { exampleResult } from './example-run.ts';
import { progressLines } from './progress-lines.ts';

function begin() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  return { clock, lines, progress: progressLines({ write: (text) => lines.push(text) }, clock) };
}

it('writes a line when a scenario starts and one, its verdict first, when it is over', () => {
  const { lines, progress } = begin();
  progress.environmentUp('native: MinIO and Toxiproxy from the cache, up in 0.7 s');
  progress.scenarioStarted(exampleResult());
  progress.scenarioProgress(exampleResult(), 'drain: 3 of 8 blocks flushed');
  progress.scenarioFinished(exampleResult());
  expect(lines).toEqual([
    'native: MinIO and Toxiproxy from the cache, up in 0.7 s\n',
    'start  slowdown-burst (aws-sdk)\n',
    'pass             slowdown-burst (aws-sdk): 8 of 8 blocks in S3, 0 lost; 9.9 s\n',
  ]);
});

it.each([
  [{ verdict: 'fail', asExpected: false }, 'fail '],
  [{ verdict: 'fail', asExpected: true, expected: { verdict: 'fail' } }, 'fail (expected) '],
  [{ verdict: 'inconclusive', asExpected: false }, 'inconclusive '],
] as const)('begins with the verdict: %o', (changed, start) => {
  const { lines, progress } = begin();
  progress.scenarioFinished(exampleResult(changed));
  expect(lines[0]?.startsWith(start)).toBe(true);
});

it('does not fill a log with a build: one line in 10 s', async () => {
  const { clock, lines, progress } = begin();
  for (let package_ = 1; package_ <= 100; package_++) {
    progress.preparing(`building MinIO: ${package_} packages so far`);
    await clock.advance(250);
  }
  expect(lines).toEqual([
    'building MinIO: 1 packages so far\n',
    'building MinIO: 41 packages so far\n',
    'building MinIO: 81 packages so far\n',
  ]);
});

it('names a later try as one, when it starts and when it is over', () => {
  const { lines, progress } = begin();
  progress.scenarioStarted({ name: 'dns-down', client: 'minio', tryNumber: 2 });
  const earlierTries = [{ verdict: 'inconclusive' as const, explanation: 'Late.', folder: 'dns-down-minio' }];
  progress.scenarioFinished(exampleResult({ name: 'dns-down', client: 'minio', earlierTries }));
  expect(lines).toEqual([
    'start  dns-down (minio, try 2)\n',
    'pass             dns-down (minio, try 2): 8 of 8 blocks in S3, 0 lost; 9.9 s\n',
  ]);
});

it('is silent once closed', () => {
  const { lines, progress } = begin();
  progress.close();
  progress.say('too late');
  progress.scenarioStarted(exampleResult());
  expect(lines).toEqual([]);
});
