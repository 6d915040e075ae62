/**
 * The part of a judgement that needs nothing of the rest, and whose results are plain data: so it can be found in a thread of its own
 * (judge-in-two.ts). It is as large as leaves both threads about as much to do: most of the checkers here, and there attribution. Events of
 * the types that nobody here reads are not parsed in that thread, so who reads every event is not here.
 */
import { amplification } from '../checkers/amplification.ts';
import { Audience, type Reads, type Watcher } from '../checkers/audience.ts';
import type { BlockCounts } from '../checkers/block-tally.ts';
import { checkersOfSecondShare } from '../checkers/catalogue.ts';
import type { CheckContext, Finding } from '../checkers/checker.ts';
import { conservation } from '../checkers/conservation.ts';
import type { DataAccount } from '../checkers/data-ledger.ts';
import { durability } from '../checkers/durability.ts';
import type { RequestCounts } from '../checkers/request-tally.ts';
import type { HistoryEvent } from '../history/events.ts';
import { PutLatency } from './put-latency.ts';
import { StartedCheckers } from './started-checkers.ts';
import { Trouble, type TroubleRecord } from './trouble.ts';

/** The types of the events that any of it reads. */
export const secondShareReads: ReadonlySet<HistoryEvent['type']> = new Set(
  [...checkersOfSecondShare.map(({ reads }) => reads), PutLatency.reads, Trouble.reads].flatMap(listed),
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
  trouble: TroubleRecord;
}

export class SecondShare implements Watcher {
  readonly #audience = new Audience();
  readonly #checkers: StartedCheckers;
  readonly #latency = new PutLatency();
  readonly #trouble: Trouble;

  constructor(context: CheckContext) {
    this.#checkers = new StartedCheckers(checkersOfSecondShare, context);
    this.#trouble = new Trouble(context);
    this.invite(this.#audience);
  }

  /** To be shown each event beside others. */
  invite(audience: Audience): void {
    this.#checkers.invite(audience);
    audience.add(this.#latency, PutLatency.reads);
    audience.add(this.#trouble, Trouble.reads);
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
      trouble: this.#trouble.record(),
    };
  }
}
