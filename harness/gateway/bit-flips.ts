/** Flips bits of a body that streams past, at places that were drawn before it came. */
import type { Draw } from './request-match.ts';

/**
 * Places of bits in a body, in order, all different: as many as were asked for, or as there are. `draw` is keyed by what it is for,
 * so that the same request has the same places.
 */
export function drawPlaces(bits: number, bodyBytes: number, draw: Draw): number[] {
  const all = bodyBytes * 8;
  const places = new Set<number>();
  for (let turn = 0; places.size < Math.min(bits, all); turn++) places.add(Math.floor(draw('bit', turn) * all));
  return [...places].sort((a, b) => a - b);
}

export class BitFlips {
  #places: number[];
  /** Bytes that have passed. */
  #passed = 0;

  constructor(places: number[]) {
    this.#places = places;
  }

  /** Flips, in place, the bits of this next piece of the body that are due. Gives their number. */
  flip(piece: Buffer): number {
    const end = (this.#passed + piece.length) * 8;
    let flipped = 0;
    for (let place = this.#places[0]; place !== undefined && place < end; place = this.#places[0]) {
      const at = Math.floor(place / 8) - this.#passed;
      piece[at] = (piece[at] as number) ^ (1 << (place % 8));
      this.#places.shift();
      flipped++;
    }
    this.#passed += piece.length;
    return flipped;
  }
}
