import { expect, test } from 'vitest';
import { configTime, sayDuration, sayMoment } from './config-time.ts';

test('undoes the compression', () => {
  expect(configTime(1_500, { time: 20 })).toBe(30_000);
});

test.each([
  [0, '0s'],
  [739.2, '740ms'],
  [12_340, '12.4s'],
  [59_999, '1m'],
  [180_001, '3m1s'],
  [250_000, '4m10s'],
])('says %d ms rounded up as %s', (ms, text) => {
  expect(sayDuration(ms)).toBe(text);
});

test('says a moment in minutes and seconds', () => {
  expect([0, 65_900, 3_600_000, -5].map(sayMoment)).toEqual(['0:00', '1:05', '60:00', '0:00']);
});
