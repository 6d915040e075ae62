/**
 * How late the harness itself was, against the smallest budget in time that it has to judge.
 *
 * 1. Only lateness while the writer worked matters: from the steady state until the final read.
 * 2. The budgets in time are `visibleWithin`, `recoveredWithin`, and, where flushes that ran into it are counted, `flush_op_timeout`.
 * 3. The harness was late when its longest lateness, times the compression, is over 2 % of the smallest of them.
 */
import type { HistoryEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { CheckContext } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { percent } from './counted.ts';

/** Of the smallest budget (the design's contract). */
const TOLERATED_SHARE = 0.02;

export class LatenessWatch {
  readonly #context: CheckContext;
  #watching = true;
  #longestMs = 0;
  #process: string | undefined;
  #flushOpTimeout: number | undefined;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#flushOpTimeout = flushOpTimeoutOf(event.settings);
        break;
      case 'phase':
        this.#watching = ['steady-state', 'timeline', 'drain'].includes(event.phase);
        break;
      case 'lateness':
        if (!this.#watching || event.maxMs <= this.#longestMs) return;
        this.#longestMs = event.maxMs;
        this.#process = event.process;
        break;
    }
  }

  /** As it passed, not multiplied by the compression. */
  get longestMs(): number {
    return this.#longestMs;
  }

  get late(): boolean {
    const budget = this.#smallestBudget();
    return budget !== undefined && this.#inConfigTime() > budget * TOLERATED_SHARE;
  }

  /** The figures, in words. */
  describe(): string {
    const was = `the harness was late by ${sayDuration(this.#longestMs)} at most${this.#process === undefined ? '' : ` (its ${this.#process} process)`}`;
    const budget = this.#smallestBudget();
    if (budget === undefined) return `${was}; no budget in time is judged`;
    const { compression } = this.#context;
    const stretched = compression.time === 1 ? '' : `, ${sayDuration(this.#inConfigTime())} in the config's time`;
    return `${was}${stretched}: ${percent(this.#inConfigTime() / budget)} of the smallest budget, ${formatDuration(budget)} (${percent(TOLERATED_SHARE)} is tolerated)`;
  }

  #inConfigTime(): number {
    return configTime(this.#longestMs, this.#context.compression);
  }

  /** Milliseconds of the config's time. */
  #smallestBudget(): number | undefined {
    const { expect, compression } = this.#context;
    const deadline =
      expect.deadlineExceeded === undefined || this.#flushOpTimeout === undefined
        ? undefined
        : configTime(this.#flushOpTimeout, compression);
    const budgets = [expect.visibleWithin, expect.recoveredWithin, deadline].filter((budget) => budget !== undefined);
    return budgets.length === 0 ? undefined : Math.min(...budgets);
  }
}

/** From the settings as the writer got them (compressed); they are of no fixed form in a history. */
function flushOpTimeoutOf(settings: unknown): number | undefined {
  const policy = (settings as { policy?: { flushOpTimeout?: unknown } } | null | undefined)?.policy;
  return typeof policy?.flushOpTimeout === 'number' ? policy.flushOpTimeout : undefined;
}
