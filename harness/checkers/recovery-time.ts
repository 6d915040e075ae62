/**
 * How long after the last fault every block that was cut before it was healed is in S3.
 *
 * Times of the result are in milliseconds of the history; they are not yet multiplied by the compression.
 */
import type { HistoryEvent } from '../history/events.ts';
import { ObservedUntil } from './observed-until.ts';

export interface Recovery {
  /** The last fault's end. Absent: there was no fault. */
  healedAt?: number;
  /** From then until the last of the outstanding blocks was in S3; 0 when none was outstanding. Absent: that never happened. */
  ms?: number;
  /** Blocks that were outstanding at the heal and got into S3 after it, with how long it took, in that order. */
  recovered: { block: string; ms: number }[];
  /** Blocks that were outstanding at the heal and never got into S3, with how long they were waited for. */
  outstanding: { block: string; waited: number; dropped: boolean }[];
}

export class RecoveryWatch {
  readonly #observed = new ObservedUntil();
  /** Blocks cut and not in S3. */
  readonly #waiting = new Set<string>();
  readonly #dropped = new Set<string>();
  /** Those of them that were cut before the last heal. */
  #atHeal = new Set<string>();
  #recovered: { block: string; ms: number }[] = [];
  #healedAt: number | undefined;

  see(event: HistoryEvent): void {
    this.#observed.see(event);
    switch (event.type) {
      case 'block.cut':
        this.#waiting.add(event.block);
        break;
      case 'block.dropped':
        this.#dropped.add(event.block);
        break;
      case 'flush.end':
        if (event.outcome !== 'ok' || !this.#waiting.delete(event.block)) return;
        if (this.#atHeal.delete(event.block)) {
          this.#recovered.push({ block: event.block, ms: event.t - (this.#healedAt ?? event.t) });
        }
        break;
      case 'fault.end':
        this.#healedAt = event.t;
        this.#atHeal = new Set(this.#waiting);
        this.#recovered = [];
        break;
    }
  }

  recovery(): Recovery {
    const healedAt = this.#healedAt;
    if (healedAt === undefined) return { ms: 0, recovered: [], outstanding: [] };
    const waited = this.#observed.t - healedAt;
    const outstanding = [...this.#atHeal].map((block) => ({ block, waited, dropped: this.#dropped.has(block) }));
    const recovered = this.#recovered;
    return {
      healedAt,
      ...(outstanding.length > 0 ? {} : { ms: recovered.at(-1)?.ms ?? 0 }),
      recovered,
      outstanding,
    };
  }
}

/** The recovery of a whole history. */
export function recoveryTime(events: Iterable<HistoryEvent>): Recovery {
  const watch = new RecoveryWatch();
  for (const event of events) watch.see(event);
  return watch.recovery();
}
