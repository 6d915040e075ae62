/**
 * Finds what happened to the blocks that got into trouble: the evidence for an explanation, which asks for it as known-trouble.ts has it. Blocks that got into S3 in time and without
 * a failed flush are forgotten at once.
 */
import { AttemptTally, type AttemptTallyRecord } from '../checkers/attempt-tally.ts';
import type { Reads } from '../checkers/audience.ts';
import { BlockIndex } from '../checkers/block-index.ts';
import type { CheckContext } from '../checkers/checker.ts';
import { configTime } from '../checkers/config-time.ts';
import type { BlockCutEvent, FlushEndEvent, HistoryEvent } from '../history/events.ts';
import type { FaultTime } from './known-trouble.ts';
import { Moments, type Span } from './moments.ts';

/** All that was found, as plain data. Moments are in milliseconds of the config's time, from the timeline's begin. */
export interface TroubleRecord {
  ofAll: OrdealRecord;
  /** By the block. One that had no trouble is not here. */
  ofBlocks: [block: string, ordeal: OrdealRecord][];
  /** In the order in which they began. */
  faults: FaultTime[];
}

export interface OrdealRecord {
  attempts: AttemptTallyRecord;
  failedFlushes: number;
  deadlines: number;
  cut?: Span;
  failing?: Span;
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

  /** When all events were seen. */
  record(): TroubleRecord {
    return {
      ofAll: {
        attempts: this.#attempts.record(),
        failedFlushes: this.#failedFlushes,
        deadlines: this.#deadlines,
        ...(this.#failing && { failing: this.#moments.span(this.#failing) }),
      },
      ofBlocks: this.#blocks.all().map((state) => [state.block, this.#ordealOf(state)]),
      faults: this.#faults.map(({ id, from, until }) => ({
        id,
        from: this.#moments.of(from),
        ...(until === undefined ? {} : { until: this.#moments.of(until) }),
      })),
    };
  }

  #ordealOf({ attempts, failedFlushes, deadlines, cutAt, failing }: BlockState): OrdealRecord {
    return {
      attempts: attempts.record(),
      failedFlushes,
      deadlines,
      cut: this.#moments.span({ first: cutAt, last: cutAt }),
      ...(failing && { failing: this.#moments.span(failing) }),
    };
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
