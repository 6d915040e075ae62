/**
 * A run that logs `context deadline exceeded` explains itself from its history alone, and a second run proves which setting would have
 * saved it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { newResultsFolder } from '../harness/scenario/results-folder.ts';
import { silentObserver } from '../harness/scenario/silent-observer.ts';
import { explainRun } from '../harness/what-if/explain-run.ts';
import { runWhatIf } from '../harness/what-if/run-what-if.ts';
import { exitCodeOf } from '../harness/what-if/what-if.ts';
import { because, realHarness } from './real-harness.ts';

const FIVE_MINUTES = 5 * 60_000;
/** On a busy machine the timer that ends a flush is off by some hundred milliseconds as they pass; the config's time is 20 times that. */
const LATE = 20_000;

describe('a flush over its deadline', () => {
  const real = realHarness();

  it('is explained by pieces that sum to flush_op_timeout, and saved by a setting that is proven to', async () => {
    const result = await real.runNamed('tempo-4361-network', 'minio');
    expect(result.asExpected, because(result)).toBe(true);

    const explained = await explainRun(real.folderOf(result));
    const late = explained.waterfalls.filter(({ deadlineExceeded }) => deadlineExceeded);
    expect(late).toHaveLength(result.deadlineExceeded);
    for (const { durationMs, rows, blame } of late) {
      const sum = rows.reduce((all, { ms }) => all + ms, 0);
      expect(sum).toBeCloseTo(durationMs, 3);
      expect(Math.abs(durationMs - FIVE_MINUTES)).toBeLessThan(LATE);
      const [largest] = [...rows].sort((a, b) => b.ms - a.ms);
      expect(largest?.piece).toBe('way');
      expect(blame.causes[0]).toMatchObject({ side: 'network', cause: 'bandwidth' });
    }
    expect(explained.blame.causes[0]).toMatchObject({ side: 'network', cause: 'bandwidth' });

    // Into a folder of its own: what is explained stays as it is.
    const out = await newResultsFolder('chaos-results', realClock);
    const environment = (process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto';
    const found = await runWhatIf(
      explained,
      { environment, out, most: 1 },
      silentObserver,
      new AbortController().signal,
    );
    expect(found.again).toMatchObject({ verdict: 'fail' });
    expect(found.again.deadlineExceeded).toBeGreaterThan(0);
    // A block of 600 MB at 1 MB/s, in two parts side by side, is through in less than ten minutes: three times out of three.
    const saved = { verdict: 'pass', deadlineExceeded: 0, lost: 0 };
    expect(found.tried, JSON.stringify(found.tried, null, 2)).toMatchObject([
      { candidate: { option: 'ingester.flush_op_timeout=10m' }, effect: 'saves', outcomes: [saved, saved, saved] },
    ]);
    expect(exitCodeOf(found)).toBe(0);
    expect(JSON.parse(await readFile(join(found.folder, 'what-if.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(found)),
    );
  });
});
