import { expect, it } from 'vitest';
import { nearlyAll } from './nearly-all.ts';

/** So many that pass, and so many that do not. */
const passes = (good: number, bad: number) =>
  nearlyAll([...Array(good).fill(true), ...Array(bad).fill(false)], Boolean);

it('leaves out one, and one more of each ten', () => {
  expect([passes(1, 1), passes(8, 2), passes(7, 2)]).toEqual([true, true, false]);
  expect([passes(27, 3), passes(27, 5), passes(9, 0)]).toEqual([true, false, true]);
});
