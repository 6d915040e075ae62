/**
 * How busy the machine was that the harness ran on, by how late the gateway was. No fault makes it late, so what flushes lost meanwhile is
 * the machine's noise, whichever side it looks like. (The writers' process may be stopped by a fault, see blocked-times.ts; the one that
 * conducts the run is late by its own work, beside the path.)
 */
import type { LatenessEvent } from '../../history/events.ts';

const MANY = 1_000;

/** Of one gateway. */
type Report = Pick<LatenessEvent, 't' | 'totalMs' | 'intervalMs'>;

export class BusyMachine {
  /** By the process. */
  readonly #reports = new Map<number, Report[]>();

  see({ process, pid = 0, t, totalMs, intervalMs }: LatenessEvent): void {
    if (process !== 'gateway' || !(totalMs > 0)) return;
    const reports = this.#reports.get(pid) ?? [];
    reports.push({ t, totalMs, intervalMs });
    this.#reports.set(pid, reports);
  }

  /** Milliseconds that the latest of the gateways was late in this time, all in all. */
  lateIn(from: number, until: number): number {
    let most = 0;
    for (const reports of this.#reports.values()) {
      let late = 0;
      // They are in the order of time, and it is the last ones that are asked for.
      for (let place = reports.length - 1; place >= 0; place--) {
        const { t, totalMs, intervalMs } = reports[place] as Report;
        if (t <= from) break;
        const ms = Math.min(until, t) - Math.max(from, t - intervalMs);
        if (ms > 0) late += totalMs * Math.min(1, ms / intervalMs);
      }
      most = Math.max(most, late);
    }
    return most;
  }

  /** What was told until `t` is of no use any more. */
  forget(t: number): void {
    for (const reports of this.#reports.values()) {
      const old = reports.findIndex((report) => report.t > t);
      // Not one by one: that moves all that follow.
      if (old > MANY) reports.splice(0, old);
    }
  }
}
