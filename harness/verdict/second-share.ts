/**
 * The part of a judgement that needs nothing of the rest, and whose results are plain data: so it can be found in a thread of its own
 * (judge-in-two.ts). It is as large as leaves both threads about as much to do: most of the checkers here, and there attribution. Events of
 * the types that nobody here reads are not parsed in that thread, so who reads every event is not here.
 */
import { amplification } from '../checkers/amplification.ts';
import { atomicity } from '../checkers/atomicity.ts';
import { Audience, type Reads, type Watcher } from '../checkers/audience.ts';
import { backlog } from '../checkers/backlog.ts';
import type { BlockCounts } from '../checkers/block-tally.ts';
import type { CheckContext, Checker, Finding } from '../checkers/checker.ts';
import { compaction } from '../checkers/compaction.ts';
import { conservation } from '../checkers/conservation.ts';
import type { DataAccount } from '../checkers/data-ledger.ts';
import { deadlineExceeded } from '../checkers/deadline-exceeded.ts';
import { durability } from '../checkers/durability.ts';
import { liveTraces } from '../checkers/live-traces.ts';
import { noPhantoms } from '../checkers/no-phantoms.ts';
import { orphans } from '../checkers/orphans.ts';
import type { RequestCounts } from '../checkers/request-tally.ts';
import { retryStorm } from '../checkers/retry-storm.ts';
import { steadyState } from '../checkers/steady-state.ts';
import { steadyStateRegained } from '../checkers/steady-state-regained.ts';
import { successRate } from '../checkers/success-rate.ts';
import { visibilityGap } from '../checkers/visibility-gap.ts';
import type { HistoryEvent } from '../history/events.ts';
import { PutLatency } from './put-latency.ts';
import { StartedCheckers } from './started-checkers.ts';

/** The checkers whose findings are here. */
export const secondShare: readonly Checker[] = [
  durability,
  conservation,
  liveTraces,
  atomicity,
  compaction,
  noPhantoms,
  deadlineExceeded,
  visibilityGap,
  amplification,
  retryStorm,
  steadyStateRegained,
  successRate,
  backlog,
  orphans,
  steadyState,
];

/** The types of the events that any of it reads. */
export const secondShareReads: ReadonlySet<HistoryEvent['type']> = new Set(
  [...secondShare.map(({ reads }) => reads), PutLatency.reads].flatMap(listed),
);

function listed(reads: Reads): readonly HistoryEvent['type'][] {
  if (reads === 'every event') throw new Error('judge: who reads every event is to be in the first share');
  return reads;
}

/** Plain data. */
export interface SecondShareResults {
  /** By the checker's name. */
  findings: Record<string, Finding[]>;
  blocks: BlockCounts;
  requests: RequestCounts;
  latency: { p50: number | null; p99: number | null };
  data: DataAccount;
}

export class SecondShare implements Watcher {
  readonly #audience = new Audience();
  readonly #checkers: StartedCheckers;
  readonly #latency = new PutLatency();

  constructor(context: CheckContext) {
    this.#checkers = new StartedCheckers(secondShare, context);
    this.invite(this.#audience);
  }

  /** To be shown each event beside others. */
  invite(audience: Audience): void {
    this.#checkers.invite(audience);
    audience.add(this.#latency, PutLatency.reads);
  }

  see(event: HistoryEvent): void {
    this.#audience.show(event);
  }

  /** When all events were seen. */
  results(): SecondShareResults {
    return {
      findings: this.#checkers.findings(),
      blocks: this.#checkers.of(durability).blocks.counts(),
      requests: this.#checkers.of(amplification).requests.counts(),
      latency: this.#latency.percentiles(),
      data: this.#checkers.of(conservation).ledger.total(),
    };
  }
}
