import { expect, test } from 'vitest';
import { effects } from '../../faults/catalogue.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { eventSchemas } from '../../history/schema.ts';
import { judge } from '../../verdict/judge.ts';
import { syntheticRun } from './synthetic-run.ts';

function history(events: number, seed: number): HistoryEvent[] {
  const parts = [...syntheticRun(events, seed)].flatMap((round) => [...round.values()].flat());
  return parts.sort((a, b) => a.t - b.t);
}

test('is a history that every checker passes, with a fault that took effect, of as many events as asked for', async () => {
  const events = history(40_000, 1);
  expect(events.length).toBeGreaterThanOrEqual(40_000);
  const { verdict, findings, faults, requests } = await judge(events, { effects });
  expect(findings.filter((finding) => finding.verdict !== 'pass')).toEqual([]);
  expect(verdict).toBe('pass');
  expect(faults[0]?.fired).toBe(requests.retries);
  expect(requests.retries).toBeGreaterThan(10);
});

test('has events as a run writes them', () => {
  for (const event of history(20_000, 1)) {
    const { success, error } = eventSchemas[event.type].safeParse(event);
    expect(success, error?.message).toBe(true);
  }
});

test('is the same for the same seed, and another for another', () => {
  const text = (seed: number) => JSON.stringify(history(1000, seed));
  const first = text(7);
  expect(text(7) === first).toBe(true);
  expect(text(8) === first).toBe(false);
});
