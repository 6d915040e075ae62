/**
 * How late the harness itself was, against the budgets in time that it has to judge.
 *
 * 1. Only lateness while the writer worked matters: from the steady state until the final read.
 * 2. The budgets in time are `visibleWithin`, `recoveredWithin`, and, where flushes that ran into it are counted, `flush_op_timeout`; where
 *    a visibility gap is judged, `blocklist_poll`, which it is measured against.
 * 3. While a fault held the writers' process stopped, that process was not late: the time of the pause is taken off.
 * 4. A budget that a block missed is held against the lateness that can have delayed that block (block-courses.ts). It excuses the miss when
 *    that, times the compression, is over 2 % of the budget, and no less than what it was missed by. One block that would have missed it
 *    without is a miss, whatever became of the others.
 * 5. Of flushes that ran into `flush_op_timeout`, those count that did so without more lateness than 2 % of it.
 * 6. What has no budget in time (requests sent, blocks lost) is excused when the longest lateness, times the compression, is over 2 % of the
 *    smallest budget there is.
 */
import type { HistoryEvent, LatenessEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { Reads } from './audience.ts';
import { BlockCourses, type Course, TOLERATED_SHARE } from './block-courses.ts';
import type { CheckContext, Finding } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { counted, percent } from './counted.ts';
import { LastHeal } from './last-heal.ts';
import { LateTime } from './late-time.ts';
import { ObservedUntil } from './observed-until.ts';
import { numberAt } from './recorded-settings.ts';
import { blocklistPollOf } from './visibility-gap.ts';

/** The processes that are in every run. */
const everyRun: readonly LatenessEvent['process'][] = ['harness', 'gateway', 'dns', 'subject'];

/** What a missed budget is held against. */
export interface Excuse {
  /** The harness was late, by enough to have caused it. */
  late: boolean;
  /** The figures, in words. */
  describe(): string;
}

/** One block that missed a budget, and the time in which it did. */
interface Missed {
  course: Course;
  busySince: number;
  from: number;
  until: number;
  /** Milliseconds of the config's time. */
  by: number;
}

export class LatenessWatch {
  static readonly reads = [
    'scenario',
    'phase',
    'lateness',
    'writer.process',
    'final.read',
    ...LastHeal.reads,
    ...BlockCourses.reads,
  ] as const satisfies Reads;

  readonly #context: CheckContext;
  readonly #lastHeal = new LastHeal();
  #watching = true;
  /** Processes that told of it while the writer worked. */
  readonly #measured = new Set<string>();
  /** When the writer began to work, and until when it was seen to. */
  #worked: { from: number; until: number } | undefined;
  /** While the writer worked: milliseconds, and of which process. */
  readonly #longest: { ms: number; process: string | undefined } = { ms: 0, process: undefined };
  readonly #late = new LateTime();
  readonly #courses = new BlockCourses(this.#late);
  readonly #observed = new ObservedUntil();
  /** When the path was idle last, before the last heal. */
  #busyAtHeal = 0;
  #flushOpTimeout: number | undefined;
  #blocklistPoll: number | undefined;
  /** When the writers' process was stopped by a fault, and until when: the last one may go on. */
  readonly #pauses: { from: number; until: number }[] = [];

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.#observed.see(event);
    this.#courses.see(event);
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
        const { t } = this.#lastHeal;
        if (t !== undefined && t !== before) this.#busyAtHeal = this.#courses.busySince(t);
        break;
      }
      case 'lateness':
        if (!this.#watching) return;
        if (this.#worked) this.#measured.add(event.process);
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

  /** For how long the writer worked, and the processes of every run that did not tell in all that time how late they were. Milliseconds as they passed. */
  get unmeasured(): { ms: number; processes: readonly string[] } {
    const ms = this.#worked ? this.#worked.until - this.#worked.from : 0;
    return { ms, processes: everyRun.filter((process) => !this.#measured.has(process)) };
  }

  /** Against the smallest budget. */
  get late(): boolean {
    const budget = this.#smallestBudget();
    return budget !== undefined && this.#inConfigTime(this.#longest.ms) > budget * TOLERATED_SHARE;
  }

  /** The figures, in words, against the smallest budget. */
  describe(): string {
    const budget = this.#smallestBudget();
    const was = this.#describeLongest();
    if (budget === undefined) return `${was}; no budget in time is judged`;
    const inConfigTime = this.#inConfigTime(this.#longest.ms);
    return `${was}${this.#stretched(inConfigTime)}: ${shareOf(inConfigTime, budget)} % of the smallest budget, ${formatDuration(budget)} (${percent(TOLERATED_SHARE)} is tolerated)`;
  }

  /** What a missed budget of one checker is held against. */
  against({ checker, missedByMs, blocks }: Pick<Finding, 'checker' | 'missedByMs' | 'blocks'>): Excuse {
    if (missedByMs === 'never') return { late: false, describe: () => this.describe() };
    const budget = this.#budgets()[checker];
    if (budget === undefined || blocks === undefined) return { late: this.late, describe: () => this.describe() };
    if (checker === 'deadline-exceeded') return this.#againstDeadline(budget);
    return this.#againstBlocks(this.#missedBy(checker, budget, new Set(blocks)), budget);
  }

  #againstBlocks(missed: readonly Missed[], budget: number): Excuse {
    const tolerated = (budget * TOLERATED_SHARE) / this.#context.compression.time;
    const judged = missed.map(({ course, busySince, from, until, by }) => {
      const delay = this.#courses.delay(course, busySince, from, until, tolerated);
      return { block: course.block, by, delay, left: by - this.#inConfigTime(delay) };
    });
    // The one that lateness excuses least.
    const [worst] = judged.sort((a, b) => b.left - a.left);
    if (!worst) return { late: this.late, describe: () => this.describe() };
    const delay = this.#inConfigTime(worst.delay);
    return {
      late: delay > budget * TOLERATED_SHARE && worst.left <= 0,
      describe: () =>
        `${this.#describeLongest()}, which may have delayed block ${worst.block}, late by ${sayDuration(worst.by)}, by up to ${sayDuration(delay)}: ${shareOf(delay, budget)} % of the budget, ${formatDuration(budget)} (${percent(TOLERATED_SHARE)} is tolerated)`,
    };
  }

  #againstDeadline(budget: number): Excuse {
    const ranOut = this.#courses.all.flatMap((course) =>
      course.flushes.filter((flush) => flush.ranOut).map((flush) => this.#courses.mayHaveRunOut(course, flush)),
    );
    const byLateness = ranOut.filter((may) => may).length;
    const allowed = this.#context.expect.deadlineExceeded ?? 0;
    return {
      late: byLateness > 0 && ranOut.length - byLateness <= allowed,
      describe: () =>
        `${this.#describeLongest()}, and ${byLateness} of ${counted(ranOut.length, 'flush')} may have run into flush_op_timeout by that: while ${byLateness === 1 ? 'it was' : 'they were'} under way it was late by more than ${percent(TOLERATED_SHARE)} of ${formatDuration(budget)}`,
    };
  }

  /** Of the blocks of a finding, each that missed the checker's budget. */
  #missedBy(checker: string, budget: number, blocks: ReadonlySet<string>): Missed[] {
    const worst = new Map<string, Missed>();
    for (const course of this.#courses.all) {
      if (!blocks.has(course.block)) continue;
      const missed = this.#miss(checker, budget, course);
      // One that was cut again once it was in S3 missed it one of the times.
      if (missed.by >= (worst.get(course.block)?.by ?? 0)) worst.set(course.block, missed);
    }
    return [...worst.values()];
  }

  #miss(checker: string, budget: number, course: Course): Missed {
    const { cut, busySince, visible } = course;
    if (checker === 'visibility-gap') {
      const early = this.#inConfigTime((visible ?? 0) + (this.#blocklistPoll ?? 0) - (course.cleared ?? 0));
      const by = Math.max(0, early - (this.#context.expect.visibilityGap ?? 0));
      return { course, busySince, from: cut, until: visible ?? cut, by };
    }
    // One that waits when the run ends is not in S3 before that wait is over.
    const until = visible ?? Math.max(this.#observed.t, course.flushes.at(-1)?.due ?? 0);
    const healed = checker === 'recovered-within' ? this.#lastHeal.t : undefined;
    const from = healed ?? cut;
    const since = healed === undefined ? busySince : this.#busyAtHeal;
    return { course, busySince: since, from, until, by: Math.max(0, this.#inConfigTime(until - from) - budget) };
  }

  #add(event: LatenessEvent): void {
    this.#late.add(event);
    if (event.maxMs <= this.#longest.ms) return;
    this.#longest.ms = event.maxMs;
    this.#longest.process = event.process;
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

  #describeLongest(): string {
    const { ms, process } = this.#longest;
    return `the harness was late by ${sayDuration(ms)} at most${process === undefined ? '' : ` (its ${process} process)`}`;
  }

  #stretched(inConfigTime: number): string {
    return this.#context.compression.time === 1 ? '' : `, ${sayDuration(inConfigTime)} in the config's time`;
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

function shareOf(ms: number, budget: number): string {
  return ((ms / budget) * 100).toFixed(1);
}

/** 0 is none, as of Tempo 3. */
function flushOpTimeoutOf(settings: unknown): number | undefined {
  return numberAt(settings, 'policy', 'flushOpTimeout') || undefined;
}
