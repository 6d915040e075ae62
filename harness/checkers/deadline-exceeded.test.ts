import { expect, test } from 'vitest';
import { deadlineExceeded } from './deadline-exceeded.ts';
import { check, cut, flush, flushEnd, flushStart, inOrder, request, slowDown } from './example-history.ts';

const ended = { deadlineExceeded: true, error: 'context deadline exceeded' };
const slow = inOrder(
  cut('a', 1),
  flushStart('a', 10),
  slowDown('a', 'data', [10, 30], { client: { retryIn: 60 } }),
  request('a', 'data', [90, 110], { upstream: 'none', client: { failure: 'deadline' } }),
  flushEnd('a', 110, ended),
);

test('says which block waited for what, and which error the deadline hid', () => {
  expect(check(deadlineExceeded, slow, { expect: { deadlineExceeded: 0 } })).toEqual([
    {
      checker: 'deadline-exceeded',
      verdict: 'fail',
      message:
        "1 of 1 flush ran into flush_op_timeout (at most 0 expected): block a, flush 1: its time went 60 % waiting between attempts, 40 % waiting for S3's answer; 2 of 2 attempts failed, 1 with 503 SlowDown, 1 cut off with its flush; the deadline hid the last error, 503 SlowDown",
      blocks: ['a'],
    },
  ]);
});

test('attempts of the flush before are none of its time', () => {
  const [finding] = check(
    deadlineExceeded,
    inOrder(
      cut('a', 1),
      flushStart('a', 10),
      slowDown('a', 'data', [10, 20]),
      flushEnd('a', 20, { outcome: 'fail' }),
      flushStart('a', 30, 2),
      request('a', 'data', [30, 90], { upstream: 'none', client: { failure: 'deadline', phases: { send: 60 } } }),
      flushEnd('a', 90, { ...ended, attempt: 2 }),
    ),
    { expect: { deadlineExceeded: 0 } },
  );
  expect(finding?.message).toContain('block a, flush 2: its time went 100 % sending; 1 of 1 attempt failed');
  expect(finding?.message).toContain('no error came before the deadline');
});

test('as many as expected pass, and a block is named once', () => {
  const twice = inOrder(slow, flushStart('a', 200, 2), flushEnd('a', 300, { ...ended, attempt: 2 }));
  expect(check(deadlineExceeded, twice, { expect: { deadlineExceeded: 2 } })[0]).toMatchObject({
    verdict: 'pass',
    blocks: ['a'],
  });
  expect(check(deadlineExceeded, twice, { expect: { deadlineExceeded: 1 } })[0]).toMatchObject({
    verdict: 'fail',
    blocks: ['a'],
  });
});

test('a flush that failed otherwise does not count', () => {
  const failed = inOrder(cut('a', 1), flushStart('a', 10), flushEnd('a', 20, { outcome: 'fail' }));
  expect(check(deadlineExceeded, failed, { expect: { deadlineExceeded: 0 } })).toEqual([
    {
      checker: 'deadline-exceeded',
      verdict: 'pass',
      message: '0 of 1 flush ran into flush_op_timeout (at most 0 expected)',
    },
  ]);
});

test('is not judged without a limit, and proves nothing without a flush', () => {
  expect(check(deadlineExceeded, slow)[0]?.verdict).toBe('pass');
  expect(check(deadlineExceeded, [cut('a', 1)], { expect: { deadlineExceeded: 0 } })[0]?.verdict).toBe('inconclusive');
  expect(
    check(deadlineExceeded, inOrder(cut('a', 1), flush('a', 2)), { expect: { deadlineExceeded: 0 } })[0]?.verdict,
  ).toBe('pass');
});

test('a flush that never ended, because its writer did, is none of the next one', () => {
  const events = inOrder(
    cut('a', 1),
    flushStart('a', 10),
    slowDown('a', 'data', [10, 20]),
    flushStart('a', 500),
    request('a', 'data', [500, 560], { upstream: 'none', client: { failure: 'deadline', phases: { send: 60 } } }),
    flushEnd('a', 560, ended),
  );
  const [finding] = check(deadlineExceeded, events, { expect: { deadlineExceeded: 0 } });
  expect(finding?.message).toContain('its time went 100 % sending; 1 of 1 attempt failed');
});
