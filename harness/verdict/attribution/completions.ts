/**
 * What completing blocks (WAL to local block) took before they could be flushed, and what of that was lost. It is the machine's: a
 * completion reads and writes the local disk, and sends nothing.
 *
 * 1. An attempt counts from its begin. How long it waited for a queue before is no doing of the disk.
 * 2. Completions of one writer that are under way at a time share its disk, and how many they are is a setting of the client. So each is
 *    measured by what it would have taken alone.
 * 3. What is usual is told as of the pieces of requests (usual.ts), and what goes far beyond is lost. An attempt that failed is lost whole,
 *    with the wait that follows it.
 */
import type { BlockCutEvent, CompleteEvent } from '../../history/events.ts';
import { Usual } from './usual.ts';

/** So many times the usual, and so many milliseconds more: of a completion a busy machine makes more than of a request. */
const noise = { times: 4, ms: 20 };
/** Of one writer, that one which ends now may have been beside. */
const REMEMBERED = 64;

const kind = 'completion';

/** One attempt. */
export class Completion {
  readonly #event: CompleteEvent;
  readonly #usual: Usual;
  /** Milliseconds of other completions of the writer within its time. */
  #beside = 0;
  bytes = 0;

  constructor(event: CompleteEvent, usual: Usual) {
    this.#event = event;
    this.#usual = usual;
  }

  get from(): number {
    return this.#event.start;
  }

  get until(): number {
    return this.#event.t;
  }

  get failed(): boolean {
    return this.#event.outcome === 'fail';
  }

  /** Milliseconds, with the wait after it. */
  get ms(): number {
    return this.#took + (this.#event.retryIn ?? 0);
  }

  /** Milliseconds that it would have taken by itself. */
  get alone(): number {
    return this.#took === 0 ? 0 : this.#took / (1 + this.#beside / this.#took);
  }

  /** Of `ms`, by what is usual so far. */
  get lost(): number {
    if (this.failed) return this.ms;
    const usual = this.#usual.of(kind, 'completing', this.bytes);
    return this.alone > usual * noise.times + noise.ms ? this.#took * (1 - usual / this.alone) : 0;
  }

  /** The two know of each other. */
  meet(other: Completion): void {
    const ms = Math.min(this.until, other.until) - Math.max(this.from, other.from);
    if (ms <= 0) return;
    this.#beside += ms;
    other.#beside += ms;
  }

  get #took(): number {
    return this.until - this.from;
  }
}

export class Completions {
  readonly #usual = new Usual();
  /** Of blocks that are not flushed yet, the attempts in the order of time. */
  readonly #ofBlocks = new Map<string, { attempts: Completion[]; steady: boolean }>();
  /** The last ones of each writer. */
  readonly #recent = new Map<string, Completion[]>();

  see(event: CompleteEvent, steady: boolean): Completion {
    const { writer, block } = event;
    const completion = new Completion(event, this.#usual);
    const recent = this.#recent.get(writer) ?? [];
    for (const other of recent) completion.meet(other);
    if (recent.push(completion) > REMEMBERED) recent.shift();
    this.#recent.set(writer, recent);
    const { attempts } = this.#ofBlocks.get(block) ?? { attempts: [] };
    this.#ofBlocks.set(block, { attempts: [...attempts, completion], steady });
    return completion;
  }

  /** The last attempt went well, and this is what it made. */
  cut({ block, bytes }: BlockCutEvent): void {
    const { attempts, steady } = this.#ofBlocks.get(block) ?? { attempts: [], steady: false };
    const last = attempts.at(-1);
    if (!last || last.failed) return;
    last.bytes = bytes;
    this.#usual.add(kind, { completing: last.alone }, bytes, steady);
  }

  /** The attempts of a block whose first flush begins: they are told once. */
  take(block: string): Completion[] {
    const attempts = this.#ofBlocks.get(block)?.attempts ?? [];
    this.#ofBlocks.delete(block);
    return attempts;
  }
}

/** Milliseconds. */
export function lostBy(completions: readonly Completion[]): number {
  return completions.reduce((sum, { lost }) => sum + lost, 0);
}
