import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { Audience, type Reads } from './audience.ts';
import { fault, inOrder, phase, scenario } from './example-history.ts';

function shown(...all: [name: string, reads: Reads][]): string[] {
  const seen: string[] = [];
  const audience = new Audience();
  for (const [name, reads] of all)
    audience.add({ see: ({ type }: HistoryEvent) => seen.push(`${name} ${type}`) }, reads);
  for (const event of inOrder(scenario(), phase('steady-state', 1), phase('timeline', 2), fault('1-x', [3, 4]))) {
    audience.show(event);
  }
  return seen;
}

test('each is shown the types that it reads, every time, and no other', () => {
  expect(shown(['a', ['phase', 'fault.end']])).toEqual(['a phase', 'a phase', 'a fault.end']);
  expect(shown(['none', []])).toEqual([]);
});

test('who reads every event is shown every event', () => {
  const types = ['scenario', 'phase', 'phase', 'fault.start', 'fault.end'];
  expect(shown(['all', 'every event'])).toEqual(types.map((type) => `all ${type}`));
});

test('those who read the same are shown it in the order in which they were added', () => {
  const order = shown(['b', ['fault.start']], ['a', 'every event'], ['c', ['fault.start']]);
  expect(order.filter((what) => what.endsWith('fault.start'))).toEqual([
    'b fault.start',
    'a fault.start',
    'c fault.start',
  ]);
});
