/** How late this process is: what a missed budget is held against before it is called the subject's fault. And how much memory it holds. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import self from 'node:process';
import type { Clock } from '../clock.ts';
import type { LatenessEvent } from '../history/events.ts';

/** Each report covers this long. */
const INTERVAL_MS = 500;
/** The monitor samples at this resolution, and counts it as delay: it is taken off. */
const RESOLUTION_MS = 10;

/**
 * Reports, twice a second, the longest time for which the event loop was blocked, and the 99th percentile of its delay so far. Returns what stops it, with a report of the
 * time since the last one.
 */
export function watchLateness(process: string, clock: Clock, report: (event: LatenessEvent) => void): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // Percentiles of intervals do not add up to one of the whole: this one is never reset.
  const whole = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  whole.enable();
  let since = clock.now();
  let cancel = clock.after(INTERVAL_MS, tick);
  function tell() {
    const t = clock.now();
    // `max` is 0, and `mean` no number, as long as nothing was sampled.
    const maxMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    const totalMs = delay.count === 0 ? 0 : Math.max(maxMs, (delay.mean / 1e6 - RESOLUTION_MS) * delay.count);
    const memory = self.memoryUsage.rss();
    const p99Ms = Math.max(0, whole.percentile(99) / 1e6 - RESOLUTION_MS);
    report({ t, type: 'lateness', process, pid: self.pid, memory, maxMs, totalMs, p99Ms, intervalMs: t - since });
    delay.reset();
    since = t;
  }
  function tick() {
    // After a block this may be called before the monitor has sampled it, and a reset would lose it: the monitor is due by now too, and
    // has its turn before the next timer that is set.
    cancel = clock.after(1, () => {
      tell();
      cancel = clock.after(INTERVAL_MS, tick);
    });
  }
  return () => {
    cancel();
    tell();
    delay.disable();
    whole.disable();
  };
}
