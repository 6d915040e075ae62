/**
 * What a run's trouble cost, by the harness's own account: how long blocks took from their last page of the WAL, when they were full, until
 * they were in S3. Waiting to be completed is in it: in Tempo 2 the queues of the flushes do that. Whom the judge blames plays no part.
 */
import { configTime } from '../../checkers/config-time.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { median } from '../../median.ts';

export interface Cost {
  /** Of each block that was full after the begin of the timeline, in the order of their cuts: milliseconds of the config's time. */
  blockMs: number[];
  /** Flushes that failed, and how many of them ran into flush_op_timeout. */
  failedFlushes: number;
  deadlineExceeded: number;
  /** The timeline began: before it nothing was planted. */
  reachedTimeline: boolean;
}

/** A block that never came counts up to the end of the drain. */
export function costOf(events: Iterable<HistoryEvent>): Cost {
  const lastPages = new Map<string, number>();
  const cuts = new Map<string, number>();
  const flushed = new Map<string, number>();
  let compression = { time: 1 };
  let begun = Number.POSITIVE_INFINITY;
  let over = 0;
  let failedFlushes = 0;
  let deadlineExceeded = 0;
  for (const event of events) {
    switch (event.type) {
      case 'scenario':
        compression = event.compression;
        break;
      case 'phase':
        if (event.phase === 'timeline') begun = event.t;
        if (event.phase === 'final-read') over = event.t;
        break;
      case 'wal.page':
        if (!cuts.has(event.block)) lastPages.set(event.block, event.t);
        break;
      case 'block.cut': {
        const full = lastPages.get(event.block) ?? event.t;
        if (full >= begun && !cuts.has(event.block)) cuts.set(event.block, full);
        break;
      }
      case 'flush.end':
        if (event.outcome === 'ok' && !flushed.has(event.block)) flushed.set(event.block, event.t);
        if (event.outcome === 'fail') failedFlushes++;
        if (event.deadlineExceeded) deadlineExceeded++;
        break;
    }
  }
  return {
    blockMs: [...cuts].map(([block, full]) => configTime((flushed.get(block) ?? over) - full, compression)),
    failedFlushes,
    deadlineExceeded,
    reachedTimeline: begun < Number.POSITIVE_INFINITY,
  };
}

/** What blocks took beyond what they take in a healthy run, together. Milliseconds of the config's time. */
export function lostBeyond(cost: Cost, healthy: Cost): number {
  const usual = healthy.blockMs.length > 0 ? median(healthy.blockMs) : 0;
  return cost.blockMs.reduce((sum, ms) => sum + Math.max(0, ms - usual), 0);
}
