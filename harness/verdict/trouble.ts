/**
 * What happened to the blocks that got into trouble: the evidence for an explanation. Blocks that got into S3 in time and without
 * a failed flush are forgotten at once.
 */
import { AttemptTally } from '../checkers/attempt-tally.ts';
import { BlockIndex } from '../checkers/block-index.ts';
import type { CheckContext } from '../checkers/checker.ts';
import { configTime } from '../checkers/config-time.ts';
import type { BlockCutEvent, FlushEndEvent, HistoryEvent } from '../history/events.ts';

/** What a number of blocks went through together. Moments are in milliseconds of the config's time, from the timeline's begin. */
export interface Ordeal {
  attempts: AttemptTally;
  failedFlushes: number;
  /** Of them, those that ran into flush_op_timeout. */
  deadlines: number;
  /** The cuts of the first and of the last of the blocks. */
  cut?: { first: number; last: number };
  /** The first and the last failed attempt. */
  failing?: { first: number; last: number };
  /** Why the writer gave blocks up; empty: it gave none up. */
  dropped: Set<string>;
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
  failing?: { first: number; last: number };
  dropped?: string;
}

export class Trouble {
  readonly #context: CheckContext;
  readonly #blocks = new BlockIndex<BlockState>();
  readonly #faults: { id: string; from: number; until?: number }[] = [];
  /** Of all blocks, the forgotten ones too. */
  readonly #attempts = new AttemptTally();
  #failing: { first: number; last: number } | undefined;
  #zero = 0;
  #healedAt: number | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#zero = event.t;
        break;
      case 'phase':
        // A scenario's `at` counts from here.
        if (event.phase === 'timeline') this.#zero = event.t;
        break;
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
      case 'block.dropped': {
        const state = this.#blocks.ofBlock(event.block);
        if (state) state.dropped = event.reason;
        break;
      }
    }
  }

  /** What all blocks went through, in attempts alone. */
  ofAll(): Ordeal {
    const failing = this.#failing && {
      first: this.#moment(this.#failing.first),
      last: this.#moment(this.#failing.last),
    };
    return {
      attempts: this.#attempts,
      failedFlushes: 0,
      deadlines: 0,
      dropped: new Set(),
      ...(failing ? { failing } : {}),
    };
  }

  /** What these blocks went through. A block that had no trouble adds nothing. */
  of(blocks: Iterable<string>): Ordeal {
    const ordeal: Ordeal = { attempts: new AttemptTally(), failedFlushes: 0, deadlines: 0, dropped: new Set() };
    for (const block of blocks) {
      const state = this.#blocks.ofBlock(block);
      if (!state) continue;
      ordeal.attempts.merge(state.attempts);
      ordeal.failedFlushes += state.failedFlushes;
      ordeal.deadlines += state.deadlines;
      if (state.dropped !== undefined) ordeal.dropped.add(state.dropped);
      const cut = this.#moment(state.cutAt);
      ordeal.cut = widest(ordeal.cut, { first: cut, last: cut });
      if (state.failing) {
        const { first, last } = state.failing;
        ordeal.failing = widest(ordeal.failing, { first: this.#moment(first), last: this.#moment(last) });
      }
    }
    return ordeal;
  }

  /** In the order in which they began. */
  faults(): FaultTime[] {
    return this.#faults.map(({ id, from, until }) => ({
      id,
      from: this.#moment(from),
      ...(until === undefined ? {} : { until: this.#moment(until) }),
    }));
  }

  #flushed({ t, block, outcome, deadlineExceeded }: FlushEndEvent): void {
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

  #moment(t: number): number {
    return configTime(t - this.#zero, this.#context.compression);
  }
}

function widest(a: { first: number; last: number } | undefined, b: { first: number; last: number }) {
  return a ? { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) } : b;
}
