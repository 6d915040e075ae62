/**
 * Flushes in which nothing went wrong, of a history with very many of them: those that took about as long as the quickest with as many requests
 * cannot have been slow, and need not be cut into pieces. Of four one is cut all the same, so that what is usual stays known.
 */
import { lostBy } from './completions.ts';
import { Durations } from './durations.ts';
import type { EndedFlush } from './open-flushes.ts';
import { LEAST_LOST_MS } from './weighing.ts';

/** As many have to be known before one is passed over. */
const ENOUGH = 50;
const QUICK_QUANTILE = 0.2;
/** Slow is twice the usual. */
const MOST_TIMES = 1.5;
const CUT_ONE_OF = 4;

interface Known {
  durations: Durations;
  count: number;
  passed: number;
}

export class PlainFlushes {
  /** By the number of requests. */
  readonly #known = new Map<number, Known>();

  /** Whether it is one of them, and is passed over. Asked once of each flush. */
  pass({ start, end, ready = start.t, attempts, completions }: EndedFlush): boolean {
    if (end.outcome === 'fail' || start.t - ready >= LEAST_LOST_MS) return false;
    if (lostBy(completions) >= LEAST_LOST_MS) return false;
    if (attempts.some(({ outcome }) => outcome !== 'ok')) return false;
    const took = end.t - start.t;
    if (this.mayPass(attempts.length, took)) return true;
    this.add(attempts.length, took);
    return false;
  }

  /** One that was cut into pieces. */
  add(requests: number, ms: number): void {
    const known = this.#known.get(requests) ?? { durations: new Durations(), count: 0, passed: 0 };
    known.durations.add(ms);
    known.count++;
    this.#known.set(requests, known);
  }

  /** Asked once of each flush in which all went well. */
  mayPass(requests: number, ms: number): boolean {
    const known = this.#known.get(requests);
    if (!known || known.count < ENOUGH) return false;
    if (ms > MOST_TIMES * known.durations.quantile(QUICK_QUANTILE, known.count)) return false;
    known.passed++;
    return known.passed % CUT_ONE_OF !== 0;
  }
}
