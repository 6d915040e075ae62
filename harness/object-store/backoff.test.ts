import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';

const tempo = { backoffUnit: 200, backoffCap: 1000 };

describe('backoff', () => {
  it('doubles from the unit up to the cap', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => backoff(attempt, tempo, 0))).toEqual([200, 400, 800, 1000, 1000, 1000]);
  });

  it('takes the share that was drawn off the whole of it', () => {
    expect(backoff(2, tempo, 0.25)).toBe(300);
    expect(backoff(5, tempo, 0.999)).toBeCloseTo(1, 9);
  });

  it('sums up to 7.4 s between ten attempts at most, and half of it in the mean, as minio-go does', () => {
    const sum = (jitter: number) => [1, 2, 3, 4, 5, 6, 7, 8, 9].reduce((ms, i) => ms + backoff(i, tempo, jitter), 0);
    expect(sum(0)).toBe(7400);
    expect(sum(0.5)).toBe(3700);
  });
});
