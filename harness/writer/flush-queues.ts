/**
 * The queues that blocks wait in for their flush, as those of Tempo's ingester.
 *
 * 1. A block waits a random time first, so that writers that cut at the same moment do not flush at the same moment.
 * 2. It is then dealt to the next queue in turn. Each queue has one worker: a flush that hangs blocks its queue, and no other.
 * 3. A deadline covers the whole flush. When it ends, the flush's signal is aborted with `DeadlineExceeded`.
 * 4. After a failure the block waits in no queue, and then is dealt again: to the next queue in turn, whichever it was in
 *    before. Its flush starts from the beginning.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { DeadlineExceeded } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import type { FlushSettings } from '../tempo/settings.ts';

export interface Flush {
  readonly block: string;
  /** One attempt, from the beginning. Rejects, in short order, once `signal` is aborted. */
  attempt(signal: AbortSignal): Promise<void>;
}

/** How a block leaves the queues. `dropped`: the retries allowed are used up. `stopped`: the queues were. */
export type FlushResult = 'flushed' | 'dropped' | 'stopped';

/** The reason that a flush is aborted with when the writer is told to stop. */
export class WriterStopped extends Error {
  override readonly name = 'WriterStopped';
  constructor() {
    super('the writer was stopped');
  }
}

interface Queued {
  flush: Flush;
  attempt: number;
  leave: (result: FlushResult) => void;
}

export class FlushQueues {
  readonly #writer: string;
  readonly #settings: FlushSettings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #record: Recorder;
  /** For each queue, the end of the last flush that was put into it: what is put next begins then. */
  readonly #workers: Promise<void>[];
  readonly #inside = new Set<Queued>();
  readonly #waits = new Set<Cancel>();
  readonly #running = new Set<AbortController>();
  #next = 0;
  #stopped = false;

  constructor(writer: string, settings: FlushSettings, clock: Clock, random: Random, record: Recorder) {
    if (!Number.isInteger(settings.concurrentFlushes) || settings.concurrentFlushes < 1) {
      throw new Error(`flush queues: concurrent_flushes is ${settings.concurrentFlushes}: it must be 1 or more`);
    }
    this.#writer = writer;
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#record = record;
    this.#workers = Array.from({ length: settings.concurrentFlushes }, () => Promise.resolve());
  }

  /**
   * Queues a block's first flush, and resolves when the block has left the queues for good. `jitter`: milliseconds to wait before it;
   * absent: drawn.
   */
  flush(
    flush: Flush,
    jitter = this.#random.uniform('first-flush', this.#writer, flush.block) * this.#settings.firstFlushJitter,
  ): Promise<FlushResult> {
    return new Promise((leave) => {
      if (this.#stopped) return leave('stopped');
      const queued: Queued = {
        flush,
        attempt: 0,
        leave: (result) => {
          this.#inside.delete(queued);
          leave(result);
        },
      };
      this.#inside.add(queued);
      this.#dealIn(jitter, queued);
    });
  }

  /** Aborts the flushes under way, and lets none begin. Resolves once none is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
    for (const controller of this.#running) controller.abort(new WriterStopped());
    await Promise.all(this.#workers);
    for (const queued of this.#inside) queued.leave('stopped');
  }

  #dealIn(ms: number, queued: Queued): void {
    const cancel = this.#clock.after(ms, () => {
      this.#waits.delete(cancel);
      const queue = this.#next++ % this.#workers.length;
      this.#workers[queue] = (this.#workers[queue] as Promise<void>).then(() => this.#attempt(queued, queue));
    });
    this.#waits.add(cancel);
  }

  async #attempt(queued: Queued, queue: number): Promise<void> {
    if (this.#stopped) return;
    const { flushOpTimeout } = this.#settings;
    const attempt = ++queued.attempt;
    const about = { writer: this.#writer, block: queued.flush.block, attempt };
    const controller = new AbortController();
    const cancelDeadline = this.#clock.after(flushOpTimeout, () =>
      controller.abort(new DeadlineExceeded(flushOpTimeout)),
    );
    this.#running.add(controller);
    this.#record({ t: this.#clock.now(), type: 'flush.start', ...about, queue });
    let failure: { error: unknown } | undefined;
    try {
      await queued.flush.attempt(controller.signal);
    } catch (error) {
      failure = { error };
    } finally {
      cancelDeadline();
      this.#running.delete(controller);
    }

    const t = this.#clock.now();
    if (!failure) {
      this.#record({ t, type: 'flush.end', ...about, outcome: 'ok', deadlineExceeded: false });
      return queued.leave('flushed');
    }
    const error = failure.error instanceof Error ? failure.error.message : String(failure.error);
    const retryIn = this.#retryIn(attempt);
    this.#record({
      t,
      type: 'flush.end',
      ...about,
      outcome: 'fail',
      deadlineExceeded: controller.signal.reason instanceof DeadlineExceeded,
      // Tempo's words for a copy that failed.
      error: `error copying block from local to remote backend: ${error}`,
      ...(retryIn === undefined ? {} : { retryIn }),
    });
    if (retryIn !== undefined) return this.#dealIn(retryIn, queued);
    // What a stop ended is neither retried nor given up: the block stays on the disk.
    if (this.#stopped) return;
    this.#record({
      t,
      type: 'block.dropped',
      writer: this.#writer,
      block: queued.flush.block,
      reason: `its flush failed ${attempt} times, and flushRetries is ${this.#settings.flushRetries}: ${error}`,
    });
    queued.leave('dropped');
  }

  /** Milliseconds until the attempt after `attempt`, or `undefined` when there is to be none. */
  #retryIn(attempt: number): number | undefined {
    const { flushRetries, flushRetryDelays } = this.#settings;
    if (this.#stopped) return undefined;
    if (flushRetries !== 'unlimited' && attempt > flushRetries) return undefined;
    return flushRetryDelays[attempt - 1] ?? flushRetryDelays.at(-1) ?? 0;
  }
}
