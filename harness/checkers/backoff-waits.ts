/**
 * Whether a client waits between the attempts of a request as minio-go does: exponential, capped, with full jitter (see
 * object-store/backoff.ts). After the nth attempt the limit is `min(cap, unit * 2^(n - 1))`, and any share of it is as likely as any
 * other: so the shares of all waits are one sample, drawn uniformly from 0 to 1.
 *
 * 1. A wait is what the client announced (`retryIn`), or what lay between the two attempts where that is less. A busy machine makes
 *    waits longer, and counts for nothing here.
 * 2. The distance of the sample from the uniform distribution is Kolmogorov's D. By the inequality of Dvoretzky, Kiefer and Wolfowitz,
 *    with Massart's constant (Annals of Probability 18, 1990), `P(D > d) <= 2 exp(-2 n d^2)`, for every n and not in the limit alone.
 * 3. It is not uniform when D is further than chance allows once in a billion runs. Waits that are always the whole limit, or nothing, have
 *    a D of 1, and are found out from 11 waits on.
 */
import type { AttemptEvent, ScenarioEvent } from '../history/events.ts';
import { numberAt, valueAt } from './recorded-settings.ts';

/** The chance of calling a client that waits as it should one that does not. */
const FALSE_ALARM = 1e-9;
/** A timer rounds to milliseconds, and may be that much early. */
const TIMER_MS = 1;
/** The shares are counted in so many classes: D is found to within one of them, and never too large. */
const CLASSES = 1000;

export interface Waits {
  count: number;
  /** Of the shares: 0 to 1. */
  median: number;
  distance: number;
  /** What the distance is at the most, by chance. Over 1: there are too few waits to tell. */
  allowed: number;
}

interface Limits {
  unit: number;
  cap: number;
  asksRegion: boolean;
}

export class BackoffWaits {
  #limits: Limits | undefined;
  /** Of each request that is to be tried again: the end of its last attempt, and what it announced. */
  readonly #waiting = new Map<string, { t: number; retryIn: number; limit: number }>();
  readonly #classes = new Uint32Array(CLASSES + 1);
  #count = 0;

  begin({ settings }: Pick<ScenarioEvent, 'settings'>): void {
    this.#limits = limitsOf(settings);
  }

  see({ t, start, request, attempt, retryIn }: AttemptEvent): void {
    if (!this.#limits) return;
    const before = this.#waiting.get(request);
    if (before) {
      this.#waiting.delete(request);
      this.#add(Math.min(before.retryIn, start - before.t + TIMER_MS), before.limit);
    }
    if (retryIn === undefined) return;
    const { unit, cap } = this.#limits;
    this.#waiting.set(request, { t, retryIn, limit: Math.min(cap, unit * 2 ** (attempt - 1)) });
  }

  /** `undefined`: the history has no policy with limits, or no wait. */
  waits(): Waits | undefined {
    // What is still waited for was announced, and ended by a deadline, a kill, or the end of the run.
    for (const { retryIn, limit } of this.#waiting.values()) this.#add(retryIn, limit);
    this.#waiting.clear();
    const count = this.#count;
    if (count === 0) return undefined;
    let below = 0;
    let distance = 0;
    let median = 1;
    for (const [index, inClass] of this.#classes.entries()) {
      const from = index / CLASSES;
      distance = Math.max(distance, Math.abs(below / count - from));
      if (below * 2 < count && (below + inClass) * 2 >= count) median = from;
      below += inClass;
      // A sample that ends at the limit is not past it.
      if (index < CLASSES) distance = Math.max(distance, below / count - (index + 1) / CLASSES);
    }
    return { count, median, distance, allowed: Math.sqrt(Math.log(2 / FALSE_ALARM) / (2 * count)) };
  }

  #add(wait: number, limit: number): void {
    const share = wait / limit;
    // A client that asks for the bucket's region counts these attempts and those, and waits by both.
    if (!(share >= 0) || (share > 1 && this.#limits?.asksRegion)) return;
    const place = Math.floor(Math.min(1, share) * CLASSES);
    this.#classes[place] = (this.#classes[place] ?? 0) + 1;
    this.#count++;
  }
}

function limitsOf(settings: unknown): Limits | undefined {
  // An SDK waits by rules of its own.
  if (valueAt(settings, 'client') !== 'tempo') return undefined;
  const unit = numberAt(settings, 'policy', 'backoffUnit') ?? 0;
  const cap = numberAt(settings, 'policy', 'backoffCap') ?? 0;
  if (unit <= 0 || cap <= 0) return undefined;
  return { unit, cap, asksRegion: !valueAt(settings, 's3', 'region') };
}
