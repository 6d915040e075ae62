import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptEvent, HistoryEvent } from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';
import { check, request } from './example-history.ts';
import { successRate } from './success-rate.ts';

let number = 0;
function attempt(of: string, which: number, how: Partial<AttemptEvent> = {}): AttemptEvent {
  number++;
  const [, event] = request('a', 'index', [number, number + 1], { attempt: which });
  return { ...event, id: `${of}.${number}`, request: of, ...how };
}
const failed = { outcome: 'fail', status: 503, code: 'SlowDown' } as const;
const lost = { outcome: 'info', failure: 'reset' } as const;
const stopped = { outcome: 'fail', failure: 'aborted' } as const;
const judge = (events: HistoryEvent[], expected: Partial<Expectations> = {}) =>
  check(successRate, events, { expect: expected })[0];

test('counts requests by their id: at the first attempt, and in the end', () => {
  const events = [
    attempt('one', 1),
    attempt('two', 1, failed),
    attempt('three', 1, lost),
    attempt('two', 2),
    attempt('three', 2, failed),
    attempt('four', 1),
  ];
  expect(judge(events)).toEqual({
    checker: 'success-rate',
    verdict: 'pass',
    message: '50 % of 4 write requests acknowledged at the first attempt, 75 % in the end',
  });
});

test('an attempt without an answer may have been applied, and was not acknowledged', () => {
  expect(judge([attempt('one', 1, lost)], { finalSuccess: 0.1 })).toMatchObject({
    verdict: 'fail',
    message: '0 % of 1 write request acknowledged at the first attempt, 0 % in the end (at least 10 % expected)',
  });
});

test('reads, and aborts of uploads, are no requests that data gets to S3 by', () => {
  const others = [
    attempt('one', 1, { ...failed, operation: 'GetObject' }),
    attempt('two', 1, { ...failed, operation: 'AbortMultipartUpload' }),
  ];
  expect(judge(others)?.message).toBe('no write request came to an end: there was nothing that could succeed');
  expect(judge(others, { finalSuccess: 1 })?.verdict).toBe('inconclusive');
  expect(judge([...others, attempt('three', 1)], { firstAttemptSuccess: 1 })?.verdict).toBe('pass');
});

test('what was under way when the writer was stopped is left out', () => {
  const events = [
    attempt('one', 1),
    attempt('two', 1, stopped),
    attempt('three', 1, failed),
    attempt('three', 2, stopped),
  ];
  expect(judge(events, { finalSuccess: 1 })).toMatchObject({
    verdict: 'pass',
    message:
      '50 % of 3 write requests acknowledged at the first attempt, 100 % in the end (at least 100 % expected); 2 under way when the writers were stopped are left out',
  });
  expect(judge([attempt('one', 1, stopped)])?.message).toMatch(/^no write request came to an end/);
});

test('a share that is just missed does not read as reached', () => {
  const events = Array.from({ length: 2_000 }, (_, index) => attempt(`${index}`, 1, index === 0 ? failed : {}));
  expect(judge(events, { firstAttemptSuccess: 1 })).toMatchObject({
    verdict: 'fail',
    message: expect.stringMatching(/^99\.9 % of 2000 write requests .* \(at least 100 % expected\)/),
  });
  expect(judge(events, { firstAttemptSuccess: 0.29 })?.message).toContain('(at least 29 % expected)');
});

test('it is what a count of all attempts at once gives, however requests are interleaved', () => {
  const ends = fc.array(fc.constantFrom('ok', 'fail', 'info'), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(ends, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()), (requests, draws) => {
      // A request ends with its first success.
      const all = requests.map((outcomes) => {
        const ok = outcomes.indexOf('ok');
        return ok < 0 ? outcomes : outcomes.slice(0, ok + 1);
      });
      const next = all.map(() => 0);
      const events: HistoryEvent[] = [];
      for (;;) {
        const open = all.flatMap((outcomes, index) => ((next[index] ?? 0) < outcomes.length ? [index] : []));
        const index = open[(draws.next().value as number) % open.length];
        if (index === undefined) break;
        const place = (next[index] ?? 0) + 1;
        next[index] = place;
        const outcome = all[index]?.[place - 1] as 'ok' | 'fail' | 'info';
        events.push(attempt(`${index}`, place, { outcome }));
      }
      const first = all.filter(([outcome]) => outcome === 'ok').length / all.length;
      const final = all.filter((outcomes) => outcomes.includes('ok')).length / all.length;
      expect(final).toBeGreaterThanOrEqual(first);
      const misses = (expected: Partial<Expectations>) => judge(events, expected)?.verdict === 'fail';
      for (const limit of [0.1, 0.5, 0.9, 1]) {
        expect(misses({ firstAttemptSuccess: limit })).toBe(first < limit);
        expect(misses({ finalSuccess: limit })).toBe(final < limit);
      }
    }),
  );
});
