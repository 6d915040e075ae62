import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { cut, finalReadOf, phase } from './example-history.ts';
import { ObservedUntil } from './observed-until.ts';

function observed(...events: HistoryEvent[]): number {
  const until = new ObservedUntil();
  for (const event of events) until.see(event);
  return until.t;
}

test('ends where the final read begins, or where it is, or with the history', () => {
  const phases = [phase('final-read', 20), finalReadOf(30, 0), phase('judging', 40)] as const;
  expect(observed(cut('a', 10), ...phases)).toBe(20);
  expect(observed(cut('a', 10), phases[1], phases[2])).toBe(30);
  expect(observed(cut('a', 10), cut('b', 15))).toBe(15);
});
