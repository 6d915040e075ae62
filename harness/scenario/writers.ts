/** The writers of one scenario, running in one subject process, and what they have told so far. */
import type { Clock } from '../clock.ts';
import type { FromSubject } from '../subject/protocol.ts';
import type { RunningWriter } from '../subject/subject-pool.ts';

export interface Told {
  cut: number;
  flushed: number;
  dropped: number;
  /** Writers that have cut all their blocks, and have none waiting for a flush. */
  done: number;
  /** Writers that have a block in S3. */
  withFlushed: number;
  /** When the last block was cut, on the harness's clock. */
  lastCut: number;
}

export class Writers {
  readonly told: Told = { cut: 0, flushed: 0, dropped: 0, done: 0, withFlushed: 0, lastCut: 0 };
  /** Every block that was cut. */
  readonly blocks: string[] = [];
  /** Resolves when a writer cannot go on, or its process has ended. */
  readonly died: Promise<string>;
  #wake: () => void = () => {};
  #stopped: Promise<unknown> | undefined;

  constructor(
    private readonly writers: readonly RunningWriter[],
    private readonly clock: Clock,
  ) {
    const withFlushed = new Set<string>();
    this.died = new Promise((resolve) => {
      for (const writer of writers) {
        writer.ended.then(resolve);
        writer.on((message) => {
          if (message.type === 'failed') resolve(`${message.writer}: ${message.message}`);
          if (message.type === 'cut') this.blocks.push(message.block);
          if (message.type === 'flushed') withFlushed.add(message.writer);
          this.told.withFlushed = withFlushed.size;
          this.#count(message);
          this.#wake();
        });
      }
    });
  }

  #count({ type }: FromSubject): void {
    if (type === 'cut') this.told.lastCut = this.clock.now();
    if (type === 'cut' || type === 'flushed' || type === 'dropped' || type === 'done') this.told[type]++;
  }

  /** Waits until what was told is enough; false when `deadline()` has passed, or the signal came, before that. */
  async until(
    enough: (told: Told) => boolean,
    deadline: (told: Told) => number,
    signal: AbortSignal,
  ): Promise<boolean> {
    while (!enough(this.told)) {
      const left = deadline(this.told) - this.clock.now();
      if (left <= 0 || signal.aborted) return false;
      const woken = new AbortController();
      const wake = () => woken.abort();
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      await this.clock.sleep(left, woken.signal).catch(() => {});
      signal.removeEventListener('abort', wake);
    }
    return true;
  }

  /** Stops them all; their parts of the history are whole then. */
  stop(): Promise<unknown> {
    this.#stopped ??= Promise.all(this.writers.map((writer) => writer.stop()));
    return this.#stopped;
  }
}
