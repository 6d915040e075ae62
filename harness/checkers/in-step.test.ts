import { describe, expect, it, test } from 'vitest';
import { Random } from '../random.ts';
import { meanCorrelation } from './in-step.ts';

const BINS = 120;
const random = new Random(7);

/** Retries of one writer in each of 120 seconds: some, where `rate` has it, drawn by themselves. */
function writer(draw: number, name: number, rate: (bin: number) => number): number[] {
  return Array.from({ length: BINS }, (_, bin) => {
    let count = 0;
    for (let n = 0; n < 6; n++) if (random.uniform(draw, name, bin, n) < rate(bin) / 6) count++;
    return count;
  });
}

const writers = (draw: number, count: number, rate: (bin: number) => number) =>
  Array.from({ length: count }, (_, name) => writer(draw, name, rate));

function figures(of: (draw: number) => number[][]): { mean: number; deviation: number } {
  const drawn = Array.from({ length: 50 }, (_, draw) => meanCorrelation(of(draw)) as number);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  return { mean, deviation: Math.sqrt(drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / drawn.length) };
}

describe('the mean correlation of two writers', () => {
  it('is 1 for writers that do the same', () => {
    const one = writer(0, 0, () => 2);
    expect(meanCorrelation([one, one, one])).toBeCloseTo(1);
  });

  it('is 0 for writers that are independent, and by chance hardly more', () => {
    const { mean, deviation } = figures((draw) => writers(draw, 3, () => 2));
    expect(mean).toBeCloseTo(0, 1);
    expect(deviation).toBeLessThan(0.09);
  });

  it('is near 0 for independent writers that all retry in an outage, and none after it', () => {
    const { mean } = figures((draw) => writers(draw, 5, (bin) => (bin < 60 ? 4 : 0)));
    expect(mean).toBeLessThan(0.1);
  });

  it('is near 1 for writers that come back at the same second, each with as many as it has', () => {
    const { mean } = figures((draw) => writers(draw, 5, (bin) => (bin % 30 === 0 ? 5 : 0)));
    expect(mean).toBeGreaterThan(0.8);
  });

  it('is below 0 for writers that take turns', () => {
    const turn = (of: number) => Array.from({ length: BINS }, (_, bin) => Number(bin % 2 === of));
    expect(meanCorrelation([turn(0), turn(1)])).toBeCloseTo(-1);
  });
});

test.each<[string, number[][]]>([
  ['nobody', []],
  ['one writer', [writer(0, 0, () => 2)]],
  ['writers of whom one retries', [writer(0, 0, () => 2), Array(BINS).fill(0)]],
])('there is none of %s', (_who, counts) => {
  expect(meanCorrelation(counts)).toBeUndefined();
});
