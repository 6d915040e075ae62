/**
 * Time as a parameter. Code that waits, or asks what time it is, takes a `Clock`; nothing else in the harness touches
 * Node's timers. What runs on `realClock` against MinIO runs unchanged on a `VirtualClock`, hours in milliseconds.
 */

/** Cancels what `Clock.after` has planned. Safe to call at any time, and more than once. */
export type Cancel = () => void;

export interface Clock {
  /**
   * Milliseconds, with fractions, on the monotonic clock. On `realClock` this is `process.hrtime`, which all processes
   * of one machine share, so that events of different processes can be put in order.
   */
  now(): number;
  /** The wall clock, for what people and Tempo read (`startTime` in a meta.json). Never for measuring. */
  date(): Date;
  /** Calls `then` once, `ms` milliseconds from now. */
  after(ms: number, then: () => void): Cancel;
  /** Resolves `ms` milliseconds from now; rejects with the signal's reason as soon as `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

interface Plan {
  at: number;
  order: number;
  then: () => void;
}

/** Node refuses timers longer than this and would fire them at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function sleepOn(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The clock of the machine. */
export const realClock: Clock = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
  date: () => new Date(),
  after(ms, then) {
    const timer = setTimeout(then, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  sleep(ms, signal) {
    return sleepOn(this, ms, signal);
  },
};

/**
 * A clock that stands still until `run` moves it from one planned moment to the next.
 *
 * 1. Let every promise that can settle now settle.
 * 2. If the awaited promise has settled, stop.
 * 3. Else go to the earliest planned moment (those planned first go first), and call what was planned for it.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #planned: Plan[] = [];
  readonly #epoch: number;

  /** `epoch` is what `date()` says at 0 ms. */
  constructor(epoch = new Date('2026-01-01T00:00:00Z')) {
    this.#now = 0;
    this.#epoch = epoch.getTime();
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#epoch + this.#now);
  }

  after(ms: number, then: () => void): Cancel {
    const plan = { at: this.#now + Math.max(0, ms), order: this.#order++, then };
    this.#planned.push(plan);
    return () => {
      const index = this.#planned.indexOf(plan);
      if (index >= 0) this.#planned.splice(index, 1);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /**
   * Runs until `promise` settles, and gives its result.
   * @throws Error when nothing is planned any more and the promise still waits: it would wait for ever.
   */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => {});
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return watched;
      if (!this.#step(Number.POSITIVE_INFINITY)) {
        throw new Error(
          `virtual clock: at ${this.#now} ms nothing is planned, and the awaited promise is still pending`,
        );
      }
    }
  }

  /** Moves the clock on by `ms`, calling on the way everything planned for before then. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    do {
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#step(end));
    this.#now = end;
  }

  #step(limit: number): boolean {
    let next: Plan | undefined;
    for (const plan of this.#planned) {
      if (!next || plan.at < next.at || (plan.at === next.at && plan.order < next.order)) next = plan;
    }
    if (!next || next.at > limit) return false;
    this.#planned.splice(this.#planned.indexOf(next), 1);
    this.#now = next.at;
    next.then();
    return true;
  }
}
