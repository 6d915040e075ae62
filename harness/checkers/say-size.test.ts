import { expect, test } from 'vitest';
import { saySize } from './say-size.ts';

test('three digits, in the unit that has them', () => {
  const said = [0, 1, 999, 1_000, 1_234, 999_499, 999_500, 540_000_000, 710_283_776, 1.2449e9, 5e15].map(saySize);
  expect(said).toEqual(['0B', '1B', '999B', '1kB', '1.23kB', '999kB', '1MB', '540MB', '710MB', '1.24GB', '5000TB']);
});
