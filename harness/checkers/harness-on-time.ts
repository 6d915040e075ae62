/**
 * Whether the harness could have caused what it judges. By itself a late harness is only worth a note, so this checker never
 * fails: together with a missed budget it makes the run inconclusive, which verdict/excuse-lateness.ts sees to.
 */
import type { Checker } from './checker.ts';
import { LatenessWatch } from './lateness-watch.ts';

export const harnessOnTime: Checker = {
  name: 'harness-on-time',
  invariant: 'The harness itself was never late by more than 2 % of the smallest budget, or no budget was missed.',
  kind: 'validity',
  start(context) {
    const watch = new LatenessWatch(context);
    return {
      see: (event) => watch.see(event),
      findings: () => [
        {
          checker: 'harness-on-time',
          verdict: 'pass',
          message: watch.late ? `${watch.describe()}; it would matter if a budget were missed` : watch.describe(),
        },
      ],
    };
  },
};
