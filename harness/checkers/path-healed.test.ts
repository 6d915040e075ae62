import { expect, test } from 'vitest';
import type { ProbeEvent } from '../history/events.ts';
import { check, fault, inOrder, probed } from './example-history.ts';
import { pathHealed } from './path-healed.ts';

const failing: ProbeEvent['samples'] = [
  { operation: 'PutObject', ms: 4 },
  { operation: 'GetObject', ms: 2, error: 'S3 answered 503 SlowDown' },
];

function judged(...probes: ProbeEvent[]): string {
  const [finding] = check(pathHealed, inOrder(fault('1-latency', [100, 200]), probes));
  return `${finding?.verdict}: ${finding?.message}`;
}

test('a path that is as it was before is healed', () => {
  expect(judged(probed('before', 50), probed('after', 210))).toMatch(/^pass: nothing is in force; .* 3\.0ms .* 5\.0ms/);
});

test('what is still in force fails, whatever the requests say', () => {
  expect(judged(probed('before', 50), probed('after', 210, { inForce: ['gateway rule: 1-s3-error'] }))).toBe(
    'fail: after the last heal there is still in force: gateway rule: 1-s3-error',
  );
});

test('a request that fails after the last heal fails the run', () => {
  expect(judged(probed('before', 50), probed('after', 210, { samples: failing }))).toBe(
    'fail: after the last heal 1 of 2 requests through the path failed: GetObject: S3 answered 503 SlowDown',
  );
});

test('a path that never worked proves nothing about its healing', () => {
  expect(judged(probed('before', 50, { samples: failing }), probed('after', 210, { samples: failing }))).toMatch(
    /^inconclusive: before the first fault the path did not work: GetObject/,
  );
});

test('a path that stays slow is told, one slow request is not', () => {
  const slow = (...times: number[]) => times.map((ms) => ({ operation: 'PutObject' as const, ms }));
  expect(judged(probed('before', 50), probed('after', 210, { samples: slow(290, 390, 350) }))).toMatch(
    /^inconclusive: the path is slower than before: .* 290\.0ms/,
  );
  expect(judged(probed('before', 50), probed('after', 210, { samples: slow(6, 900, 50) }))).toMatch(/^pass/);
});

test('a path that is slow while the writers drain, and not when they are done, is healed', () => {
  const slow = [{ operation: 'PutObject' as const, ms: 400 }];
  expect(judged(probed('before', 50), probed('after', 210, { samples: slow }), probed('after', 900))).toMatch(/^pass/);
  const failed = probed('after', 210, { samples: failing });
  expect(judged(probed('before', 50), failed, probed('after', 900))).toMatch(/^fail: .* 1 of 5 requests/);
});

test('requests without an answer fail the run, unless the path answers all when the writers are done', () => {
  const none = { operation: 'PutObject' as const, ms: 5000, error: 'no answer within 5 s', unanswered: true as const };
  const [before, done] = [probed('before', 50), probed('after', 900)];
  const after = (samples: ProbeEvent['samples'], t = 210) => probed('after', t, { samples });
  expect(judged(before, after([none]))).toBe(
    'fail: after the last heal 1 of 1 request through the path failed: PutObject: no answer within 5 s',
  );
  expect(judged(before, after([none]), after([none], 900))).toMatch(/^fail/);
  expect(judged(before, after([none]), done)).toMatch(
    /^inconclusive: .*; when the writers were done, all were answered$/,
  );
  // What was refused was not held up.
  expect(judged(before, after([none, ...failing]), done)).toMatch(/^fail/);
});

test('without a probe nothing is said of the healing', () => {
  expect(judged(probed('before', 50))).toMatch(/^inconclusive: the path was not probed after the last heal/);
  expect(judged(probed('after', 210))).toMatch(/^inconclusive: the path was not probed before the first fault/);
});

test('without a fault there is nothing to heal', () => {
  expect(check(pathHealed, [])).toMatchObject([{ verdict: 'pass' }]);
});
