/**
 * The traces that a writer has in memory alone: acknowledged, and in no page of the WAL yet.
 *
 * 1. Data is pushed on a grid, once each `interval`. How many bytes a push sends follows from the rate and its number alone.
 * 2. Each push begins traces of `bytesPerTrace` bytes each, one at least. The spans of a trace come evenly with the pushes of the next
 *    `traceLength` ms. Traces that began together go together: a cohort. With the first push come also those that began before the load.
 * 3. What is beyond the ingestion rate is refused, of all traces of the push alike; then, of the traces that the push would begin, those
 *    beyond the limit of live traces.
 * 4. A trace is cut once its last span is old enough, or its first. A span that comes after that begins it again, as in Tempo.
 *
 * Times are milliseconds since the load began.
 */
import { bytesPerTrace } from './block-layout.ts';
import { TokenBucket } from './token-bucket.ts';

/** What is sent to a writer: see `WriterAssignment.load`. */
export interface PushLoad {
  bytesPerSecond: number;
  traceLength?: number;
  /** `liveTraces` 0: any number, as in Tempo. */
  limits?: { bytesPerSecond: number; burstBytes: number; liveTraces: number };
}

export interface Traces {
  bytes: number;
  traces: number;
}

/** What became of one push: what was acknowledged, and how many traces that began. */
export interface Pushed extends Traces {
  refused: { bytes: number; by: 'rate_limit_bytes' | 'max_traces_per_user' }[];
}

export interface CutTraces extends Traces {
  /** When their last span came. */
  lastSpanAt: number;
}

interface Cohort extends Traces {
  firstSpanAt: number;
  lastSpanAt: number;
}

/** Times on the grid are sums of fractions: what differs by less is the same moment. */
export const SAME_MOMENT_MS = 1e-6;

export class LiveTraces {
  readonly #load: PushLoad;
  readonly #interval: number;
  readonly #bucket: TokenBucket | undefined;
  /** How many pushes bring the spans of one trace. */
  readonly #pushesPerTrace: number;
  /** How many traces a push begins. */
  readonly #begunByPush: number;
  /** By the number of the push that they began with. */
  readonly #cohorts = new Map<number, Cohort>();
  readonly #live: Traces = { bytes: 0, traces: 0 };

  /** `interval`: milliseconds between two pushes. */
  constructor(load: PushLoad, interval: number) {
    const { limits, traceLength = 0, bytesPerSecond } = load;
    this.#load = load;
    this.#interval = interval;
    this.#bucket = limits && new TokenBucket(limits.bytesPerSecond, limits.burstBytes);
    this.#pushesPerTrace = Math.round(traceLength / interval) + 1;
    this.#begunByPush = Math.max(1, Math.round((bytesPerSecond * interval) / 1000 / bytesPerTrace));
  }

  get live(): Traces {
    return { ...this.#live };
  }

  /** The push of this number, from 1 on. Numbers may be left out, and never go back. */
  push(number: number): Pushed {
    const at = number * this.#interval;
    const sent = this.#sentUntil(number) - this.#sentUntil(number - 1);
    const passing = this.#bucket?.take(sent, at) ?? sent;
    const tooFast = sent - passing;
    const begin = sent === 0 ? 0 : Math.ceil((this.#begunByPush * passing) / sent);
    const pushed: Traces = { bytes: 0, traces: 0 };
    for (let phase = 0; phase < this.#pushesPerTrace; phase++) {
      // Shares of whole bytes, none of which is lost in rounding.
      const share =
        Math.floor((passing * (phase + 1)) / this.#pushesPerTrace) -
        Math.floor((passing * phase) / this.#pushesPerTrace);
      if (share === 0) continue;
      const added = this.#add(number - phase, share, begin, at);
      pushed.bytes += added.bytes;
      pushed.traces += added.traces;
    }
    const tooMany = passing - pushed.bytes;
    const refused: Pushed['refused'] = [];
    if (tooFast > 0) refused.push({ bytes: tooFast, by: 'rate_limit_bytes' });
    if (tooMany > 0) refused.push({ bytes: tooMany, by: 'max_traces_per_user' });
    return { ...pushed, refused };
  }

  /** Takes out the traces without a span for `idlePeriod` ms, and those whose first span came `livePeriod` ms ago. */
  cut(at: number, idlePeriod: number, livePeriod: number): CutTraces {
    return this.#takeOut(
      ({ firstSpanAt, lastSpanAt }) =>
        at - lastSpanAt >= idlePeriod - SAME_MOMENT_MS || at - firstSpanAt >= livePeriod - SAME_MOMENT_MS,
    );
  }

  cutAll(): CutTraces {
    return this.#takeOut(() => true);
  }

  #sentUntil(number: number): number {
    return Math.round((number * this.#interval * this.#load.bytesPerSecond) / 1000);
  }

  /** Spans of one cohort, which has `traces` traces in all. Those of them that are not live begin, as far as the limit lets them. */
  #add(key: number, share: number, traces: number, at: number): Traces {
    const known = this.#cohorts.get(key);
    const limit = this.#load.limits?.liveTraces || Number.POSITIVE_INFINITY;
    const missing = Math.max(0, traces - (known?.traces ?? 0));
    const begun = Math.min(missing, Math.max(0, limit - this.#live.traces));
    const bytes = Math.floor((share * Math.min(traces, (known?.traces ?? 0) + begun)) / traces);
    if (bytes === 0) return { bytes: 0, traces: 0 };
    const cohort = known ?? { bytes: 0, traces: 0, firstSpanAt: at, lastSpanAt: at };
    cohort.bytes += bytes;
    cohort.traces += begun;
    cohort.lastSpanAt = at;
    this.#cohorts.set(key, cohort);
    this.#live.bytes += bytes;
    this.#live.traces += begun;
    return { bytes, traces: begun };
  }

  #takeOut(isDue: (cohort: Cohort) => boolean): CutTraces {
    const cut: CutTraces = { bytes: 0, traces: 0, lastSpanAt: 0 };
    for (const [key, cohort] of this.#cohorts) {
      if (!isDue(cohort)) continue;
      this.#cohorts.delete(key);
      cut.bytes += cohort.bytes;
      cut.traces += cohort.traces;
      cut.lastSpanAt = Math.max(cut.lastSpanAt, cohort.lastSpanAt);
    }
    this.#live.bytes -= cut.bytes;
    this.#live.traces -= cut.traces;
    return cut;
  }
}
