import { expect, it } from 'vitest';
import { nearestKey } from './nearest-key.ts';

const keys = ['flush_op_timeout', 'flush_check_period', 'concurrent_flushes', 'bucket'];

it.each([
  ['flush_op_timout', 'flush_op_timeout'],
  ['flush_op_tiemout', 'flush_op_timeout'],
  ['flushOpTimeout', 'flush_op_timeout'],
  ['concurent_flushs', 'concurrent_flushes'],
  ['bukcet', 'bucket'],
  ['bucket', 'bucket'],
])('takes %s for %s', (typed, meant) => {
  expect(nearestKey(typed, keys)).toBe(meant);
});

it.each(['', 'b', 'timeout', 'buffer_x', 'completely_different_key'])(
  'has no idea what "%s" was meant to be',
  (typed) => {
    expect(nearestKey(typed, keys)).toBeUndefined();
  },
);

it('counts two swapped letters as one edit, so that the swap wins over two changes', () => {
  expect(nearestKey('abcd', ['xycd', 'bacd'])).toBe('bacd');
});
