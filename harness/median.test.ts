import { expect, it } from 'vitest';
import { median } from './median.ts';

it('is the middle one, and of two the lower one', () => {
  expect(median([7])).toBe(7);
  expect(median([10, 9, 100])).toBe(10);
  expect(median([100, 9, 10, 2])).toBe(9);
});

it('leaves the values as they are', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

it('there is none of no values', () => {
  expect(() => median([])).toThrow(RangeError);
});
