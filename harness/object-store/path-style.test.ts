import { expect, it } from 'vitest';
import { usesPathStyle } from './path-style.ts';

it.each([
  [false, 0, true],
  [false, 1, false],
  [false, 2, true],
  [true, 0, true],
  // As in Tempo, forcepathstyle wins.
  [true, 1, true],
] as const)('forcepathstyle %s, bucket_lookup_type %i: path-style %s', (forcePathStyle, bucketLookupType, expected) => {
  expect(usesPathStyle({ forcePathStyle, bucketLookupType })).toBe(expected);
});
