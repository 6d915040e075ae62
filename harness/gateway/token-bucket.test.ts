import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

/** How many of the requests at these times (milliseconds, in order) get a token. */
function admitted(bucket: TokenBucket, times: Iterable<number>): number {
  let count = 0;
  for (const time of times) if (bucket.take(time)) count++;
  return count;
}

function* evenly(perSecond: number, from: number, to: number): Generator<number> {
  for (let index = 0; from + (index * 1000) / perSecond < to; index++) yield from + (index * 1000) / perSecond;
}

describe('a bucket', () => {
  it('never gives more than it can hold and what came in since', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 300 });
    const limit = fc.double({ min: 0.1, max: 1000, noNaN: true });
    const burst = fc.double({ min: 0.001, max: 3, noNaN: true });
    fc.assert(
      fc.property(gaps, limit, burst, fc.nat(299), (waits, perSecond, burstSeconds, since) => {
        const bucket = new TokenBucket({ limit: perSecond, burstSeconds }, 0);
        const capacity = Math.max(1, perSecond * burstSeconds);
        let now = 0;
        const taken: number[] = [];
        for (const wait of waits) {
          now += wait;
          if (bucket.take(now)) taken.push(now);
        }
        // Over any stretch of time, not only from the beginning.
        const from = taken[Math.min(since, taken.length - 1)] as number;
        for (const [index, at] of taken.filter((time) => time >= from).entries())
          expect(index + 1).toBeLessThanOrEqual(capacity + (perSecond * (at - from)) / 1000 + 1e-6);
      }),
    );
  });

  it.each([10, 50, 500])('at twice its limit of %i/s, gives the limit', (limit) => {
    const bucket = new TokenBucket({ limit, burstSeconds: 0.1 }, 0);
    admitted(bucket, evenly(limit * 2, 0, 1000));
    expect(Math.abs(admitted(bucket, evenly(limit * 2, 1000, 11_000)) - limit * 10)).toBeLessThanOrEqual(1);
  });

  it('is full at first, and after a pause', () => {
    const bucket = new TokenBucket({ limit: 10, burstSeconds: 2 }, 0);
    expect(admitted(bucket, Array(50).fill(0))).toBe(20);
    expect(admitted(bucket, [99.9, 100])).toBe(1);
    expect(admitted(bucket, Array(50).fill(60_000))).toBe(20);
  });

  it('holds one token at least', () => {
    const bucket = new TokenBucket({ limit: 0.5, burstSeconds: 0.1 }, 0);
    expect(admitted(bucket, [0, 1000, 1999, 2000, 3999])).toBe(2);
  });
});

describe('a limit that grows', () => {
  const growing = { limit: 100, burstSeconds: 0.01, growth: { perSecond: 0.1, most: 1.5 } };

  it('does so while requests are refused, up to its most', () => {
    const bucket = new TokenBucket(growing, 0);
    const limits: number[] = [];
    const perSecond: number[] = [];
    for (let second = 0; second < 8; second++) {
      perSecond.push(admitted(bucket, evenly(1000, second * 1000, (second + 1) * 1000)));
      limits.push(bucket.limit);
    }
    expect(limits.map((limit) => Math.round(limit))).toEqual([110, 120, 130, 140, 150, 150, 150, 150]);
    // 100 to 110 in the first second: 105; and so on.
    for (const [second, due] of [105, 115, 125, 135, 145, 150, 150, 150].entries())
      expect(Math.abs((perSecond[second] as number) - due)).toBeLessThanOrEqual(2);
  });

  it('has given what came in while it grew, however long nobody asked', () => {
    const bucket = new TokenBucket({ ...growing, burstSeconds: 10 }, 0);
    expect(admitted(bucket, Array(1001).fill(0))).toBe(1000);
    // From 100 to 110 in a second.
    expect(admitted(bucket, Array(200).fill(1000))).toBe(105);
  });

  it('stays where it is while the load is below it', () => {
    const bucket = new TokenBucket(growing, 0);
    expect(admitted(bucket, evenly(90, 0, 5000))).toBe(450);
    expect(bucket.limit).toBe(100);
  });

  it('grows for one second after the last refusal', () => {
    const bucket = new TokenBucket(growing, 0);
    expect(admitted(bucket, [0, 0])).toBe(1);
    bucket.take(30_000);
    expect(bucket.limit).toBeCloseTo(110);
  });
});
