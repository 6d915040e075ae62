/**
 * How long after the last fault every block that was cut before it was healed is in S3, and every block that a process which ended had left
 * in its WAL: who is started again after it has to complete and flush it. One that S3 did not let start is waited for within that time.
 *
 * Times of the result are in milliseconds of the history; they are not yet multiplied by the compression.
 */
import type { FaultEndEvent, HistoryEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { LastHeal } from './last-heal.ts';
import { ObservedUntil } from './observed-until.ts';

export interface Recovery {
  /** The last fault's end, see `LastHeal`. Absent: there was no fault. */
  healedAt?: number;
  /** From then until the last of the outstanding blocks was in S3; 0 when none was outstanding. Absent: that never happened. */
  ms?: number;
  /** Blocks that were outstanding at the heal and got into S3 after it, with how long it took, in that order. */
  recovered: { block: string; ms: number }[];
  /** Blocks that were outstanding at the heal and never got into S3, with how long they were waited for. */
  outstanding: { block: string; waited: number; dropped: boolean }[];
}

export class RecoveryWatch {
  static readonly reads = 'every event' as const satisfies Reads;

  readonly #observed = new ObservedUntil();
  readonly #lastHeal = new LastHeal();
  /** Blocks cut, or found in the WAL at a start, and not in S3: since when, which of those in a WAL is before their writer ended. */
  readonly #waiting = new Map<string, number>();
  readonly #dropped = new Set<string>();
  /** Blocks with closed pages that were not cut yet, and whose they are. */
  readonly #inWal = new Map<string, string>();
  /** Those that waited at the last heal. */
  #atHeal = new Set<string>();
  #recovered: { block: string; ms: number }[] = [];

  see(event: HistoryEvent): void {
    this.#observed.see(event);
    switch (event.type) {
      case 'wal.page':
        if (!this.#waiting.has(event.block)) this.#inWal.set(event.block, event.writer);
        break;
      case 'writer.process':
        if (event.what === 'restarted') this.#findWal(event.writers);
        break;
      case 'data.lost':
        // What is left of it, if anything: durability tells of it.
        if (event.block !== undefined && this.#inWal.delete(event.block)) this.#forget(event.block);
        break;
      case 'block.cut':
        this.#inWal.delete(event.block);
        if (!this.#waiting.has(event.block)) this.#waiting.set(event.block, event.t);
        break;
      case 'block.dropped':
        if (this.#inWal.delete(event.block)) this.#forget(event.block);
        else this.#dropped.add(event.block);
        break;
      case 'flush.end':
        if (event.outcome !== 'ok' || !this.#waiting.delete(event.block)) return;
        if (this.#atHeal.delete(event.block)) {
          this.#recovered.push({ block: event.block, ms: event.t - (this.#lastHeal.t ?? event.t) });
        }
        break;
      case 'writer.start-failed':
        this.#lastHeal.see(event);
        break;
      case 'fault.end':
        this.#healed(event);
        break;
    }
  }

  #healed(event: FaultEndEvent): void {
    const before = this.#lastHeal.t;
    const late = this.#lastHeal.see(event);
    const healedAt = this.#lastHeal.t ?? event.t;
    // What has got to S3 since the end of the outage, while a writer was waited for, has recovered.
    if (healedAt !== before) this.#recovered = [];
    this.#atHeal = new Set(
      [...this.#waiting].filter(([, since]) => !late || since <= healedAt).map(([block]) => block),
    );
  }

  /** What the process before has left in the WAL waits from the start of the next one on. */
  #findWal(writers: readonly string[]): void {
    for (const [block, writer] of this.#inWal) {
      if (writers.includes(writer)) this.#waiting.set(block, Number.NEGATIVE_INFINITY);
    }
  }

  #forget(block: string): void {
    this.#waiting.delete(block);
    this.#atHeal.delete(block);
  }

  recovery(): Recovery {
    const healedAt = this.#lastHeal.t;
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
