import { expect, test } from 'vitest';
import { AttemptTally } from './attempt-tally.ts';
import { request, slowDown } from './example-history.ts';

function tally(...attempts: ReturnType<typeof request>[]): AttemptTally {
  const tally = new AttemptTally();
  for (const [, attempt] of attempts) tally.add(attempt);
  return tally;
}

test('counts failures by cause, the commonest first', () => {
  const counts = tally(
    slowDown('a', 'index', [0, 10]),
    slowDown('a', 'index', [20, 30]),
    request('a', 'index', [40, 50], { upstream: 'none' }),
    request('a', 'index', [60, 70]),
  );
  expect(counts.describeFailures()).toBe('3 of 4 attempts failed, most often with 503 SlowDown (2)');
  expect(counts.dominantCause()).toEqual({ what: '503 SlowDown', count: 2, share: 2 / 3 });
});

test('a deadline is no cause, and does not hide the last error before it', () => {
  const counts = tally(
    slowDown('a', 'index', [0, 10]),
    request('a', 'index', [20, 30], { upstream: 'none', client: { failure: 'deadline' } }),
  );
  expect(counts.lastCause).toBe('503 SlowDown');
  expect(counts.describeFailures()).toBe('2 of 2 attempts failed, 1 with 503 SlowDown, 1 cut off with its flush');
});

test('divides the time into phases, waits between attempts, and what was never finished', () => {
  const counts = tally(
    request('a', 'index', [0, 50], { client: { phases: { send: 30, diskRead: 10, wait: 10 }, retryIn: 50 } }),
  );
  expect(counts.describeTime()).toBe(
    "50 % waiting between attempts, 20 % sending, 10 % reading the local disk, 10 % in attempts that never finished, 10 % waiting for S3's answer",
  );
  expect(counts.dominantTime()?.what).toBe('between');
});

test('two tallies merged are one of both', () => {
  const merged = tally(slowDown('a', 'index', [0, 10]));
  merged.merge(tally(slowDown('b', 'index', [0, 10]), request('b', 'index', [20, 30])));
  expect(merged.describeFailures()).toBe('2 of 3 attempts failed, all with 503 SlowDown');
  expect(merged.describeTime()).toBe("100 % waiting for S3's answer");
});
