import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import {
  check,
  cleared,
  cut,
  fault,
  flushEnd,
  flushStart,
  inOrder,
  lateness,
  phase,
  scenario,
  startFailed,
} from './example-history.ts';
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

test('that a process of the harness did not measure how late it was is inconclusive by itself', () => {
  const processes = ['harness', 'gateway', 'dns', 'subject'];
  const measured = processes.flatMap((process) => lateness(700, 3, process));
  const verdicts = (...events: Parameters<typeof inOrder>) =>
    check(harnessOnTime, working(...events, [phase('final-read', 10_011)]), context).map(({ verdict }) => verdict);
  expect(verdicts(measured)).toEqual(['pass']);
  expect(verdicts([])).toEqual(['inconclusive']);
  // What was told before the writer worked, or after it, says nothing about the time in which it did.
  expect(verdicts([lateness(5, 3), lateness(11_000, 3)])).toEqual(['inconclusive']);
  // Three of four say nothing about the fourth, and another one has no place in every run.
  for (const missing of processes) {
    const others = [...processes.filter((one) => one !== missing), 'compactor'];
    const told = others.flatMap((process) => lateness(700, 3, process));
    const [finding] = check(harnessOnTime, working(told, [phase('final-read', 10_011)]), context);
    expect(finding).toMatchObject({
      verdict: 'inconclusive',
      message: `how late the harness was is not known: in 10.1s in which the writer worked, nothing of it was told by its processes ${missing}`,
    });
  }
  // In less time than that it may be by chance.
  expect(check(harnessOnTime, working(phase('final-read', 10_010)), context)[0]?.verdict).toBe('pass');
});

const missed = (events: ReturnType<typeof inOrder>, visibleWithin: number, time = 1) => {
  const watch = new LatenessWatch({
    expect: { verdict: 'pass', lost: 0, visibleWithin },
    compression: { time, bytes: 1 },
  });
  for (const event of events) watch.see(event);
  return watch.against({ checker: 'visible-within', missedByMs: 1, blocks: ['a'] });
};

/** Block `a` takes four seconds, in one flush. */
const way = (...events: Parameters<typeof inOrder>) =>
  working(cut('a', 1_000), flushStart('a', 1_010), flushEnd('a', 5_000), ...events);

test('a miss is excused when the block was late by as much on its way, and by more than 2 % of the budget', () => {
  const late = way(lateness(3_000, 100));
  expect([missed(late, 3_900).late, missed(late, 3_899).late]).toEqual([true, false]);
  // 2 % of the budget are tolerated, whatever the miss.
  expect(missed(way(lateness(3_000, 79)), 3_950).late).toBe(false);
  // In the config's time.
  expect([missed(late, 20 * 3_900, 20).late, missed(late, 20 * 3_900 - 1, 20).late]).toEqual([true, false]);
  expect(missed(late, 3_900).describe()).toBe(
    'the harness was late by 100ms at most (its gateway process), which may have delayed block a, late by 100ms, by up to 100ms: 2.6 % of the budget, 3.9s (2 % is tolerated)',
  );
});

test('what was late before the block was under way, or after it was in S3, excuses nothing', () => {
  expect(missed(way(lateness(900, 300)), 3_900).late).toBe(false);
  expect(missed(way(lateness(5_900, 300)), 3_900).late).toBe(false);
  // Before its cut, while another block was under way, which it may have had to wait for.
  const behind = working(cut('b', 200), ...way(lateness(900, 300)).slice(2));
  expect(missed(behind, 3_900).late).toBe(true);
});

test('one block that would have missed it without lateness is a miss, whatever became of the others', () => {
  const events = way(cut('b', 10_000), flushStart('b', 10_010), flushEnd('b', 14_000), lateness(3_000, 300));
  const watch = new LatenessWatch({
    compression: { time: 1, bytes: 1 },
    expect: { verdict: 'pass', lost: 0, visibleWithin: 3_900 },
  });
  for (const event of events) watch.see(event);
  const late = (...blocks: string[]) => watch.against({ checker: 'visible-within', missedByMs: 100, blocks }).late;
  expect([late('a'), late('b'), late('a', 'b')]).toEqual([true, false, false]);
});

test('the recovery is held against the lateness since the last heal', () => {
  const late = (...moments: number[]) => {
    const events = way(fault('1-latency', [1_500, 3_000]), ...moments.map((t) => lateness(t, 100)));
    const watch = new LatenessWatch({
      compression: { time: 1, bytes: 1 },
      expect: { verdict: 'pass', lost: 0, recoveredWithin: 1_900 },
    });
    for (const event of events) watch.see(event);
    return watch.against({ checker: 'recovered-within', missedByMs: 100, blocks: ['a'] }).late;
  };
  expect([late(4_000), late(6_000)]).toEqual([true, false]);
  const never = watch(way(lateness(3_000, 900)), { visibleWithin: 3_900 });
  expect(never.against({ checker: 'visible-within', missedByMs: 'never', blocks: ['a'] }).late).toBe(false);
});

test('the recovery of a writer that could not start before S3 was back counts from the end of the outage', () => {
  const lateBy = (t: number) => {
    const events = way(
      fault('2-connection-refused', [1_020, 2_000]),
      startFailed([1_050, 1_500], 160),
      fault('1-writer-crash', [1_030, 3_200], { until: 1_060 }),
      lateness(t, 100),
    );
    const watch = new LatenessWatch({
      compression: { time: 1, bytes: 1 },
      expect: { verdict: 'pass', lost: 0, recoveredWithin: 2_900 },
    });
    for (const event of events) watch.see(event);
    return watch.against({ checker: 'recovered-within', missedByMs: 100, blocks: ['a'] }).late;
  };
  expect([lateBy(2_700), lateBy(5_700)]).toEqual([true, false]);
});

test('what has no budget in time is held against the smallest one, over all the time', () => {
  const events = working(lateness(100, 300));
  expect(watch(events).against({ checker: 'amplification' }).late).toBe(true);
  expect(watch(events, { recoveredWithin: 600_000 }).against({ checker: 'amplification' }).late).toBe(false);
});

test('a flush that ran into its deadline counts unless a process was late by more than 2 % of it meanwhile', () => {
  const ranOut = (block: string, start: number) => [
    cut(block, start - 10),
    flushStart(block, start),
    flushEnd(block, start + 1_000, { deadlineExceeded: true, retryIn: 10_000 }),
  ];
  const late = (deadlineExceeded: number, maxMs: number) => {
    const events = working(ranOut('a', 1_000), ranOut('b', 5_000), lateness(1_800, maxMs));
    return watch(events, { deadlineExceeded }).against({ checker: 'deadline-exceeded', blocks: ['a', 'b'] });
  };
  expect([late(1, 20).late, late(1, 21).late]).toEqual([false, true]);
  // The other flush was late for no reason of the harness.
  expect(late(0, 300).late).toBe(false);
  expect(late(1, 21).describe()).toBe(
    'the harness was late by 21ms at most (its gateway process), and 1 of 2 flushes may have run into flush_op_timeout by that: while it was under way it was late by more than 2 % of 5m',
  );
});

test('a gap is held against the lateness of the flush that came too late', () => {
  const late = (t: number, blocklistPoll = 300) => {
    const history = way(cleared('a', 5_200), lateness(t, 100)).map((event) =>
      event.type === 'scenario' ? scenario({ blocklistPoll }) : event,
    );
    const watch = new LatenessWatch({
      compression: { time: 1, bytes: 1 },
      expect: { verdict: 'pass', lost: 0, visibilityGap: 0 },
    });
    for (const event of history) watch.see(event);
    return watch.against({ checker: 'visibility-gap', missedByMs: 100, blocks: ['a'] }).late;
  };
  expect([late(3_000), late(5_900), late(3_000, 301)]).toEqual([true, false, false]);
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
