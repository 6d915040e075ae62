import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('lets the burst through at once, then the rate, and saves up no more than a burst', () => {
  const bucket = new TokenBucket(100, 250);
  expect(bucket.take(200, 0)).toBe(200);
  expect(bucket.take(200, 0)).toBe(50);
  expect(bucket.take(200, 0)).toBe(0);
  expect(bucket.take(200, 500)).toBe(50);
  expect(bucket.take(200, 1000)).toBe(50);
  expect(bucket.take(30, 2000)).toBe(30);
  expect(bucket.take(1000, 60_000)).toBe(250);
});
