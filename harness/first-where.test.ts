import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstWhere } from './first-where.ts';

it('finds what a search from the first to the last finds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: -1, max: 21 }), (some, over) => {
      const sorted = some.sort((a, b) => a - b);
      const first = sorted.findIndex((one) => one > over);
      expect(firstWhere(sorted, (one) => one > over)).toBe(first < 0 ? sorted.length : first);
    }),
  );
});
