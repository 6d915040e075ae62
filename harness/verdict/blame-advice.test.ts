import { expect, test } from 'vitest';
import { AttemptTally } from '../checkers/attempt-tally.ts';
import { slowDown } from '../checkers/example-history.ts';
import type { AttemptEvent } from '../history/events.ts';
import { writerKeys } from '../tempo/writer-keys.ts';
import { adviceFor } from './advice.ts';
import { type Blame, type Cause, causes, type Side, sides } from './attribution/blame.ts';
import { mainCause, remedyFor } from './blame-advice.ts';

const keys = writerKeys('2.9');

function blame(...some: [Side, Cause, number][]): Blame {
  const told = some.map(([side, cause, share]) => ({ side, cause, share, ms: share * 1_000 }));
  return { lostMs: 1_000, flushes: 1, causes: told.sort((a, b) => b.ms - a.ms) };
}

/** All attempts were throttled, and waited for their turn. */
function throttledAttempts(): AttemptTally {
  const attempts = new AttemptTally();
  for (const event of slowDown('a', 'index', [1, 900])) {
    if (event.type === 'attempt') attempts.add(event as AttemptEvent);
  }
  return attempts;
}

const deadlined = { attempts: throttledAttempts(), failedFlushes: 1, deadlines: 1 };
const failed = { attempts: throttledAttempts(), failedFlushes: 1, deadlines: 0 };
const late = { attempts: new AttemptTally(), failedFlushes: 0, deadlines: 0 };

test('the main cause is of the side that is to blame most, not the one of most time', () => {
  expect(mainCause(blame(['client', 'pool', 0.4], ['s3', 'slow', 0.35], ['s3', 'error', 0.25]))).toBe('slow');
  expect(mainCause(blame())).toBeUndefined();
});

test.each([
  ['network', 'bandwidth', /^The uplink does not carry a block within ingester\.flush_op_timeout/],
  ['network', 'dns', /^The name in storage\.trace\.s3\.endpoint .* a longer ingester\.flush_op_timeout/],
  ['s3', 'throttled', /^A longer ingester\.flush_op_timeout .* \(ingester\.concurrent_flushes\)/],
  ['s3', 'slow', /^S3 itself answers late.* a longer ingester\.flush_op_timeout/],
  ['client', 'pool', /policy\.maxConnections/],
  ['client', 'concurrency', /more flushes at a time \(ingester\.concurrent_flushes\)/],
  ['client', 'deadline', /^ingester\.flush_op_timeout is shorter than what a flush takes/],
  ['machine', 'disk', /^The local disk does not give a block within ingester\.flush_op_timeout/],
  ['machine', 'completing', /local block of the WAL.*ingester\.max_block_bytes/],
  ['machine', 'cpu', /CPU/],
] as const)('a deadline that %s (%s) is to blame for has advice for that', (side, cause, words) => {
  const advice = adviceFor('deadline-exceeded', deadlined, '2.9', blame([side, cause, 0.9], ['s3', 'error', 0.1]));
  expect(advice).toMatch(words);
});

test('only where the pool is to blame is a larger one advised', () => {
  for (const side of sides) {
    for (const cause of causes[side]) {
      for (const ended of ['by deadline', 'by attempts', 'late'] as const) {
        const words = remedyFor(cause, ended, keys, false);
        expect(words.includes('maxConnections'), cause).toBe(cause === 'pool');
        // What S3 and the machine do is not said of the path, nor the other way round.
        if (side !== 's3') expect(words, cause).not.toContain('S3 itself');
        if (side !== 'machine') expect(words, cause).not.toMatch(/local disk|CPU/);
        if (side !== 'network') expect(words, cause).not.toMatch(/uplink|the way there|path to S3/);
        expect(words, cause).not.toMatch(/\.$/);
      }
    }
  }
});

test('throttled attempts do not hide that the machine is to blame for most of the time', () => {
  const ofMachine = blame(['machine', 'disk', 0.8], ['s3', 'throttled', 0.2]);
  for (const checker of ['deadline-exceeded', 'visible-within', 'recovered-within', 'backlog']) {
    const advice = adviceFor(checker, deadlined, '2.9', ofMachine);
    expect(advice, checker).toContain('The local disk does not give a block');
    expect(advice, checker).not.toContain('throttles');
  }
});

test('flushes that failed of what is tried again would have been saved by more attempts; of a disk they would not', () => {
  const more = 'storage.trace.s3.retry_max_attempts';
  expect(adviceFor('recovered-within', failed, '2.9', blame(['s3', 'throttled', 1]))).toContain(more);
  expect(adviceFor('recovered-within', failed, '2.9', blame(['network', 'connect', 1]))).toContain(more);
  expect(adviceFor('recovered-within', failed, '2.9', blame(['machine', 'disk', 1]))).not.toContain(more);
});

test('what came late with nothing failed: more flushes at a time where each takes long, more bandwidth where that lacks', () => {
  const advice = (...cause: [Side, Cause]) => adviceFor('visible-within', late, '2.9', blame([...cause, 1]));
  expect(advice('s3', 'slow')).toContain('more flushes at a time (ingester.concurrent_flushes)');
  expect(advice('network', 'latency')).toContain('more flushes at a time (ingester.concurrent_flushes)');
  expect(advice('network', 'bandwidth')).toMatch(/^Nothing failed, the uplink was too slow/);
});

test('where nobody is to blame it follows where the time of the attempts went', () => {
  expect(adviceFor('deadline-exceeded', deadlined, '2.9', blame())).toContain('send S3 less while it throttles');
  expect(adviceFor('visible-within', late, '2.9', blame())).toBeUndefined();
});

test('the keys are those of the version that was run', () => {
  const advice = adviceFor('deadline-exceeded', deadlined, '3.0', blame(['client', 'deadline', 1]));
  expect(advice).toContain('policy.flushOpTimeout');
  expect(advice).not.toContain('ingester.');
});

test('an outage is not taken for throttling by load, and one that lasts is not outlasted by attempts', () => {
  const failing = (last: number) => ({ ...failed, failing: { first: 20_000, last } });
  const throttled = blame(['s3', 'throttled', 1]);
  const long = adviceFor('visible-within', failing(704_000), '2.9', throttled);
  expect(long).toContain('S3 refused nearly every request');
  expect(long).toContain('more of them do not outlast trouble of 11m24s');
  expect(long).not.toContain('concurrent_flushes');
  expect(adviceFor('visible-within', failing(60_000), '2.9', throttled)).toContain('would outlast a short outage');
  expect(adviceFor('visible-within', failing(704_000), '3.0', throttled)).toContain('longer waits between them');
});

test('a key that Tempo has from 3.0 on is advised to those before as what it is', () => {
  const advised = (version: '2.9' | '3.0') =>
    ['success-rate', 'amplification', 'retry-storm', 'recovered-within'].map((checker) =>
      adviceFor(checker, { ...failed, attempts: new AttemptTally() }, version, blame(['s3', 'error', 1])),
    );
  for (const advice of advised('2.9')) expect(advice).toMatch(/retry_max_attempts\)?.*needs? Tempo 3\.0/);
  for (const advice of advised('3.0')) expect(advice).not.toMatch(/needs? Tempo/);
});
