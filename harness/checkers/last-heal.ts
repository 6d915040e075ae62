/**
 * When the last fault was over. A heal is over with its `fault.end`; but a writer that a fault had ended, and that could not start since
 * another fault kept S3 away, is started again later, by what watches over it and not by the heal. Its wait for that is a part of the
 * recovery, as the wait of a flush for its next try is. So of such a fault the time counts at which its healing began, or the end of
 * the last fault before, whichever is later: the outage's end.
 */
import type { FaultEndEvent, HistoryEvent } from '../history/events.ts';

export class LastHeal {
  static readonly reads = ['fault.end', 'writer.start-failed'] as const satisfies readonly HistoryEvent['type'][];

  /** Absent: no fault was healed yet. */
  t: number | undefined;
  /** By the fault: until when the writers that it had ended were not even tried. */
  readonly #waitedUntil = new Map<string, number>();

  /** True when it is a fault's end by which what was outstanding at the one before is still to be looked at: `t` may be earlier. */
  see(event: HistoryEvent): boolean {
    if (event.type === 'writer.start-failed') {
      this.#waitedUntil.set(event.rule, event.t + (event.retryIn ?? 0));
      return false;
    }
    if (event.type !== 'fault.end') return false;
    const late = this.#waitedForS3(event);
    this.t = late ? Math.max(this.t ?? event.until, event.until) : event.t;
    return late;
  }

  #waitedForS3({ id, until }: FaultEndEvent): boolean {
    return (this.#waitedUntil.get(id) ?? Number.NEGATIVE_INFINITY) > until;
  }
}
