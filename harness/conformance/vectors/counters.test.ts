import { expect, it } from 'vitest';
import type { HistoryEvent } from '../../history/events.ts';
import { countersOf } from './counters.ts';

const of = { t: 0, writer: 'w', block: 'b' };
const flush = (attempt: number, outcome: 'ok' | 'fail'): HistoryEvent[] => [
  { ...of, type: 'flush.start', attempt, queue: 0 },
  { ...of, type: 'flush.end', attempt, outcome, deadlineExceeded: false },
];
const complete = (attempt: number, outcome: 'ok' | 'fail'): HistoryEvent => ({
  ...{ ...of, type: 'complete', attempt, start: 0, queue: 0, outcome },
});

it('counts a flush that goes well at once', () => {
  expect(countersOf(flush(1, 'ok'))).toEqual({
    tempo_ingester_blocks_flushed_total: 1,
    tempo_ingester_failed_flushes_total: 0,
    tempo_ingester_flush_failed_retries_total: 0,
    tempo_ingester_flush_retries_total: 0,
  });
});

it('counts failures, failures of retries, and retries', () => {
  expect(countersOf([...flush(1, 'fail'), ...flush(2, 'fail'), ...flush(3, 'ok')])).toEqual({
    tempo_ingester_blocks_flushed_total: 1,
    tempo_ingester_failed_flushes_total: 2,
    tempo_ingester_flush_failed_retries_total: 1,
    tempo_ingester_flush_retries_total: 2,
  });
});

it('counts completions among them, but no block as flushed by one', () => {
  expect(countersOf([complete(1, 'fail'), complete(2, 'fail'), complete(3, 'ok')])).toEqual({
    tempo_ingester_blocks_flushed_total: 0,
    tempo_ingester_failed_flushes_total: 2,
    tempo_ingester_flush_failed_retries_total: 1,
    tempo_ingester_flush_retries_total: 2,
  });
});
