import { expect, test } from 'vitest';
import { check, cut, fault, flush, flushEnd, flushStart, inOrder, slowDown } from './example-history.ts';
import { steadyState } from './steady-state.ts';

const retried = [flushStart('a', 10), slowDown('a', 'index', [20, 30]), flush('a', 40).slice(1)].flat();

test('one block flushed with no failed attempt before the first fault is enough', () => {
  expect(check(steadyState, inOrder(cut('a', 1), flush('a', 10), fault('1-latency', [500, 600])))).toEqual([
    {
      checker: 'steady-state',
      verdict: 'pass',
      message: '1 block flushed with no failed attempt before the first fault',
    },
  ]);
});

test('a flush that ended after the fault began does not count', () => {
  const [finding] = check(steadyState, inOrder(cut('a', 1), flush('a', 10), fault('1-latency', [100, 600])));
  expect(finding?.verdict).toBe('inconclusive');
  expect(finding?.message).toContain('no block was flushed before the first fault (1 cut)');
});

test('a path that needs retries without a fault is not healthy', () => {
  const [finding] = check(steadyState, inOrder(cut('a', 1), retried, fault('1-latency', [500, 600])));
  expect(finding?.verdict).toBe('inconclusive');
  expect(finding?.message).toContain('the path was not healthy');
});

test('a failed attempt in the flush before does not count against the next', () => {
  const failed = inOrder(flushStart('a', 10), slowDown('a', 'index', [20, 30]), flushEnd('a', 40, { outcome: 'fail' }));
  expect(check(steadyState, inOrder(cut('a', 1), failed, flush('a', 50, 2)))[0]?.verdict).toBe('pass');
});
