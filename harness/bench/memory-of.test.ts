import { expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { memoryOf } from './memory-of.ts';

const start = { type: 'flush.start' } as HistoryEvent;
const end = { type: 'flush.end' } as HistoryEvent;
const memory = (bytes: number) => ({ type: 'lateness', memory: bytes }) as HistoryEvent;

it('tells the most of each wave, and the median while something is flushed', () => {
  const first = [memory(900), start, memory(10), start, memory(40), end, memory(20), end];
  const second = [memory(500), start, start, memory(30), end, end, memory(7000)];
  expect(memoryOf([...first, ...second], 2)).toEqual({ resident: 20, waves: [900, 500] });
});

it('has no wave of flushes that did not end', () => {
  expect(memoryOf([start, memory(10), end, start, memory(20)], 2)).toEqual({ resident: 10, waves: [] });
});
