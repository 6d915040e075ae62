/**
 * For how much of a stretch of time the processes of the harness were late, at the most.
 *
 * 1. A report says how long one process was late within its interval, and not when. A block that ended in the interval may have begun
 *    before it, so the report's window is the interval, and the longest lateness before it.
 * 2. Of each report no more counts than it says, and no more than its window and the stretch have in common.
 * 3. Processes are late one after the other at worst, and together they are not late for longer than time passes: so in each slice of
 *    time no more counts than the slice is long. A stall of the whole machine, which each of them tells of, is counted about once.
 * 4. Both the sum of 2 and the sum of 3 are upper bounds: the smaller one is the answer.
 *
 * Times in milliseconds of the history. Adding is O(1) for reports of a usual length; asking is O(log n).
 */
import { firstWhere } from '../first-where.ts';
import type { LatenessEvent } from '../history/events.ts';

const SLICE_MS = 500;

/**
 * What an idle process is late by: the due time of a timer is rounded to whole milliseconds, and a loop that waits for the kernel is told of
 * it some 0.1 ms later. Ten samples of each 100 ms add up to 1 to 2 ms (idle machine, Node 20: 1 to 8 ms in 500).
 */
const TIMER_GRAIN_MS = 2;
const TIMER_SHARE = 0.02;

export class LateTime {
  readonly #begins: number[] = [];
  /** In their order. */
  readonly #ends: number[] = [];
  /** Up to each report, and of all: one more than there are reports. */
  readonly #sums: number[] = [0];
  #longestWindow = 0;
  /** The longest lateness of each report, and of all. */
  readonly #longest: number[] = [];
  #longestOfAll = 0;
  /** By the number of the slice since 0. */
  readonly #slices = new Map<number, number>();
  /** Made when asked for. */
  #sliceSums: SliceSums | undefined;

  /** In the order of their `t`. */
  add({ t, intervalMs, maxMs, totalMs }: Pick<LatenessEvent, 't' | 'intervalMs' | 'maxMs' | 'totalMs'>): void {
    const ms = Math.max(maxMs > TIMER_GRAIN_MS ? maxMs : 0, totalMs - intervalMs * TIMER_SHARE);
    if (ms <= 0) return;
    const begin = t - intervalMs - maxMs;
    this.#begins.push(begin);
    this.#ends.push(t);
    this.#sums.push((this.#sums.at(-1) as number) + ms);
    this.#longestWindow = Math.max(this.#longestWindow, t - begin);
    this.#longest.push(maxMs);
    this.#longestOfAll = Math.max(this.#longestOfAll, maxMs);
    this.#slice(begin, t, ms);
  }

  /** Whether a process may have been late within the stretch by more than `ms` at once. */
  stalled(from: number, until: number, ms: number): boolean {
    if (this.#longestOfAll <= ms || !(until > from)) return false;
    for (let index = firstOver(this.#ends, from); index < this.#ends.length; index++) {
      const end = this.#ends[index] as number;
      if (end - this.#longestWindow >= until) return false;
      if ((this.#longest[index] as number) > ms && (this.#begins[index] as number) < until) return true;
    }
    return false;
  }

  /** Never more than `until - from`; 0 when that is not positive. */
  within(from: number, until: number): number {
    // A stretch may have no end: after the last report nothing is known.
    const end = until < Number.POSITIVE_INFINITY ? until : (this.#ends.at(-1) ?? from);
    if (!(end > from)) return 0;
    return Math.min(end - from, this.#bySum(from, end), this.#bySlices(from, end));
  }

  #slice(begin: number, end: number, ms: number): void {
    this.#sliceSums = undefined;
    for (let slice = sliceOf(begin); slice <= sliceOf(end); slice++) {
      const common = Math.min(end, (slice + 1) * SLICE_MS) - Math.max(begin, slice * SLICE_MS);
      this.#slices.set(slice, (this.#slices.get(slice) ?? 0) + Math.min(ms, common));
    }
  }

  #bySum(from: number, until: number): number {
    const ends = this.#ends;
    const first = firstOver(ends, from);
    // Reports that may begin before the stretch, those that lie within it, and those that end after it.
    const within = Math.max(first, firstOver(ends, from + this.#longestWindow));
    const after = Math.max(within, firstOver(ends, until));
    let sum = this.#common(first, within, from, until);
    sum += (this.#sums[after] as number) - (this.#sums[within] as number);
    return sum + this.#common(after, firstOver(ends, until + this.#longestWindow), from, until);
  }

  #common(first: number, end: number, from: number, until: number): number {
    let sum = 0;
    for (let index = first; index < end; index++) {
      const common = Math.min(until, this.#ends[index] as number) - Math.max(from, this.#begins[index] as number);
      sum += Math.max(0, Math.min(common, (this.#sums[index + 1] as number) - (this.#sums[index] as number)));
    }
    return sum;
  }

  #bySlices(from: number, until: number): number {
    const [first, last] = [sliceOf(from), sliceOf(until)];
    const common = (slice: number) => {
      const covered = Math.min(until, (slice + 1) * SLICE_MS) - Math.max(from, slice * SLICE_MS);
      return Math.min(this.#slices.get(slice) ?? 0, covered);
    };
    if (first === last) return common(first);
    this.#sliceSums ??= new SliceSums(this.#slices);
    return common(first) + this.#sliceSums.before(last) - this.#sliceSums.before(first + 1) + common(last);
  }
}

function sliceOf(t: number): number {
  return Math.floor(t / SLICE_MS);
}

/** Of the lateness of slices, none of which counts for more than it is long. */
class SliceSums {
  readonly #first: number;
  /** Up to each slice from the first one on, and of all. */
  readonly #sums: number[] = [0];

  constructor(slices: ReadonlyMap<number, number>) {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const slice of slices.keys()) {
      first = Math.min(first, slice);
      last = Math.max(last, slice);
    }
    this.#first = first;
    for (let slice = first; slice <= last; slice++) {
      this.#sums.push((this.#sums.at(-1) as number) + Math.min(SLICE_MS, slices.get(slice) ?? 0));
    }
  }

  before(slice: number): number {
    return this.#sums[Math.max(0, Math.min(slice - this.#first, this.#sums.length - 1))] as number;
  }
}

/** The place of the first of the sorted numbers that is over `value`; their count if none is. */
function firstOver(sorted: readonly number[], value: number): number {
  return firstWhere(sorted, (one) => one > value);
}
