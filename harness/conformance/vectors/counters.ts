/** Tempo's own counters of its flushes, computed from what a writer has told. */
import type { HistoryEvent } from '../../history/events.ts';

export const counterNames = [
  'tempo_ingester_blocks_flushed_total',
  'tempo_ingester_failed_flushes_total',
  'tempo_ingester_flush_failed_retries_total',
  'tempo_ingester_flush_retries_total',
] as const;
export type CounterName = (typeof counterNames)[number];
export type Counters = Partial<Record<CounterName, number>>;

/**
 * As Tempo's ingester counts: both kinds of operation, *complete* and *flush*, alike (but a block flushed is one kind's alone).
 * A failure counts as a failed retry when it was not the operation's first attempt; a retry counts when it is queued, after its wait.
 */
export function countersOf(events: readonly HistoryEvent[]): Record<CounterName, number> {
  const counters: Record<CounterName, number> = {
    tempo_ingester_blocks_flushed_total: 0,
    tempo_ingester_failed_flushes_total: 0,
    tempo_ingester_flush_failed_retries_total: 0,
    tempo_ingester_flush_retries_total: 0,
  };
  for (const event of events) {
    if (event.type === 'flush.start' && event.attempt > 1) counters.tempo_ingester_flush_retries_total++;
    if (event.type === 'complete' && event.attempt > 1) counters.tempo_ingester_flush_retries_total++;
    if (event.type === 'flush.end' && event.outcome === 'ok') counters.tempo_ingester_blocks_flushed_total++;
    if ((event.type === 'flush.end' || event.type === 'complete') && event.outcome === 'fail') {
      counters.tempo_ingester_failed_flushes_total++;
      if (event.attempt > 1) counters.tempo_ingester_flush_failed_retries_total++;
    }
  }
  return counters;
}
