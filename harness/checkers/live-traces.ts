/** How much went with processes that were killed before it was in the WAL: Tempo promises nothing about it, and does not count it. */
import type { HistoryEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';
import { DataLedger } from './data-ledger.ts';
import { saySize } from './say-size.ts';

const name = 'live-traces';

export const liveTraces: Checker = {
  name,
  invariant: 'No more live traces went with a process than the scenario expects.',
  kind: 'budget',
  reads: DataLedger.reads,
  judges: ['liveTracesLost'],
  start: (context) => new LiveTraces(context),
};

class LiveTraces implements RunningChecker {
  readonly #context: CheckContext;
  readonly #ledger = new DataLedger();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.#ledger.see(event);
  }

  findings(): Finding[] {
    const { expect, compression } = this.#context;
    const limit = expect.liveTracesLost;
    if (this.#ledger.accounts().length === 0) {
      const verdict = limit === undefined ? 'pass' : 'inconclusive';
      return [{ checker: name, verdict, message: 'nothing was pushed: there were no live traces to lose' }];
    }
    const lost = this.#ledger.total().liveLost * compression.bytes;
    const ends = this.#describeEnds();
    if (lost === 0) {
      const message = ends === '' ? 'no process of a writer ended' : `no live traces went with ${ends}`;
      return [{ checker: name, verdict: 'pass', message }];
    }
    const message = `${saySize(lost)} of live traces, acknowledged and not yet in the WAL, went with ${ends || 'a process'}`;
    if (limit === undefined) return [{ checker: name, verdict: 'pass', message, note: true }];
    const against = `${message} (at most ${formatByteSize(limit)} expected)`;
    return lost > limit
      ? [{ checker: name, verdict: 'fail', message: against }]
      : [{ checker: name, verdict: 'pass', message: against, note: true }];
  }

  /** `3 kills`, `1 kill and 1 stop`; empty when there was neither. */
  #describeEnds(): string {
    const { kills, stops } = this.#ledger.ends;
    return [...(kills > 0 ? [counted(kills, 'kill')] : []), ...(stops > 0 ? [counted(stops, 'stop')] : [])].join(
      ' and ',
    );
  }
}
