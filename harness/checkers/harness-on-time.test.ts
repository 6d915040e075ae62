import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { check, fault, inOrder, lateness, phase, scenario, startFailed } from './example-history.ts';
import { harnessOnTime } from './harness-on-time.ts';
import { LatenessWatch } from './lateness-watch.ts';

const context = {
  expect: { verdict: 'pass' as const, lost: 0, recoveredWithin: 60_000 },
  compression: { time: 20, bytes: 1 },
};

function watch(events: ReturnType<typeof inOrder>, expectations: object = context.expect) {
  const watch = new LatenessWatch({ ...context, expect: { verdict: 'pass', lost: 0, ...expectations } });
  for (const event of events) watch.see(event);
  return watch;
}

const working = (...events: Parameters<typeof inOrder>) =>
  inOrder(scenario({ flushOpTimeout: 15_000 }), phase('steady-state', 10), ...events);

test('late is more than 2 % of the smallest budget, in the time of the config', () => {
  expect(watch(working(lateness(100, 60))).late).toBe(false);
  expect(watch(working(lateness(100, 60.1))).late).toBe(true);
  expect(watch(working(lateness(100, 60.1)), { recoveredWithin: 120_000 }).late).toBe(false);
  expect(watch(working(lateness(100, 60.1)), { recoveredWithin: 120_000, visibleWithin: 60_000 }).late).toBe(true);
});

test('flush_op_timeout is a budget where flushes that ran into it are counted', () => {
  const events = inOrder(scenario({ flushOpTimeout: 1_000 }), phase('timeline', 10), lateness(100, 50));
  expect(watch(events, {}).late).toBe(false);
  expect(watch(events, { deadlineExceeded: 0 }).late).toBe(true);
  // Tempo 3 has no such deadline: there is nothing to be late against.
  const none = watch(inOrder(scenario({ flushOpTimeout: 0 }), events.slice(1)), { deadlineExceeded: 0 });
  expect([none.late, none.describe()]).toEqual([
    false,
    'the harness was late by 50ms at most (its gateway process); no budget in time is judged',
  ]);
});

test('a visibility gap that is judged is held against blocklist_poll, which it is measured by', () => {
  const events = inOrder(scenario({ blocklistPoll: 1_000 }), phase('timeline', 10), lateness(100, 50));
  expect(watch(events, {}).late).toBe(false);
  expect(watch(events, { visibilityGap: 0 }).late).toBe(true);
  // Compressed as the time is: 20 s of the config's.
  const short = inOrder(scenario({ blocklistPoll: 1_000 }), phase('timeline', 10), lateness(100, 20));
  expect(watch(short, { visibilityGap: 0 }).late).toBe(false);
  const against = (missedByMs: number) =>
    watch(events, { visibilityGap: 0 }).against({ checker: 'visibility-gap', missedByMs }).late;
  // All processes together were late by 1 s of the config's time.
  expect([against(1_000), against(1_001)]).toEqual([true, false]);
});

test('only lateness while the writer worked counts', () => {
  const events = inOrder(
    scenario(),
    phase('lease', 1),
    lateness(5, 900),
    phase('steady-state', 10),
    lateness(20, 7),
    phase('final-read', 100),
    lateness(150, 800),
  );
  expect(watch(events).longestMs).toBe(7);
});

test('by itself a late harness is a note, with the figures', () => {
  expect(check(harnessOnTime, working(lateness(100, 90, 'dns'), lateness(200, 30)), context)).toEqual([
    {
      checker: 'harness-on-time',
      verdict: 'pass',
      message:
        "the harness was late by 90ms at most (its dns process), 1.8s in the config's time: 3.0 % of the smallest budget, 1m (2 % is tolerated); it would matter if a budget were missed",
    },
  ]);
});

test('that nobody measured how late the harness was is inconclusive by itself', () => {
  const measured = [lateness(700, 3)];
  const verdicts = (...events: Parameters<typeof inOrder>) =>
    check(harnessOnTime, working(...events, [phase('final-read', 10_011)]), context).map(({ verdict }) => verdict);
  expect(verdicts(measured)).toEqual(['pass']);
  expect(verdicts([])).toEqual(['inconclusive']);
  // What was told before the writer worked, or after it, says nothing about the time in which it did.
  expect(verdicts([lateness(5, 3), lateness(11_000, 3)])).toEqual(['inconclusive']);
  // In less time than that it may be by chance.
  expect(check(harnessOnTime, working(phase('final-read', 10_010)), context)[0]?.verdict).toBe('pass');
});

test('a missed budget is held against its own lateness: the recovery against that since the last heal', () => {
  const events = working(lateness(100, 300), ...fault('1-latency', [200, 400]), lateness(500, 60.1));
  const expectations = { recoveredWithin: 60_000, visibleWithin: 600_000 };
  expect(watch(events, expectations).against({ checker: 'recovered-within' })).toMatchObject({ late: true });
  expect(
    watch(events, { ...expectations, recoveredWithin: 61_000 }).against({ checker: 'recovered-within' }).late,
  ).toBe(false);
  expect(watch(events, expectations).against({ checker: 'visible-within' }).late).toBe(false);
  expect(watch(events, { ...expectations, visibleWithin: 299_000 }).against({ checker: 'visible-within' }).late).toBe(
    true,
  );
  // What has no budget in time: the smallest one, over all the time.
  expect(watch(events, expectations).against({ checker: 'amplification' }).late).toBe(true);
});

test('the recovery of a writer that could not start before S3 was back is held against the lateness since then', () => {
  const lateBy = (t: number) =>
    watch(
      working(
        fault('2-connection-refused', [20, 200]),
        startFailed([50, 150], 160),
        fault('1-writer-crash', [30, 320], { until: 60 }),
        lateness(t, 70),
      ),
    ).against({ checker: 'recovered-within', missedByMs: 1 }).late;
  expect([lateBy(190), lateBy(250), lateBy(400)]).toEqual([false, true, true]);
});

test('lateness excuses no more than all processes together were late', () => {
  const events = working(...fault('1-latency', [200, 400]), lateness(500, 70), lateness(600, 30, 'subject'));
  const late = (missedByMs: number | 'never') =>
    watch(events).against({ checker: 'recovered-within', missedByMs }).late;
  // 100 ms in all, 20 times compressed.
  expect([late(2000), late(2001), late('never')]).toEqual([true, false, false]);
});

test('the time for which a fault held the writers stopped is none of lateness', () => {
  const process = (what: 'paused' | 'resumed', t: number): HistoryEvent => ({
    t,
    type: 'writer.process',
    what,
    writers: ['w'],
    rule: '1-writer-pause',
  });
  const pause = (...late: Parameters<typeof inOrder>) =>
    watch(working([process('paused', 1000), process('resumed', 3000)], ...late)).longestMs;
  const reported = (t: number, maxMs: number, intervalMs: number, name = 'subject') => ({
    ...lateness(t, maxMs, name),
    intervalMs,
  });
  expect(pause([reported(3005, 2010, 2400)])).toBeCloseTo(10);
  // The report may come before what it is about was noticed: that is in the next one then.
  expect(pause([reported(3005, 0, 2400), reported(3505, 2010, 500)])).toBeCloseTo(10);
  // Before it, after it, and in another process it counts.
  expect(pause([reported(900, 70, 500)])).toBe(70);
  expect(pause([reported(3900, 70, 500)])).toBe(70);
  expect(pause([reported(2000, 70, 500, 'gateway')])).toBe(70);
  // One that goes on when the run ends.
  expect(watch(working([process('paused', 1000)], [reported(5000, 4100, 4400)])).longestMs).toBeCloseTo(100);
});
