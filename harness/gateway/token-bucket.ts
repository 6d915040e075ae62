/**
 * A token bucket: so many requests per second, and so many at once after a pause. Tokens come in continuously, not in steps.
 *
 * Its limit may grow, as S3's does for a prefix under sustained load: while requests are being refused (the last refusal is less than
 * a second ago), the limit rises at a steady rate, up to a multiple of its first value. What came in meanwhile is the integral.
 */

/** Milliseconds: a prefix is at its limit for so long after a refusal. */
const AT_LIMIT_MS = 1000;

export interface BucketOptions {
  /** Per second. */
  limit: number;
  /** Of the limit, in seconds: the tokens that it can hold. One at least. */
  burstSeconds: number;
  growth?: { perSecond: number; most: number } | undefined;
}

export class TokenBucket {
  readonly #options: BucketOptions;
  #limit: number;
  #tokens: number;
  #at: number;
  #grows = Number.NEGATIVE_INFINITY;

  /** Full, at `now` (milliseconds). */
  constructor(options: BucketOptions, now: number) {
    this.#options = options;
    this.#limit = options.limit;
    this.#at = now;
    this.#tokens = this.#capacity;
  }

  /** Per second, at the moment of the last request. */
  get limit(): number {
    return this.#limit;
  }

  /** Takes a token, if there is one. `now` is in milliseconds, and does not go back. */
  take(now: number): boolean {
    this.#refill(now);
    // What is added up of small numbers may come out a little less than a whole.
    if (this.#tokens < 1 - 1e-9) {
      this.#grows = now + AT_LIMIT_MS;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  get #capacity(): number {
    return Math.max(1, this.#limit * this.#options.burstSeconds);
  }

  #refill(now: number): void {
    const { limit, growth } = this.#options;
    if (growth) {
      const most = limit * growth.most;
      const slope = limit * growth.perSecond;
      const growing = Math.max(0, Math.min(now, this.#grows) - this.#at);
      // It stops growing at its most, which may be on the way.
      const seconds = slope > 0 ? Math.min(growing / 1000, (most - this.#limit) / slope) : 0;
      const before = this.#limit;
      this.#limit += slope * seconds;
      this.#tokens += ((before + this.#limit) / 2) * seconds;
      this.#at += seconds * 1000;
    }
    this.#tokens = Math.min(this.#capacity, this.#tokens + (this.#limit * Math.max(0, now - this.#at)) / 1000);
    this.#at = now;
  }
}
