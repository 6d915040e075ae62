/** The writers of one scenario, and what they have told so far: through all processes that they run in. */
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

/** A block may be told of twice: by the process that cut it, and by the one that found it again. */
export class Writers {
  /** Resolves when a writer cannot go on, or its process has ended. */
  readonly died: Promise<string>;
  readonly #cut = new Set<string>();
  readonly #flushed = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #done = new Set<string>();
  readonly #withFlushed = new Set<string>();
  #lastCut = 0;
  #wake: () => void = () => {};
  #stopped: Promise<unknown> | undefined;

  constructor(
    private readonly writers: readonly RunningWriter[],
    private readonly clock: Clock,
  ) {
    this.died = new Promise((resolve) => {
      for (const writer of writers) {
        writer.ended.then(resolve);
        writer.on((message) => {
          if (message.type === 'failed') resolve(`${message.writer}: ${message.message}`);
          this.#count(message);
          this.#wake();
        });
      }
    });
  }

  /** So far. */
  get told(): Told {
    return {
      cut: this.#cut.size,
      flushed: this.#flushed.size,
      dropped: this.#dropped.size,
      done: this.#done.size,
      withFlushed: this.#withFlushed.size,
      lastCut: this.#lastCut,
    };
  }

  /** Every block that was cut. */
  get blocks(): readonly string[] {
    return [...this.#cut];
  }

  /** Nothing more will become of the block: it is in S3, or was given up. */
  isSettled(block: string): boolean {
    return this.#flushed.has(block) || this.#dropped.has(block);
  }

  #count(message: FromSubject): void {
    switch (message.type) {
      case 'started':
        // Its process was started again: what it is to do is not done before it says so anew.
        this.#done.delete(message.writer);
        for (const block of message.blocks) this.#cut.add(block);
        break;
      case 'cut':
        this.#cut.add(message.block);
        this.#lastCut = this.clock.now();
        break;
      case 'flushed':
        this.#flushed.add(message.block);
        this.#withFlushed.add(message.writer);
        break;
      case 'dropped':
        this.#dropped.add(message.block);
        break;
      case 'done':
        this.#done.add(message.writer);
        break;
    }
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
