/** Milliseconds that are told apart by a share of themselves, some 9 %, up to hours. */
const SMALLEST_MS = 0.01;
const STEPS_A_DOUBLING = 8;
const STEPS = 1 + STEPS_A_DOUBLING * 32;
/** A quantile is found again when there are so many times more than when it was found last. */
const NEWS = 1.02;

/** How often each duration was seen. Small, however many there are. */
export class Durations {
  readonly #counts = new Uint32Array(STEPS);
  #some = 0;
  #foundAt = 0;
  #found = 0;

  add(ms: number): void {
    const step = ms < SMALLEST_MS ? 0 : 1 + Math.floor(STEPS_A_DOUBLING * Math.log2(ms / SMALLEST_MS));
    (this.#counts[Math.min(step, STEPS - 1)] as number)++;
    this.#some++;
  }

  /** Of `count` of which the others took no time. Always asked for the same share. */
  quantile(share: number, count: number): number {
    if (count < this.#foundAt * NEWS && this.#foundAt > 0) return this.#found;
    this.#foundAt = count;
    this.#found = this.#find(share, count);
    return this.#found;
  }

  #find(share: number, count: number): number {
    let left = Math.ceil(count * share) - (count - this.#some);
    if (left <= 0) return 0;
    for (let step = 0; step < STEPS; step++) {
      left -= this.#counts[step] as number;
      if (left <= 0) return step === 0 ? 0 : SMALLEST_MS * 2 ** (step / STEPS_A_DOUBLING);
    }
    return 0;
  }
}
