/**
 * Queues with one worker each, as those of Tempo's ingester.
 *
 * 1. An operation waits, in no queue, and is then dealt to the next queue in turn, whichever it was in before.
 * 2. Each queue carries out what was dealt to it, one after another: an operation that hangs blocks its queue, and no other.
 * 3. Once stopped, what is under way ends, and nothing begins.
 */
import type { Cancel, Clock } from '../clock.ts';

type Operation = (queue: number, dealt: number) => Promise<void>;

export class OperationQueues {
  readonly #clock: Clock;
  /** For each queue, the end of the last operation that was dealt to it: what is dealt next begins then. */
  readonly #workers: Promise<void>[];
  readonly #waits = new Set<Cancel>();
  #next = 0;
  #stopped = false;

  /** `setting`: the name of what `count` comes from, for the error. @throws Error when there would be no queue. */
  constructor(setting: string, count: number, clock: Clock) {
    if (!Number.isInteger(count) || count < 1)
      throw new Error(`flush queues: ${setting} is ${count}: it must be 1 or more`);
    this.#clock = clock;
    this.#workers = Array.from({ length: count }, () => Promise.resolve());
  }

  /** Deals an operation in `ms` milliseconds; at once, when that is 0. It is told its queue, and when it was dealt; it never rejects. */
  deal(ms: number, operation: Operation): void {
    if (ms <= 0) {
      this.#dealNow(operation);
      return;
    }
    const cancel = this.#clock.after(ms, () => {
      this.#waits.delete(cancel);
      this.#dealNow(operation);
    });
    this.#waits.add(cancel);
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
    await Promise.all(this.#workers);
  }

  #dealNow(operation: Operation): void {
    const queue = this.#next++ % this.#workers.length;
    const dealt = this.#clock.now();
    this.#workers[queue] = (this.#workers[queue] as Promise<void>).then(() =>
      this.#stopped ? undefined : operation(queue, dealt),
    );
  }
}
