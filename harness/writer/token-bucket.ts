/** Tempo's ingestion rate limit: `bytesPerSecond` goes through, and what was saved up, `burstBytes` at most. */
export class TokenBucket {
  #tokens: number;
  #at = 0;

  /** Full at 0 ms. */
  constructor(
    private readonly bytesPerSecond: number,
    private readonly burstBytes: number,
  ) {
    this.#tokens = burstBytes;
  }

  /** How many of `bytes` may pass at `at` ms; they are taken out. `at` never goes back. */
  take(bytes: number, at: number): number {
    this.#tokens = Math.min(this.burstBytes, this.#tokens + ((at - this.#at) / 1000) * this.bytesPerSecond);
    this.#at = at;
    const passing = Math.min(bytes, Math.floor(this.#tokens));
    this.#tokens -= passing;
    return passing;
  }
}
