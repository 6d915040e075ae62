import { expect, it } from 'vitest';
import { noneDrawn } from './chance.ts';

it('says how likely it was that none was drawn, and what would help', () => {
  expect(noneDrawn(0.3, 12, 'request')).toBe(
    ': 12 requests were judged and none was drawn, for which the chance was 1.4 % (probability 0.3); a longer `for`, a higher probability, more blocks or another seed would help',
  );
  expect(noneDrawn(0.5, 1, 'query')).toContain(
    ': 1 query was judged and none was drawn, for which the chance was 50 %',
  );
  expect(noneDrawn(0.1, 2, 'query')).toContain(': 2 queries were judged');
});

it('does not call chance what is none', () => {
  expect(noneDrawn(0.5, 12, 'request')).toBe(
    ': 12 requests were judged and none was drawn, which at a probability of 0.5 is hardly chance (0.024 %)',
  );
  expect(noneDrawn(0.9, 30, 'request')).toContain('hardly chance (less than 0.01 %)');
});

it('says nothing where nothing was drawn for', () => {
  expect([noneDrawn(1, 12, 'request'), noneDrawn(0.3, 0, 'request')]).toEqual(['', '']);
});
