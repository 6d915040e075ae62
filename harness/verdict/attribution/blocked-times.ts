/** When the writers' processes did not run, by what they themselves told of their lateness. */
import type { FlushStartEvent, LatenessEvent } from '../../history/events.ts';
import type { Blocked } from './flush-time.ts';

/** Reports of lateness that are less than this are those of any process. */
const LEAST_SHARE = 0.02;

export class BlockedTimes {
  #reports: LatenessEvent[] = [];

  see(event: LatenessEvent): void {
    if (event.process === 'subject' && event.totalMs > event.intervalMs * LEAST_SHARE) this.#reports.push(event);
  }

  /** Those of a flush that began so, and went on until `until`. */
  of({ writer, t }: FlushStartEvent, until: number): Blocked[] {
    return this.#reports
      .filter((late) => late.t > t && late.t - late.intervalMs < until)
      .filter((late) => late.writer === undefined || late.writer === writer)
      .map(({ t: told, totalMs, intervalMs }) => ({
        from: told - intervalMs,
        until: told,
        share: Math.min(1, totalMs / intervalMs),
      }));
  }

  /** What was told until `t` is of no use any more. */
  forget(t: number): void {
    if (this.#reports.length > 0) this.#reports = this.#reports.filter((report) => report.t > t);
  }
}
