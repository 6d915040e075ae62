import { expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { processesOf } from './processes-of.ts';

const late = (process: string, pid: number, what: { memory: number; maxMs: number; p99Ms: number; writer?: string }) =>
  ({ type: 'lateness', process, pid, totalMs: what.maxMs, intervalMs: 500, t: 0, ...what }) as HistoryEvent;

it('tells of each process the most memory, the longest delay, and the last percentile: of its writers the worst', () => {
  const events = [
    late('subject', 7, { memory: 100, maxMs: 3, p99Ms: 30, writer: 'a' }),
    late('gateway', 5, { memory: 900, maxMs: 2, p99Ms: 1 }),
    late('subject', 7, { memory: 300, maxMs: 40, p99Ms: 12, writer: 'b' }),
    late('subject', 7, { memory: 200, maxMs: 9, p99Ms: 11, writer: 'a' }),
    { type: 'phase', phase: 'final-read' } as HistoryEvent,
    late('gateway', 5, { memory: 950, maxMs: 70, p99Ms: 5 }),
    late('subject', 8, { memory: 50, maxMs: 0, p99Ms: 0, writer: 'c' }),
  ];
  expect(processesOf(events)).toEqual([
    { process: 'subject', pid: 7, memory: 300, maxMs: 40, p99Ms: 12, wholeP99Ms: 12 },
    { process: 'gateway', pid: 5, memory: 950, maxMs: 2, p99Ms: 1, wholeP99Ms: 5 },
    { process: 'subject', pid: 8, memory: 50, maxMs: 0, p99Ms: 0, wholeP99Ms: 0 },
  ]);
});
