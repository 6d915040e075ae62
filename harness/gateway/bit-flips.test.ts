import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../random.ts';
import { BitFlips, drawPlaces } from './bit-flips.ts';
import type { Draw } from './request-match.ts';

const drawOf =
  (seed: number): Draw =>
  (...what) =>
    new Random(seed).uniform(...what);

function differingBits(a: Buffer, b: Buffer): number {
  let count = 0;
  for (const [index, byte] of a.entries()) {
    for (let rest = byte ^ (b[index] as number); rest > 0; rest &= rest - 1) count++;
  }
  return count;
}

it('flips as many bits as asked for, or as there are, however the body is read', () => {
  const body = fc.uint8Array({ maxLength: 300 });
  const pieces = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 10 });
  fc.assert(
    fc.property(body, fc.integer({ min: 1, max: 20 }), fc.integer(), pieces, (bytes, bits, seed, sizes) => {
      const before = Buffer.from(bytes);
      const places = drawPlaces(bits, before.length, drawOf(seed));
      const whole = Buffer.from(before);
      const count = new BitFlips([...places]).flip(whole);
      expect(count).toBe(Math.min(bits, before.length * 8));
      expect(differingBits(before, whole)).toBe(count);

      const inPieces = Buffer.from(before);
      const flips = new BitFlips([...places]);
      let [at, flipped] = [0, 0];
      for (const size of [...sizes, before.length]) {
        flipped += flips.flip(inPieces.subarray(at, at + size));
        at += size;
      }
      expect(inPieces).toEqual(whole);
      expect(flipped).toBe(count);
    }),
  );
});

it('draws places all over the body', () => {
  const places = drawPlaces(1000, 1_000_000, drawOf(1));
  expect(new Set(places).size).toBe(1000);
  for (let tenth = 0; tenth < 10; tenth++) {
    const within = places.filter((place) => Math.floor(place / 800_000) === tenth).length;
    // 1000 draws, a tenth each: 99.99 % of the time within four standard deviations (9.5).
    expect(Math.abs(within - 100)).toBeLessThan(38);
  }
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
