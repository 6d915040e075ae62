/** When a writer cuts its blocks, and so how long to wait for one: by the sweeps that cut them (intake.ts). */
import type { BlockSettings } from '../tempo/settings.ts';
import { bytesPerTrace } from './block-layout.ts';
import type { PushLoad } from './live-traces.ts';

export interface CutTimes {
  /** Milliseconds from the load's begin to the cut of its first block, at most. Its completion follows within `firstFlushJitter`. */
  first: number;
  /** Milliseconds from one cut to the next, at most. */
  next: number;
  /** Bytes of trace data of a block that is cut after others: about. */
  bytes: number;
}

/**
 * For a load that the limits let through as far as they do in the long run.
 *
 * 1. A block is cut at the first sweep that finds it large enough, or too old.
 * 2. A span comes into a block only once its trace is cut: when it is idle, or live for long enough.
 * 3. So a span waits for the idle period at least, and for all of `untilCut` at most; in between two cuts both may happen.
 */
export function cutTimes(load: PushLoad, settings: { blocks: BlockSettings; flushCheckPeriod: number }): CutTimes {
  const { maxBlockBytes, maxBlockDuration, traceIdlePeriod, traceLivePeriod } = settings.blocks;
  const period = settings.flushCheckPeriod;
  const { traceLength = 0, limits } = load;
  const untilCut = Math.min(traceLength + traceIdlePeriod, traceLivePeriod);
  const perSecond = Math.min(
    load.bytesPerSecond,
    limits?.bytesPerSecond ?? Number.POSITIVE_INFINITY,
    // A trace takes its place until the sweep after it is due.
    limits?.liveTraces ? ((limits.liveTraces * bytesPerTrace) / (untilCut + period)) * 1000 : Number.POSITIVE_INFINITY,
  );
  const untilFull = (maxBlockBytes / perSecond) * 1000;
  const sweeps = (ms: number) => Math.ceil(ms / period - 1e-9) * period;
  const tooOld = (Math.floor(maxBlockDuration / period + 1e-9) + 1) * period;
  const uneven = untilCut - Math.min(traceIdlePeriod, traceLivePeriod);
  const next = Math.min(sweeps(untilFull + uneven), tooOld);
  return {
    first: Math.min(sweeps(untilFull + untilCut), Math.max(tooOld, sweeps(untilCut + period / 10))),
    next,
    bytes: (Math.min(sweeps(untilFull), tooOld) * perSecond) / 1000,
  };
}
