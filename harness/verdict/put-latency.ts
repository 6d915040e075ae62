/** How long a PUT takes, as the client sees it. */
import { build, type Histogram } from 'hdr-histogram-js';
import type { Reads } from '../checkers/audience.ts';
import type { HistoryEvent } from '../history/events.ts';

const MICROSECONDS = 1_000;

export class PutLatency {
  static readonly reads = ['attempt'] as const satisfies Reads;

  /** In microseconds, to three digits. */
  readonly #histogram: Histogram = build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 });

  /** Counts the attempts of PutObject and UploadPart that ended ok. */
  see(event: HistoryEvent): void {
    if (event.type !== 'attempt' || event.outcome !== 'ok') return;
    if (event.operation !== 'PutObject' && event.operation !== 'UploadPart') return;
    this.#histogram.recordValue(Math.max(0, Math.round((event.t - event.start) * MICROSECONDS)));
  }

  /** Milliseconds as they passed (compressed); `null` when there was no such attempt. */
  percentiles(): { p50: number | null; p99: number | null } {
    const at = (percentile: number) =>
      this.#histogram.totalCount === 0 ? null : this.#histogram.getValueAtPercentile(percentile) / MICROSECONDS;
    return { p50: at(50), p99: at(99) };
  }
}
