/** Whether the writer catches up after an outage. */

import type { HistoryEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { counted, listed } from './counted.ts';
import { RecoveryWatch } from './recovery-time.ts';

const name = 'recovered-within';

/**
 * A drain that lasts exactly as long as the budget may be over this much early, milliseconds as they pass: Node's timers have a
 * grain of 1 ms, and the heal and the drain are recorded by two steps of the harness.
 */
const TIMER_GRAIN_MS = 2;

export const recoveredWithin = {
  name,
  invariant:
    'Within the budget after the last fault was healed, every block that was cut before, or was left in the WAL of a process that was started again, is in S3.',
  kind: 'budget',
  reads: RecoveryWatch.reads,
  judges: ['recoveredWithin'],
  start: (context: CheckContext) => new RecoveredWithin(context),
} satisfies Checker;

class RecoveredWithin implements RunningChecker {
  readonly #context: CheckContext;
  readonly recovery = new RecoveryWatch();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.recovery.see(event);
  }

  findings(): Finding[] {
    const { compression, expect } = this.#context;
    const budget = expect.recoveredWithin;
    const { healedAt, ms, recovered, outstanding } = this.recovery.recovery();
    const finding = (
      verdict: Finding['verdict'],
      message: string,
      blocks?: string[],
      missedByMs?: number | 'never',
    ): Finding[] => [
      { checker: name, verdict, message, ...(blocks && { blocks }), ...(missedByMs !== undefined && { missedByMs }) },
    ];
    if (healedAt === undefined) return finding('pass', 'there was no fault to recover from');

    if (budget === undefined) {
      const took =
        ms === undefined
          ? 'not recovered when the run ended'
          : `recovered in ${sayDuration(configTime(ms, compression))}`;
      return finding('pass', `${took}; the scenario sets no budget`);
    }
    const late = recovered.filter((block) => configTime(block.ms, compression) > budget);
    const missed = outstanding.filter(
      ({ waited, dropped }) => dropped || configTime(waited + TIMER_GRAIN_MS, compression) >= budget,
    );
    if (late.length + missed.length > 0) {
      const each = [
        ...late.map((block) => `block ${block.block} took ${sayDuration(configTime(block.ms, compression))}`),
        ...missed.map(({ block, waited, dropped }) =>
          dropped
            ? `block ${block} was given up and never will be`
            : `block ${block} was not in S3 after ${sayDuration(configTime(waited, compression))}`,
        ),
      ];
      return finding(
        'fail',
        `${counted(each.length, 'block')} not in S3 within ${formatDuration(budget)} of the last heal: ${listed(each)}`,
        [...late, ...missed].map(({ block }) => block),
        missed.some(({ dropped }) => dropped)
          ? 'never'
          : Math.max(
              0,
              ...late.map(({ ms }) => configTime(ms, compression) - budget),
              ...missed.map(({ waited }) => configTime(waited, compression) - budget),
            ),
      );
    }
    if (outstanding.length > 0) {
      const waited = sayDuration(configTime(outstanding[0]?.waited ?? 0, compression));
      return finding(
        'inconclusive',
        `${counted(outstanding.length, 'block')} not in S3 when the run ended, ${waited} after the last heal: the budget of ${formatDuration(budget)} was not over (a longer drain would tell)`,
        outstanding.map(({ block }) => block),
      );
    }
    return finding(
      'pass',
      recovered.length === 0
        ? `nothing was outstanding when the last fault was healed (budget ${formatDuration(budget)})`
        : `${counted(recovered.length, 'outstanding block')} in S3 ${sayDuration(configTime(ms ?? 0, compression))} after the last heal (budget ${formatDuration(budget)})`,
    );
  }
}
