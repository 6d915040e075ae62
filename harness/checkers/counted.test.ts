import { expect, test } from 'vitest';
import { counted, listed, percent } from './counted.ts';

test('counts in the singular and in the plural', () => {
  expect([counted(1, 'block'), counted(0, 'block'), counted(2, 'flush'), counted(3, 'more block')]).toEqual([
    '1 block',
    '0 blocks',
    '2 flushes',
    '3 more blocks',
  ]);
});

test('lists a few, and says how many more there are', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b, c');
  expect(listed(['a', 'b', 'c', 'd'])).toBe('a, b, c and 1 more');
});

test('a share that is there never reads as none', () => {
  expect([percent(0), percent(0.001), percent(0.424), percent(1)]).toEqual(['0 %', '<1 %', '42 %', '100 %']);
});

test('counts what ends in a y after a consonant', () => {
  expect([counted(1, 'query'), counted(2, 'query'), counted(3, 'body'), counted(2, 'day')]).toEqual([
    '1 query',
    '2 queries',
    '3 bodies',
    '2 days',
  ]);
});
