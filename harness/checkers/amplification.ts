/** Whether retries make an outage worse: how many requests S3 gets for each one that is needed. */
import type { HistoryEvent } from '../history/events.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { RequestTally } from './request-tally.ts';

const name = 'amplification';

export const amplification = {
  name,
  invariant: 'For each write request that a run without faults would send, no more than so many are sent.',
  kind: 'budget',
  reads: RequestTally.reads,
  judges: ['amplification'],
  start: (context: CheckContext) => new Amplification(context),
} satisfies Checker;

class Amplification implements RunningChecker {
  readonly #limit: number | undefined;
  readonly requests = new RequestTally();

  constructor({ expect }: CheckContext) {
    this.#limit = expect.amplification;
  }

  see(event: HistoryEvent): void {
    this.requests.see(event);
  }

  findings(): Finding[] {
    const { needed, sent } = this.requests.counts();
    const limit = this.#limit;
    if (needed === 0) {
      const message = 'no write request was sent: there was nothing to amplify';
      return [{ checker: name, verdict: limit === undefined ? 'pass' : 'inconclusive', message }];
    }
    const ratio = sent / needed;
    const figures = `${sent} write requests sent for ${needed} needed, ${ratio.toFixed(2)} times`;
    if (limit === undefined)
      return [{ checker: name, verdict: 'pass', message: `${figures}; the scenario sets no limit` }];
    return [
      { checker: name, verdict: ratio > limit ? 'fail' : 'pass', message: `${figures} (at most ${limit} expected)` },
    ];
  }
}
