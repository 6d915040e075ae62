import { expect, it } from 'vitest';
import { median } from './measurement.ts';

it.each([
  [[3], 3],
  [[10, 9, 1], 9],
  [[4, 100, 2, 1], 3],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

it('has no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});
