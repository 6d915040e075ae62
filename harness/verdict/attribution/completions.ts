/**
 * What completing blocks (WAL to local block) took before they could be flushed, and what of that was lost. It is the machine's: a
 * completion reads and writes the local disk, and sends nothing.
 *
 * 1. An attempt counts from its begin. What it waited for its queue before is told as of flushes (queues.ts).
 * 2. Completions of one writer that are under way at a time share its disk, and how many they are is a setting of the client. So each is
 *    measured by what it would have taken alone.
 * 3. What is usual is told as of the pieces of requests (usual.ts), and what goes far beyond is lost. An attempt that failed is lost whole,
 *    with the wait that follows it.
 * 4. One that never ended took until its process did, or until the end of the run; what it was to make is not known: it counts as a
 *    block of the usual size.
 */
import type { BlockCutEvent, CompleteEvent, CompleteStartEvent } from '../../history/events.ts';
import { Usual } from './usual.ts';

/** So many times the usual, and so many milliseconds more: of a completion a busy machine makes more than of a request. */
const noise = { times: 4, ms: 20 };
/** Of one writer, that one which ends now may have been beside. */
const REMEMBERED = 64;

const kind = 'completion';

/** One attempt. */
export class Completion {
  readonly writer: string;
  readonly queue: number;
  /** `t` of the history. It could have begun at `ready`. */
  readonly from: number;
  readonly ready: number;
  until = Number.POSITIVE_INFINITY;
  failed = false;
  bytes = 0;
  readonly #usual: Usual;
  #retryIn = 0;
  /** Milliseconds of other completions of the writer within its time. */
  #beside = 0;

  constructor(begun: Pick<CompleteStartEvent, 'writer' | 'queue' | 't' | 'dealt'>, usual: Usual) {
    this.writer = begun.writer;
    this.queue = begun.queue;
    this.from = begun.t;
    this.ready = begun.dealt;
    this.#usual = usual;
  }

  end({ t, outcome, retryIn = 0 }: CompleteEvent): void {
    this.until = t;
    this.failed = outcome === 'fail';
    this.#retryIn = retryIn;
  }

  /** Milliseconds, with the wait after it. */
  get ms(): number {
    return this.#took + this.#retryIn;
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

/** What became of a block that no flush was begun of: the attempts to complete it. */
export interface Unflushed {
  block: string;
  completions: readonly Completion[];
}

export class Completions {
  readonly #usual = new Usual();
  /** Under way, by the block and the number of the attempt. */
  readonly #open = new Map<string, Completion>();
  /** Of blocks that are not flushed yet, the attempts in the order of time. */
  readonly #ofBlocks = new Map<string, { attempts: Completion[]; steady: boolean }>();
  /** The last ones of each writer that ended. */
  readonly #recent = new Map<string, Completion[]>();

  begin(event: CompleteStartEvent): void {
    this.#open.set(nameOf(event), this.#add(event.block, new Completion(event, this.#usual)));
  }

  end(event: CompleteEvent, steady: boolean): Completion {
    const { block, start } = event;
    // An older history does not tell of its begin.
    const completion =
      this.#open.get(nameOf(event)) ??
      this.#add(block, new Completion({ ...event, t: start, dealt: start }, this.#usual));
    this.#open.delete(nameOf(event));
    completion.end(event);
    this.#remember(completion);
    const known = this.#ofBlocks.get(block);
    if (known) known.steady = steady;
    return completion;
  }

  /** What these writers had under way at `t` never ended; without writers, what any had. */
  over(t: number, writers?: ReadonlySet<string>): void {
    for (const [name, completion] of this.#open) {
      if (writers && !writers.has(completion.writer)) continue;
      this.#open.delete(name);
      completion.until = t;
      this.#remember(completion);
    }
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

  /** Those that were not taken, in the order in which they were begun. */
  unflushed(): Unflushed[] {
    return [...this.#ofBlocks].map(([block, { attempts }]) => ({ block, completions: attempts }));
  }

  /** When the first of them began that may still be taken; `now` if there is none. */
  since(now: number): number {
    // In the order in which they were begun.
    const [first] = this.#ofBlocks.values();
    return Math.min(now, first?.attempts[0]?.ready ?? now);
  }

  #add(block: string, completion: Completion): Completion {
    const known = this.#ofBlocks.get(block) ?? { attempts: [], steady: false };
    known.attempts.push(completion);
    this.#ofBlocks.set(block, known);
    return completion;
  }

  #remember(completion: Completion): void {
    const recent = this.#recent.get(completion.writer) ?? [];
    for (const other of recent) completion.meet(other);
    if (recent.push(completion) > REMEMBERED) recent.shift();
    this.#recent.set(completion.writer, recent);
  }
}

function nameOf({ block, attempt }: Pick<CompleteEvent, 'block' | 'attempt'>): string {
  return `${block} ${attempt}`;
}

/** Milliseconds. */
export function lostBy(completions: readonly Completion[]): number {
  return completions.reduce((sum, { lost }) => sum + lost, 0);
}
