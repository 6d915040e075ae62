import { describe, expect, test } from 'vitest';
import { inOrder, lateness, phase, scenario } from '../../checkers/example-history.ts';
import type { HistoryEvent, LatenessEvent } from '../../history/events.ts';
import { attribute } from './attribution.ts';
import { BusyMachine } from './busy-machine.ts';
import { flushOf, type Request, usualRequests } from './example-flush.ts';

function late(t: number, totalMs: number, process = 'gateway', pid = 1): LatenessEvent {
  return { t, type: 'lateness', process, pid, maxMs: totalMs, totalMs, intervalMs: 500 };
}

describe('how late the gateway was in a time', () => {
  test('is the sum of what it told of that time, of a part of an interval a part', () => {
    const busy = new BusyMachine();
    for (const report of [late(500, 100), late(1_000, 200), late(1_500, 400)]) busy.see(report);
    expect(busy.lateIn(250, 1_000)).toBe(250);
    expect(busy.lateIn(2_000, 3_000)).toBe(0);
  });

  test('is that of the latest of several, and of no other process', () => {
    const busy = new BusyMachine();
    const others = ['subject', 'harness', 'dns'].map((process) => late(500, 400, process));
    for (const report of [late(500, 100), late(500, 300, 'gateway', 2), ...others]) busy.see(report);
    expect(busy.lateIn(0, 500)).toBe(300);
  });

  test('is forgotten up to a moment, when there is much of it, and not beyond', () => {
    const busy = new BusyMachine();
    for (let t = 500; t <= 1_100_000; t += 500) busy.see(late(t, 100));
    busy.forget(1_000_000);
    expect(busy.lateIn(0, 1_000_000)).toBe(0);
    expect(busy.lateIn(1_000_000, 1_100_000)).toBe(20_000);
  });
});

describe('what a flush lost while the gateway was late', () => {
  const steady = [phase('steady-state', 1), flushOf('s1', 100, usualRequests), flushOf('s2', 200, usualRequests)];
  const slow: readonly Request[] = [
    { bytes: 5_000_000, disk: 5, way: 10, s3: 520, answer: 1 },
    ...usualRequests.slice(1),
  ];
  const causesOf = async (...events: Parameters<typeof inOrder>) => {
    const { blame } = await attribute(inOrder(scenario(), ...steady, phase('timeline', 1_000), ...events));
    return blame.causes.map(({ cause, ms }) => `${cause} ${Math.round(ms)}`);
  };
  const slowFlush = flushOf('a', 2_000, slow);

  test('is the noise of a machine that was late half of what was lost', async () => {
    expect(await causesOf(slowFlush, late(2_500, 260))).toEqual([]);
  });

  test('is lost, where it is far more than the gateway was late', async () => {
    expect(await causesOf(slowFlush, late(2_500, 100))).toEqual(['slow 500']);
  });

  test('is lost, where it was the writer that was late: that may be what a fault does', async () => {
    expect(await causesOf(slowFlush, late(2_500, 260, 'harness'), lateness(2_500, 10))).toEqual(['slow 500']);
  });

  test('is lost, where an attempt failed: a late machine fails none', async () => {
    const refused: Request = { s3: 500, client: { outcome: 'fail', status: 500, code: 'InternalError' } };
    const tried = flushOf('a', 2_000, [refused, ...usualRequests]) as HistoryEvent[];
    expect(await causesOf(tried, late(2_500, 450))).not.toEqual([]);
  });
});

test('a flush that the end of the run stopped lost what S3 did not answer', async () => {
  const steady = [phase('steady-state', 1), flushOf('s1', 100, usualRequests), flushOf('s2', 200, usualRequests)];
  const unanswered: Request = {
    ...{ bytes: 5_000_000, disk: 5, way: 10, s3: 60_000, unanswered: true },
    client: { outcome: 'fail', failure: 'aborted' },
  };
  const stopped = flushOf('a', 2_000, [unanswered], { outcome: 'fail', error: 'Put: context canceled' });
  const { blame } = await attribute(inOrder(scenario(), ...steady, phase('timeline', 1_000), stopped));
  expect(blame).toMatchObject({ flushes: 1 });
  const [first] = blame.causes;
  expect([first?.side, Math.round((first?.ms ?? 0) / 1_000)]).toEqual(['s3', 60]);
});
