/**
 * What happened to the blocks that got into trouble: the evidence for an explanation. Blocks that got into S3 in time and without
 * a failed flush are forgotten at once.
 */
import { AttemptTally } from '../checkers/attempt-tally.ts';
import type { Reads } from '../checkers/audience.ts';
import { BlockIndex } from '../checkers/block-index.ts';
import type { CheckContext } from '../checkers/checker.ts';
import { configTime } from '../checkers/config-time.ts';
import type { BlockCutEvent, FlushEndEvent, HistoryEvent } from '../history/events.ts';
import { Moments, type Span, widest } from './moments.ts';

/** What a number of blocks went through together. Moments are in milliseconds of the config's time, from the timeline's begin. */
export interface Ordeal {
  attempts: AttemptTally;
  failedFlushes: number;
  /** Of them, those that ran into flush_op_timeout. */
  deadlines: number;
  /** The cuts of the first and of the last of the blocks. */
  cut?: Span;
  /** The first and the last failed attempt. */
  failing?: Span;
}

export interface FaultTime {
  id: string;
  /** Moments, as in `Ordeal`. */
  from: number;
  /** Absent: its end is not known. */
  until?: number;
}

interface BlockState extends Pick<BlockCutEvent, 'block' | 'keyPrefix'> {
  cutAt: number;
  attempts: AttemptTally;
  failedFlushes: number;
  deadlines: number;
  failing?: Span;
}

export class Trouble {
  static readonly reads = [
    'scenario',
    'phase',
    'fault.start',
    'fault.end',
    'block.cut',
    'attempt',
    'flush.end',
  ] as const satisfies Reads;

  readonly #context: CheckContext;
  readonly #blocks = new BlockIndex<BlockState>();
  readonly #faults: { id: string; from: number; until?: number }[] = [];
  /** Of all blocks, the forgotten ones too. */
  readonly #attempts = new AttemptTally();
  readonly #moments: Moments;
  #failing: Span | undefined;
  #failedFlushes = 0;
  #deadlines = 0;
  #healedAt: number | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
    this.#moments = new Moments(context);
  }

  see(event: HistoryEvent): void {
    this.#moments.see(event);
    switch (event.type) {
      case 'fault.start':
        this.#faults.push({ id: event.id, from: event.t });
        break;
      case 'fault.end': {
        this.#healedAt = event.t;
        const fault = this.#faults.find(({ id }) => id === event.id);
        if (fault) fault.until ??= event.t;
        break;
      }
      case 'block.cut':
        // What a block cut again (a replay) went through before is its trouble still.
        if (this.#blocks.ofBlock(event.block)) return;
        this.#blocks.add(event, {
          block: event.block,
          keyPrefix: event.keyPrefix,
          cutAt: event.t,
          attempts: new AttemptTally(),
          failedFlushes: 0,
          deadlines: 0,
        });
        break;
      case 'attempt': {
        const state = this.#blocks.ofKey(event.key);
        if (!state) return;
        state.attempts.add(event);
        this.#attempts.add(event);
        if (event.outcome === 'ok') return;
        state.failing = { first: state.failing?.first ?? event.t, last: event.t };
        this.#failing = { first: this.#failing?.first ?? event.t, last: event.t };
        break;
      }
      case 'flush.end':
        this.#flushed(event);
        break;
    }
  }

  /** What all blocks went through: attempts and flushes. */
  ofAll(): Ordeal {
    return {
      attempts: this.#attempts,
      failedFlushes: this.#failedFlushes,
      deadlines: this.#deadlines,
      ...(this.#failing && { failing: this.#moments.span(this.#failing) }),
    };
  }

  /** What these blocks went through. A block that had no trouble adds nothing. */
  of(blocks: Iterable<string>): Ordeal {
    const ordeal: Ordeal = { attempts: new AttemptTally(), failedFlushes: 0, deadlines: 0 };
    for (const block of blocks) {
      const state = this.#blocks.ofBlock(block);
      if (!state) continue;
      ordeal.attempts.merge(state.attempts);
      ordeal.failedFlushes += state.failedFlushes;
      ordeal.deadlines += state.deadlines;
      ordeal.cut = widest(ordeal.cut, this.#moments.span({ first: state.cutAt, last: state.cutAt }));
      if (state.failing) ordeal.failing = widest(ordeal.failing, this.#moments.span(state.failing));
    }
    return ordeal;
  }

  /** In the order in which they began. */
  faults(): FaultTime[] {
    return this.#faults.map(({ id, from, until }) => ({
      id,
      from: this.#moments.of(from),
      ...(until === undefined ? {} : { until: this.#moments.of(until) }),
    }));
  }

  #flushed({ t, block, outcome, deadlineExceeded }: FlushEndEvent): void {
    if (outcome === 'fail') this.#failedFlushes++;
    if (deadlineExceeded) this.#deadlines++;
    const state = this.#blocks.ofBlock(block);
    if (!state) return;
    if (outcome === 'fail') {
      state.failedFlushes++;
      if (deadlineExceeded) state.deadlines++;
    } else if (state.failedFlushes === 0 && !this.#late(state.cutAt, t)) {
      this.#blocks.delete(state);
    }
  }

  #late(cutAt: number, t: number): boolean {
    const { expect, compression } = this.#context;
    const over = (since: number, budget = Number.POSITIVE_INFINITY) => configTime(t - since, compression) > budget;
    const recovering =
      this.#healedAt !== undefined && cutAt <= this.#healedAt && over(this.#healedAt, expect.recoveredWithin);
    return recovering || over(cutAt, expect.visibleWithin);
  }
}
