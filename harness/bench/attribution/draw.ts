/** Parameters of a planted cause, drawn by a seed within ranges: the same seed and key give the same ones. */
import { type Key, Random } from '../../random.ts';

export class Draw {
  readonly #random: Random;
  readonly #key: Key;

  constructor(seed: number, ...key: Key) {
    this.#random = new Random(seed);
    this.#key = key;
  }

  /** Evenly between the two, rounded to a tenth. */
  between(what: string, least: number, most: number): number {
    return Math.round((least + this.#random.uniform(...this.#key, what) * (most - least)) * 10) / 10;
  }

  pick<Choice>(what: string, choices: readonly [Choice, ...Choice[]]): Choice {
    return choices[Math.floor(this.#random.uniform(...this.#key, what) * choices.length)] as Choice;
  }
}
