/**
 * The queues that blocks go through, as those of Tempo's ingester: first to be completed, then to be flushed.
 *
 * 1. Both kinds of operation are dealt to the same queues, in turn (operation-queues.ts). With `completeConcurrency`, as in Tempo 3,
 *    completions have queues of their own.
 * 2. A deadline covers a whole flush. When it ends, the flush's signal is aborted with `DeadlineExceeded`. A completion has none.
 * 3. What failed waits in no queue, and then is dealt again. It starts from the beginning. Each kind counts its attempts for itself.
 * 4. A completion is given up after `completeAttempts`, a flush after `flushRetries` retries: in Tempo, never.
 */
import type { Clock } from '../clock.ts';
import { messageOf } from '../error-message.ts';
import type { Recorder } from '../history/events.ts';
import { DeadlineExceeded } from '../object-store/object-store.ts';
import type { FlushSettings } from '../tempo/settings.ts';
import { OperationQueues } from './operation-queues.ts';

export interface Completion {
  readonly block: string;
  /** There is nothing left to complete: it is not tried any more. */
  isGone(): boolean;
  /** One attempt, from the beginning. Nothing ends it before its time. */
  attempt(): Promise<void>;
}

export interface Flush {
  readonly block: string;
  /** One attempt, from the beginning. Rejects, in short order, once `signal` is aborted. */
  attempt(signal: AbortSignal): Promise<void>;
}

/** How a block leaves the queues. `gone`: without being completed. `stopped`: the queues were, before it was done. */
export type CompleteResult =
  | { outcome: 'completed' | 'gone' | 'stopped' }
  /** The attempts allowed are used up. */
  | { outcome: 'given-up'; attempts: number; error: string };

/** `dropped`: the retries allowed are used up. */
export type FlushResult = 'flushed' | 'dropped' | 'stopped';

/** The reason that a flush is aborted with when the writer is told to stop. */
export class WriterStopped extends Error {
  override readonly name = 'WriterStopped';
  constructor() {
    super('the writer was stopped');
  }
}

export class FlushQueues {
  readonly #writer: string;
  readonly #settings: FlushSettings;
  readonly #clock: Clock;
  readonly #record: Recorder;
  readonly #flushes: OperationQueues;
  readonly #completes: OperationQueues;
  /** What each block inside is to be told when the queues are stopped. */
  readonly #inside = new Set<() => void>();
  readonly #running = new Set<AbortController>();
  #stopped = false;

  /** @throws Error when there would be no queue. */
  constructor(writer: string, settings: FlushSettings, clock: Clock, record: Recorder) {
    const { concurrentFlushes, completeConcurrency } = settings;
    this.#writer = writer;
    this.#settings = settings;
    this.#clock = clock;
    this.#record = record;
    this.#flushes = new OperationQueues('concurrent_flushes', concurrentFlushes, clock);
    this.#completes =
      completeConcurrency === 0
        ? this.#flushes
        : new OperationQueues('complete_block_concurrency', completeConcurrency, clock);
  }

  /** Queues a block's first completion in `delay` ms, and resolves when the block has left the queues. */
  complete(completion: Completion, delay: number): Promise<CompleteResult> {
    return this.#enter<CompleteResult>({ outcome: 'stopped' }, (leave) => {
      let attempt = 0;
      const dealIn = (ms: number): void =>
        this.#completes.deal(ms, async (queue, dealt) => {
          if (completion.isGone()) return leave({ outcome: 'gone' });
          const about = { writer: this.#writer, block: completion.block, attempt: ++attempt, queue };
          const start = this.#clock.now();
          this.#record({ t: start, type: 'complete.start', ...about, dealt });
          try {
            await completion.attempt();
            this.#record({ t: this.#clock.now(), type: 'complete', ...about, start, outcome: 'ok' });
            leave({ outcome: 'completed' });
          } catch (failure) {
            const t = this.#clock.now();
            const error = messageOf(failure);
            const again = attempt < this.#settings.completeAttempts && !completion.isGone();
            const retryIn = delayAfter(attempt, this.#settings.completeRetryDelays);
            this.#record({
              t,
              type: 'complete',
              ...about,
              start,
              outcome: 'fail',
              error,
              ...(again && !this.#stopped && { retryIn }),
            });
            // What is left when the queues stop stays on the disk, also when it would not be tried again.
            if (this.#stopped) return;
            if (again) dealIn(retryIn);
            else if (completion.isGone()) leave({ outcome: 'gone' });
            else leave({ outcome: 'given-up', attempts: attempt, error });
          }
        });
      dealIn(delay);
    });
  }

  /** Queues a block's first flush in `delay` ms, and resolves when the block has left the queues for good. */
  flush(flush: Flush, delay: number): Promise<FlushResult> {
    return this.#enter<FlushResult>('stopped', (leave) => {
      let attempt = 0;
      const dealIn = (ms: number): void =>
        this.#flushes.deal(ms, async (queue) => {
          const about = { writer: this.#writer, block: flush.block, attempt: ++attempt };
          this.#record({ t: this.#clock.now(), type: 'flush.start', ...about, queue });
          const { failure, deadlineExceeded } = await this.#withinDeadline(flush);
          const t = this.#clock.now();
          if (failure === undefined) {
            this.#record({ t, type: 'flush.end', ...about, outcome: 'ok', deadlineExceeded: false });
            return leave('flushed');
          }
          const retryIn = this.#flushRetryIn(attempt);
          this.#record({
            t,
            type: 'flush.end',
            ...about,
            outcome: 'fail',
            deadlineExceeded,
            // Tempo's words for a copy that failed.
            error: `error copying block from local to remote backend: ${failure}`,
            ...(retryIn !== undefined && { retryIn }),
          });
          if (retryIn !== undefined) return dealIn(retryIn);
          // What a stop ended is neither retried nor given up: the block stays on the disk.
          if (this.#stopped) return;
          const { flushRetries } = this.#settings;
          const reason = `its flush failed ${attempt} times, and flushRetries is ${flushRetries}: ${failure}`;
          this.#record({ t, type: 'block.dropped', writer: this.#writer, block: flush.block, reason });
          leave('dropped');
        });
      dealIn(delay);
    });
  }

  /** Aborts the flushes under way, and lets nothing begin. Resolves once nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const controller of this.#running) controller.abort(new WriterStopped());
    await Promise.all([this.#flushes.stop(), this.#completes.stop()]);
    for (const stopped of this.#inside) stopped();
  }

  #enter<Result>(stopped: Result, begin: (leave: (result: Result) => void) => void): Promise<Result> {
    return new Promise((resolve) => {
      if (this.#stopped) return resolve(stopped);
      const isStopped = () => resolve(stopped);
      this.#inside.add(isStopped);
      begin((result) => {
        this.#inside.delete(isStopped);
        resolve(result);
      });
    });
  }

  async #withinDeadline(flush: Flush): Promise<{ failure?: string; deadlineExceeded: boolean }> {
    const { flushOpTimeout } = this.#settings;
    const controller = new AbortController();
    const cancel =
      flushOpTimeout === 0
        ? () => {}
        : this.#clock.after(flushOpTimeout, () => controller.abort(new DeadlineExceeded(flushOpTimeout)));
    this.#running.add(controller);
    try {
      await flush.attempt(controller.signal);
      return { deadlineExceeded: false };
    } catch (error) {
      return { failure: messageOf(error), deadlineExceeded: controller.signal.reason instanceof DeadlineExceeded };
    } finally {
      cancel();
      this.#running.delete(controller);
    }
  }

  /** Milliseconds until the flush after `attempt`, or `undefined` when there is to be none. */
  #flushRetryIn(attempt: number): number | undefined {
    const { flushRetries, flushRetryDelays } = this.#settings;
    if (this.#stopped) return undefined;
    if (flushRetries !== 'unlimited' && attempt > flushRetries) return undefined;
    return delayAfter(attempt, flushRetryDelays);
  }
}

/** The last one goes on. */
function delayAfter(attempt: number, delays: readonly number[]): number {
  return delays[attempt - 1] ?? delays.at(-1) ?? 0;
}
