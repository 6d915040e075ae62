import { expect, it } from 'vitest';
import { Random } from '../random.ts';
import { uniformity } from './uniformity.ts';

const sample = (size: number, share: (draw: number) => number, seed = 1) =>
  Array.from({ length: size }, (_, index) => share(new Random(seed).uniform('sample', index)));

it('has the distance that the textbook has', () => {
  // Steps of 1/4: before 0.1 none has come, at 0.6 two of four have where uniformly 0.6 should.
  expect(uniformity([0.9, 0.1, 0.6, 0.2]).distance).toBeCloseTo(0.3, 12);
  expect(uniformity([0.5]).distance).toBeCloseTo(0.5, 12);
});

it('takes uniform draws for uniform, 99 times in a hundred', () => {
  const taken = Array.from({ length: 1000 }, (_, seed) => uniformity(sample(100, (draw) => draw, seed)).uniform);
  // The binomial distribution of the 1 % that it refuses, at 99.9 %.
  expect(taken.filter((uniform) => !uniform).length).toBeGreaterThan(0);
  expect(taken.filter((uniform) => !uniform).length).toBeLessThan(22);
});

it('refuses what is not: no jitter, half jitter, a cap that cuts it off, nothing at all', () => {
  expect(uniformity(sample(60, () => 1))).toMatchObject({ uniform: false, distance: 1 });
  expect(uniformity(sample(60, (draw) => (1 + draw) / 2)).uniform).toBe(false);
  expect(uniformity(sample(300, (draw) => Math.min(draw, 0.8))).uniform).toBe(false);
  expect(uniformity([]).uniform).toBe(false);
});
