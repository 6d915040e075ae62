/**
 * The flushes of which more may be told, and what belongs to them: attempts, and what the S3 edge saw of those, by the block in the key and by
 * the time at which they began.
 */
import { blockOf } from '../../checkers/object-key.ts';
import type { AttemptEvent, BlockCutEvent, EdgeEvent, FlushEndEvent, FlushStartEvent } from '../../history/events.ts';
import type { Completion } from './completions.ts';
import { type SeenEdge, seenEdge } from './seen-edge.ts';

/** One flush that has ended, or goes on. */
export interface Flush {
  start: FlushStartEvent;
  end?: FlushEndEvent;
  /** When its block could have been flushed: cut, or the wait after the last flush was over. */
  ready: number | undefined;
  steady: boolean;
  attempts: AttemptEvent[];
  edges: Map<string, SeenEdge>;
  /** Of its block; 0: not known. */
  objects: number;
  /** The attempts to complete its block, of the first flush of it. */
  completions: readonly Completion[];
  /** Of one that failed: when an attempt that was begun after it had ended was answered well. */
  answeredAfter?: number;
}

export type EndedFlush = Flush & { end: FlushEndEvent };

export class OpenFlushes {
  /** By block, in the order of time. */
  readonly #open = new Map<string, Flush[]>();
  readonly #readySince = new Map<string, number>();
  /** How many each block has that is not flushed yet. */
  readonly #objects = new Map<string, number>();

  cut({ block, t, objects }: BlockCutEvent): void {
    this.#readySince.set(block, t);
    this.#objects.set(block, objects.length);
  }

  begin(start: FlushStartEvent, steady: boolean, completions: readonly Completion[]): void {
    const { block } = start;
    // One that never ended was under way in a process that did.
    const flushes = (this.#open.get(block) ?? []).filter(({ end }) => end !== undefined);
    const ready = this.#readySince.get(block);
    this.#readySince.delete(block);
    const objects = this.#objects.get(block) ?? 0;
    flushes.push({ start, ready, steady, attempts: [], edges: new Map(), objects, completions });
    this.#open.set(block, flushes);
  }

  sent(attempt: AttemptEvent): void {
    this.#at(attempt)?.attempts.push(attempt);
  }

  seen(edge: EdgeEvent): void {
    if (edge.id !== undefined) this.#at(edge)?.edges.set(edge.id, seenEdge(edge));
  }

  /** `undefined`: of no flush that is known to go on. One that has ended is kept until it is deleted. */
  end(end: FlushEndEvent): EndedFlush | undefined {
    const { block, t, outcome, retryIn } = end;
    const flush = this.#open.get(block)?.at(-1);
    if (!flush || flush.end) return undefined;
    if (outcome === 'fail' && retryIn !== undefined) this.#readySince.set(block, t + retryIn);
    if (outcome === 'ok') this.#objects.delete(block);
    return Object.assign(flush, { end });
  }

  delete(flush: Flush): void {
    const { block } = flush.start;
    this.#keep(
      block,
      (this.#open.get(block) ?? []).filter((other) => other !== flush),
    );
  }

  /** Flushes that were under way have no end. */
  died(writers: ReadonlySet<string>): void {
    for (const [block, flushes] of this.#open) {
      this.#keep(
        block,
        flushes.filter(({ start, end }) => end !== undefined || !writers.has(start.writer)),
      );
    }
  }

  /** When the first of them began; `now` if there is none. */
  since(now: number): number {
    let earliest = now;
    for (const [flush] of this.#open.values()) if (flush) earliest = Math.min(earliest, flush.start.t);
    return earliest;
  }

  #at({ key, start: t }: AttemptEvent | EdgeEvent): Flush | undefined {
    return this.#open.get(blockOf(key))?.find(({ start, end }) => start.t <= t && (end === undefined || t < end.t));
  }

  #keep(block: string, flushes: Flush[]): void {
    if (flushes.length > 0) this.#open.set(block, flushes);
    else this.#open.delete(block);
  }
}
