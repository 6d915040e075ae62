import { expect, test } from 'vitest';
import { amplification } from './amplification.ts';
import { check, cut, flush, flushEnd, inOrder } from './example-history.ts';

const twice = inOrder(
  cut('a', 0),
  flush('a', 10).slice(0, -1),
  flushEnd('a', 150, { outcome: 'fail' }),
  flush('a', 200, 2),
);

test('is what was sent for each request needed', () => {
  expect(check(amplification, twice, { expect: { amplification: 2 } })).toEqual([
    {
      checker: 'amplification',
      verdict: 'pass',
      message: '14 write requests sent for 7 needed, 2.00 times (at most 2 expected)',
    },
  ]);
  expect(check(amplification, twice, { expect: { amplification: 1.9 } })[0]?.verdict).toBe('fail');
});

test('is not judged without a limit, and proves nothing without a request', () => {
  expect(check(amplification, twice)[0]?.verdict).toBe('pass');
  expect(check(amplification, [cut('a', 0)], { expect: { amplification: 2 } })[0]?.verdict).toBe('inconclusive');
});
