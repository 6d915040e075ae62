/**
 * How late the harness itself was, against the budgets in time that it has to judge.
 *
 * 1. Only lateness while the writer worked matters: from the steady state until the final read.
 * 2. The budgets in time are `visibleWithin`, `recoveredWithin`, and, where flushes that ran into it are counted, `flush_op_timeout`; where
 *    a visibility gap is judged, `blocklist_poll`, which it is measured against.
 * 3. While a fault held the writers' process stopped, that process was not late: the time of the pause is taken off.
 * 4. The harness was late when its longest lateness, times the compression, is over 2 % of the budget that is judged.
 */
import type { HistoryEvent, LatenessEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { Reads } from './audience.ts';
import type { CheckContext, Finding } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { percent } from './counted.ts';
import { LastHeal } from './last-heal.ts';
import { numberAt } from './recorded-settings.ts';
import { blocklistPollOf } from './visibility-gap.ts';

/** Of the smallest budget (the design's contract). */
const TOLERATED_SHARE = 0.02;

/** The lateness of a period: the longest one, and that of all processes together. */
interface Period {
  ms: number;
  process?: string;
  total: number;
}

/** There are some hundred thousand in a long run: nothing is made anew for each. */
function add(period: Period, event: LatenessEvent): void {
  period.total += event.totalMs;
  if (event.maxMs <= period.ms) return;
  period.ms = event.maxMs;
  period.process = event.process;
}

export class LatenessWatch {
  static readonly reads = [
    'scenario',
    'phase',
    'lateness',
    'writer.process',
    ...LastHeal.reads,
  ] as const satisfies Reads;

  readonly #context: CheckContext;
  readonly #lastHeal = new LastHeal();
  #watching = true;
  #measured = false;
  /** When the writer began to work, and until when it was seen to. */
  #worked: { from: number; until: number } | undefined;
  /** While the writer worked, and of that, since the last fault was healed. */
  #longest: Period = { ms: 0, total: 0 };
  #sinceHeal: Period = { ms: 0, total: 0 };
  #flushOpTimeout: number | undefined;
  #blocklistPoll: number | undefined;
  /** When the writers' process was stopped by a fault, and until when: the last one may go on. */
  readonly #pauses: { from: number; until: number }[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#flushOpTimeout = flushOpTimeoutOf(event.settings);
        this.#blocklistPoll = blocklistPollOf(event.settings);
        break;
      case 'phase':
        this.#watching = ['steady-state', 'timeline', 'drain'].includes(event.phase);
        if (this.#watching) this.#worked ??= { from: event.t, until: event.t };
        else if (this.#worked) this.#worked.until = event.t;
        break;
      case 'writer.start-failed':
      case 'fault.end': {
        const before = this.#lastHeal.t;
        this.#lastHeal.see(event);
        if (this.#lastHeal.t !== before) this.#sinceHeal = { ms: 0, total: 0 };
        break;
      }
      case 'lateness':
        if (!this.#watching) return;
        if (this.#worked) this.#measured = true;
        this.#add(this.#withoutPauses(event));
        break;
      case 'writer.process':
        if (event.what === 'paused') this.#pauses.push({ from: event.t, until: Number.POSITIVE_INFINITY });
        else if (event.what === 'resumed') this.#goesOn(event.t);
        break;
    }
  }

  /** As it passed, not multiplied by the compression. */
  get longestMs(): number {
    return this.#longest.ms;
  }

  /** For how long the writer worked, when in all that time no process told how late it was; else 0. Milliseconds as they passed. */
  get unmeasuredMs(): number {
    return this.#measured || !this.#worked ? 0 : this.#worked.until - this.#worked.from;
  }

  /** Against the smallest budget. */
  get late(): boolean {
    return this.#late(this.#longest, this.#smallestBudget());
  }

  /** The figures, in words, against the smallest budget. */
  describe(): string {
    return this.#describe(this.#longest, this.#smallestBudget(), 'the smallest budget');
  }

  /**
   * What a missed budget of one checker is held against: its own budget, and the lateness of the time in which that ran. The recovery
   * runs from the last heal; what has no budget in time is held against the smallest.
   *
   * Lateness excuses no more than it could have caused: a budget that was missed by more than all processes together were late
   * (`missedByMs`) would have been missed without it.
   */
  against({ checker, missedByMs }: Pick<Finding, 'checker' | 'missedByMs'>): { late: boolean; describe(): string } {
    if (missedByMs === 'never') return { late: false, describe: () => this.describe() };
    const budget = this.#budgets()[checker];
    if (budget === undefined) return { late: this.late, describe: () => this.describe() };
    const period = checker === 'recovered-within' ? this.#sinceHeal : this.#longest;
    const couldCause = missedByMs === undefined || missedByMs <= this.#inConfigTime(period.total);
    return {
      late: this.#late(period, budget) && couldCause,
      describe: () => this.#describe(period, budget, 'the budget'),
    };
  }

  #add(event: LatenessEvent): void {
    add(this.#longest, event);
    add(this.#sinceHeal, event);
  }

  #goesOn(t: number): void {
    const pause = this.#pauses.at(-1);
    if (pause) pause.until = Math.min(pause.until, t);
  }

  #withoutPauses(event: LatenessEvent): LatenessEvent {
    if (event.process !== 'subject' || this.#pauses.length === 0) return event;
    // What was found blocked within the interval may have been so since before it.
    const begin = event.t - event.intervalMs - event.maxMs;
    const paused = this.#pauses
      .map(({ from, until }) => Math.max(0, Math.min(event.t, until) - Math.max(begin, from)))
      .filter((ms) => ms > 0);
    if (paused.length === 0) return event;
    const off = (ms: number, pauses: number[]) => Math.max(0, ms - pauses.reduce((sum, one) => sum + one, 0));
    return { ...event, maxMs: off(event.maxMs, [Math.max(...paused)]), totalMs: off(event.totalMs, paused) };
  }

  #late({ ms }: Period, budget: number | undefined): boolean {
    return budget !== undefined && this.#inConfigTime(ms) > budget * TOLERATED_SHARE;
  }

  #describe({ ms, process }: Period, budget: number | undefined, which: string): string {
    const was = `the harness was late by ${sayDuration(ms)} at most${process === undefined ? '' : ` (its ${process} process)`}`;
    if (budget === undefined) return `${was}; no budget in time is judged`;
    const inConfigTime = this.#inConfigTime(ms);
    const stretched = this.#context.compression.time === 1 ? '' : `, ${sayDuration(inConfigTime)} in the config's time`;
    return `${was}${stretched}: ${((inConfigTime / budget) * 100).toFixed(1)} % of ${which}, ${formatDuration(budget)} (${percent(TOLERATED_SHARE)} is tolerated)`;
  }

  #inConfigTime(ms: number): number {
    return configTime(ms, this.#context.compression);
  }

  /** Milliseconds of the config's time, by checker. */
  #budgets(): Record<string, number | undefined> {
    const { expect, compression } = this.#context;
    return {
      'visible-within': expect.visibleWithin,
      'recovered-within': expect.recoveredWithin,
      'deadline-exceeded':
        expect.deadlineExceeded === undefined || this.#flushOpTimeout === undefined
          ? undefined
          : configTime(this.#flushOpTimeout, compression),
      'visibility-gap':
        expect.visibilityGap === undefined || this.#blocklistPoll === undefined
          ? undefined
          : configTime(this.#blocklistPoll, compression),
    };
  }

  #smallestBudget(): number | undefined {
    const budgets = Object.values(this.#budgets()).filter((budget) => budget !== undefined);
    return budgets.length === 0 ? undefined : Math.min(...budgets);
  }
}

/** 0 is none, as of Tempo 3. */
function flushOpTimeoutOf(settings: unknown): number | undefined {
  return numberAt(settings, 'policy', 'flushOpTimeout') || undefined;
}
