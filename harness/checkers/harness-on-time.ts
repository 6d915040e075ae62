/**
 * Whether the harness could have caused what it judges. By itself a late harness is only worth a note, so this checker never
 * fails: together with a missed budget it makes the run inconclusive, which verdict/excuse-lateness.ts sees to. A harness that did not
 * measure how late it was, in each of its processes, cannot say that it was not: that is inconclusive by itself.
 */
import type { CheckContext, Checker, RunningChecker } from './checker.ts';
import { sayDuration } from './config-time.ts';
import { LatenessWatch } from './lateness-watch.ts';

/** Milliseconds as they pass, in which each process tells of it 20 times (process/lateness.ts). */
const UNMEASURED_MS = 10_000;

export const harnessOnTime = {
  name: 'harness-on-time',
  invariant:
    'The harness itself was never late by more than 2 % of the smallest budget, or no budget was missed; and each of its processes measured how late it was.',
  kind: 'validity',
  reads: LatenessWatch.reads,
  neverFails: true,
  start(context: CheckContext): RunningChecker & { lateness: LatenessWatch } {
    const watch = new LatenessWatch(context);
    return {
      lateness: watch,
      see: (event) => watch.see(event),
      findings: () => [
        isUnmeasured(watch)
          ? {
              checker: 'harness-on-time',
              verdict: 'inconclusive',
              message: `how late the harness was is not known: in ${sayDuration(watch.unmeasured.ms)} in which the writer worked, nothing of it was told by its processes ${watch.unmeasured.processes.join(', ')}`,
            }
          : {
              checker: 'harness-on-time',
              verdict: 'pass',
              message: watch.late ? `${watch.describe()}; it would matter if a budget were missed` : watch.describe(),
            },
      ],
    };
  },
} satisfies Checker;

function isUnmeasured({ unmeasured: { ms, processes } }: LatenessWatch): boolean {
  return processes.length > 0 && ms > UNMEASURED_MS;
}
