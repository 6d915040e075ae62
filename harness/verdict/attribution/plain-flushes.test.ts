import { expect, test } from 'vitest';
import { PlainFlushes } from './plain-flushes.ts';

test('a flush as quick as those before it is passed over, but for one of four', () => {
  const plain = new PlainFlushes();
  for (let seen = 0; seen < 49; seen++) plain.add(5, 100);
  expect(plain.mayPass(5, 100)).toBe(false);
  plain.add(5, 100);
  expect([1, 2, 3, 4, 5].map(() => plain.mayPass(5, 110))).toEqual([true, true, true, false, true]);
});

test('one that took longer, or has another number of requests, is not', () => {
  const plain = new PlainFlushes();
  for (let seen = 0; seen < 50; seen++) plain.add(5, seen < 25 ? 100 : 1_000);
  expect(plain.mayPass(5, 180)).toBe(false);
  expect(plain.mayPass(6, 100)).toBe(false);
});
