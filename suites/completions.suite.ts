/**
 * Blocks that are late before anything of them is sent: completing them (WAL to local block) takes long, waits for a queue, or never ends. The
 * log of a flush says nothing of it.
 */
import { describe, expect, it } from 'vitest';
import { explainRun } from '../harness/what-if/explain-run.ts';
import { because, realHarness } from './real-harness.ts';

const scenario = 'suites/trust/slow-completions.yaml';

describe('completing blocks on a slow disk', () => {
  const real = realHarness();

  it('is laid to the machine: completions that queued, and those that a crash kept from ending', async () => {
    const result = await real.runNamed(scenario, 'minio');
    const history = await real.history(result);
    const begun = history.flatMap((event) => (event.type === 'complete.start' ? [event] : []));
    const ended = history.flatMap((event) => (event.type === 'complete' ? [event] : []));

    // What this is about did come about: some waited for a queue, and the crash ended some that never end in the history.
    const crash = history.find((event) => event.type === 'writer.process' && event.what === 'killed');
    const unended = begun.filter(
      ({ t, block, attempt }) =>
        t < (crash?.t ?? 0) && !ended.some((end) => end.block === block && end.attempt === attempt && end.start === t),
    );
    expect(unended.length, because(result)).toBeGreaterThan(0);
    expect(begun.filter(({ t, dealt }) => t - dealt > 100).length, because(result)).toBeGreaterThan(0);

    const { blame, waterfalls } = await explainRun(real.folderOf(result));
    expect(blame.causes[0], because(result)).toMatchObject({ side: 'machine', cause: 'completing' });
    expect(blame.causes[0]?.share, because(result)).toBeGreaterThan(0.5);
    const told = waterfalls.filter(({ block }) => unended.some((one) => one.block === block));
    expect(told.length, because(result)).toBeGreaterThan(0);
    for (const { completing } of told) expect(completing.ms).toBeGreaterThan(completing.usualMs);
    expect(waterfalls.some(({ queuedMs }) => queuedMs > 0)).toBe(true);
  });
});
