import { expect, test } from 'vitest';
import { check, finalReadOf, inOrder, processEvent, push, walPage } from './example-history.ts';
import { liveTraces } from './live-traces.ts';

const compression = { time: 1, bytes: 1_000 };
const killed = inOrder(
  push(1, 5_000, 5_000),
  walPage('a', 2, 1, 3_000),
  processEvent('killed', 3),
  processEvent('restarted', 4),
  push(5, 1_000, 1_000),
  processEvent('killed', 6),
  finalReadOf(9, 0),
);

test('what was in memory when processes were killed is told, and judged only if the scenario says so', () => {
  const message = '3MB of live traces, acknowledged and not yet in the WAL, went with 2 kills';
  expect(check(liveTraces, killed, { compression })).toEqual([
    { checker: 'live-traces', verdict: 'pass', note: true, message },
  ]);
  const judged = (liveTracesLost: number) => check(liveTraces, killed, { compression, expect: { liveTracesLost } })[0];
  expect(judged(2_000_000)).toMatchObject({ verdict: 'fail', message: `${message} (at most 2MB expected)` });
  expect(judged(3_000_000)).toMatchObject({ verdict: 'pass', note: true });
});

test('a kill that finds all of it in the WAL takes nothing', () => {
  const events = inOrder(push(1, 10, 10), walPage('a', 2, 1, 10), processEvent('killed', 3), finalReadOf(9, 0));
  expect(check(liveTraces, events)).toEqual([
    { checker: 'live-traces', verdict: 'pass', message: 'no live traces went with 1 kill' },
  ]);
  const stopped = inOrder(events, processEvent('restarted', 4), processEvent('stopped', 5));
  expect(check(liveTraces, stopped)[0]?.message).toBe('no live traces went with 1 kill and 1 stop');
});

test('without pushes a limit cannot be judged', () => {
  expect(check(liveTraces, [])[0]?.verdict).toBe('pass');
  expect(check(liveTraces, [], { expect: { liveTracesLost: 0 } })[0]?.verdict).toBe('inconclusive');
});
