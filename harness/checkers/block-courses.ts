/**
 * The way of each block from its cut into S3, and for how much of it the lateness of the harness may be to blame.
 *
 * What is bounded is the difference to the same run without lateness, from the moment on from which the budget counts (the cut, the last heal):
 *
 * 1. A step that was under way takes longer by no more than the processes were late meanwhile (late-time.ts).
 * 2. The wait for the next try of a failed flush is a timer: lateness within it delays nothing. It is left out until it is due.
 * 3. A block may have had to wait for others: their lateness counts since the path was idle last (no block was cut and not yet in S3, but
 *    for those that waited for their next try).
 * 4. Lateness grows where it makes an attempt fail: by the next try, by a wait of minutes, by an outage that began meanwhile. So when a
 *    failed attempt of a flush may have failed by it (5), all that comes after the start of that flush counts as lateness, until the block
 *    is in S3; the flushes after it count for the other blocks too, which they may have hindered.
 * 5. A failed attempt may have failed by lateness
 *    - that waited in vain for its connection or its answer: when the longest lateness in it, and the longest such wait of the run that was not
 *      in vain, fill the time that it waited (but for 2 %). So a request that is never answered is not excused by a stall of a tenth of its timeout,
 *      and one whose answer took nine tenths of it is;
 *    - that was ended by `flush_op_timeout`: when a process was late by more than 2 % of it at once, since the path was idle last;
 *    - that was refused by a fault that decides the same whenever a request comes (steady-faults.ts): when that began after the block's cut,
 *      and the block may have been delayed for longer than it had been in force. In force since the cut, it would have refused it as well;
 *    - that failed in any other way: when a process was late at once by more than is tolerated of the budget, since the path was idle
 *      last before the cut.
 * 6. A block that was cut while a fault refused every write would not have been in S3 before that fault's time was over: that much of its way is
 *    none of lateness, whatever happened in it.
 * 7. The wait of a writer for its next start counts as lateness when it was late in the one before, which failed.
 *
 * Times in milliseconds of the history.
 */
import { firstWhere } from '../first-where.ts';
import type { AttemptEvent, FlushEndEvent, FlushStartEvent, HistoryEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { BlockIndex } from './block-index.ts';
import type { LateTime } from './late-time.ts';
import { type InForce, SteadyFaults } from './steady-faults.ts';

/** Of the time that was judged (the design's contract). */
export const TOLERATED_SHARE = 0.02;

export interface Flush {
  start: number;
  /** When the path was idle last, before its start. */
  busySince: number;
  end: number;
  /** When it was to be tried again; its end when it is not known that it was. */
  due: number;
  ranOut: boolean;
  /** Attempts that waited in vain. */
  waits: Wait[];
  /** When an attempt failed last that nothing is known of; `-Infinity`: there was none. */
  unknown: number;
  /** Of its attempts that failed by a fault that began after the cut: by how much the last one came after that. */
  margin: number;
}

/** `phase`: which one of it was in vain, and for how many milliseconds. */
interface Wait {
  start: number;
  end: number;
  phase: WaitPhase;
  ms: number;
}

type WaitPhase = 'dns' | 'connect' | 'tls' | 'wait';

export interface Course {
  block: string;
  cut: number;
  busySince: number;
  flushes: Flush[];
  /** The first end of a flush with which it was in S3. */
  visible: number | undefined;
  cleared: number | undefined;
  /** It was cut while S3 took nothing. */
  outage: InForce | undefined;
  /** Under way: not in S3, and not waiting for its next try. */
  busy: boolean;
}

export class BlockCourses {
  static readonly reads = [
    'block.cut',
    'block.dropped',
    'block.cleared',
    'attempt',
    'flush.start',
    'flush.end',
    'writer.start-failed',
    ...SteadyFaults.reads,
  ] as const satisfies Reads;

  readonly #late: LateTime;
  readonly #faults = new SteadyFaults();
  readonly #index = new BlockIndex<Course>();
  readonly #all: Course[] = [];
  /** Of writers that could not start: from when until when they tried, and until when they waited then. */
  readonly #failedStarts: { start: number; t: number; until: number }[] = [];
  #busy = 0;
  #busySince = 0;
  /** Of the waits of all attempts that were not in vain, the longest. */
  readonly #answeredAfter: Record<WaitPhase, number> = { dns: 0, connect: 0, tls: 0, wait: 0 };
  /** By what is tolerated; found when first asked for. */
  readonly #hindered = new Map<number, Hindered>();

  constructor(late: LateTime) {
    this.#late = late;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#faults.begin(event);
        break;
      case 'fault.start':
        this.#faults.start(event);
        break;
      case 'fault.end':
        this.#faults.end(event);
        break;
      case 'block.cut': {
        const before = this.#index.ofBlock(event.block);
        // A block cut again (a replay) has been on its way since it was cut first.
        if (before && before.visible === undefined) {
          this.#index.add(event, before);
          return;
        }
        const course: Course = {
          ...{ block: event.block, cut: event.t, busySince: 0, flushes: [] },
          ...{ visible: undefined, cleared: undefined, outage: this.#faults.outage, busy: false },
        };
        this.#goesOn(course, event.t);
        course.busySince = this.#busySince;
        this.#index.add(event, course);
        this.#all.push(course);
        break;
      }
      case 'block.dropped':
        this.#rests(this.#index.ofBlock(event.block));
        break;
      case 'block.cleared': {
        const course = this.#index.ofBlock(event.block);
        if (course) course.cleared ??= event.t;
        break;
      }
      case 'writer.start-failed':
        this.#failedStarts.push({ start: event.start, t: event.t, until: event.t + (event.retryIn ?? 0) });
        break;
      case 'flush.start':
        this.#started(event);
        break;
      case 'attempt':
        this.#attempted(event);
        break;
      case 'flush.end':
        this.#ended(event);
        break;
    }
  }

  /** Since when blocks are under way; `t` when none is. */
  busySince(t: number): number {
    return this.#busy === 0 ? t : this.#busySince;
  }

  /** In the order in which they were cut. A block that was cut again once it was in S3 is there twice. */
  get all(): readonly Course[] {
    return this.#all;
  }

  /**
   * By how much lateness may have delayed the block, of the time between `from` and `until`, at most; 0 when no process was late by more than
   * `tolerated` at once, and none made a flush fail. `busySince`: when the path was idle last, before `from`.
   */
  delay(course: Course, busySince: number, from: number, until: number, tolerated: number): number {
    const hindered = this.#hindrance(tolerated);
    // Where the budget counts from a heal, what failed before it is as given as the heal is.
    const suspect = hindered.suspectsOf(course).find((flush) => flush.end > from);
    if (!suspect && hindered.count === 0 && !this.#late.stalled(busySince, until, tolerated)) return 0;
    const end = Math.max(from, Math.min(until, suspect?.start ?? until));
    const delay = this.#delayBetween(course, busySince, from, end, hindered) + Math.max(0, until - end);
    return Math.min(delay, Math.max(0, until - (course.outage?.until ?? Number.NEGATIVE_INFINITY)));
  }

  /** Whether a flush may have run into `flush_op_timeout` by lateness: of its own, or since an earlier one need not have failed. */
  mayHaveRunOut(course: Course, flush: Flush): boolean {
    const { busySince, start, end } = flush;
    const tolerated = (end - start) * TOLERATED_SHARE;
    const hindered = this.#hindrance(tolerated);
    const [suspect] = hindered.suspectsOf(course);
    return (suspect && suspect.start <= start) || hindered.within(busySince, end, course) > tolerated;
  }

  #delayBetween(course: Course, busySince: number, from: number, until: number, hindered: Hindered): number {
    const within = (begin: number, end: number) => {
      const late = this.#late.within(begin, end) + hindered.within(begin, end, course);
      return Math.min(Math.max(0, end - begin), late + this.#heldUp(begin, end));
    };
    let sum = within(Math.min(busySince, from), from);
    let begin = from;
    for (const [index, { end, due }] of course.flushes.entries()) {
      if (end >= until) break;
      if (due <= begin) continue;
      sum += within(begin, Math.max(begin, end));
      // A writer that was started again does not wait.
      begin = Math.max(begin, Math.min(due, course.flushes[index + 1]?.start ?? until, until));
    }
    return sum + within(begin, until);
  }

  /** Milliseconds of the stretch in which a writer waited for its next start, since one failed that need not have without lateness. */
  #heldUp(from: number, until: number): number {
    let sum = 0;
    for (const failed of this.#failedStarts) {
      const common = Math.min(until, failed.until) - Math.max(from, failed.start);
      const late = common > 0 ? this.#late.within(failed.start, failed.t) : 0;
      if (late > (failed.t - failed.start) * TOLERATED_SHARE) sum += common;
    }
    return sum;
  }

  #hindrance(tolerated: number): Hindered {
    const found = this.#hindered.get(tolerated);
    if (found) return found;
    let hindered = new Hindered(new Map());
    // What hinders others may make their attempts suspect in turn.
    for (;;) {
      const more = new Hindered(this.#suspects(tolerated, hindered));
      if (more.count === hindered.count) break;
      hindered = more;
    }
    this.#hindered.set(tolerated, hindered);
    return hindered;
  }

  #suspects(tolerated: number, hindered: Hindered): Map<Course, Flush[]> {
    const suspects = new Map<Course, Flush[]>();
    for (const course of this.#all) {
      const found = course.flushes.filter((flush) => this.#mayHaveFailed(course, flush, tolerated, hindered));
      if (found.length > 0) suspects.set(course, found);
    }
    return suspects;
  }

  #mayHaveFailed(course: Course, flush: Flush, tolerated: number, hindered: Hindered): boolean {
    const { start, end, busySince, waits, unknown, margin, ranOut } = flush;
    if (ranOut && this.#late.stalled(busySince, end, (end - start) * TOLERATED_SHARE)) return true;
    if (this.#late.stalled(course.busySince, unknown, tolerated)) return true;
    if (waits.some((wait) => this.#mayHaveWaitedInVain(wait))) return true;
    if (margin === Number.POSITIVE_INFINITY) return false;
    return this.#delayBetween(course, course.busySince, course.cut, end, hindered) >= margin;
  }

  #mayHaveWaitedInVain({ start, end, phase, ms }: Wait): boolean {
    const natural = this.#answeredAfter[phase];
    // Less lateness than is tolerated of the wait says nothing, however close to the timeout the answers came.
    return this.#late.stalled(start, end, Math.max(ms * TOLERATED_SHARE, ms * (1 - TOLERATED_SHARE) - natural));
  }

  #started({ block, t }: FlushStartEvent): void {
    const course = this.#index.ofBlock(block);
    if (!course || course.visible !== undefined) return;
    const cutShort = openFlush(course);
    // Its process ended, and another one begins anew.
    if (cutShort) cutShort.end = cutShort.due = t;
    this.#goesOn(course, t);
    const unknown = Number.POSITIVE_INFINITY;
    course.flushes.push({
      ...{ start: t, busySince: this.#busySince, end: unknown, due: unknown, ranOut: false },
      ...{ waits: [], unknown: Number.NEGATIVE_INFINITY, margin: unknown },
    });
  }

  #attempted(attempt: AttemptEvent): void {
    const { failure, phases } = attempt;
    const vain = attempt.outcome === 'ok' ? undefined : inVain(attempt);
    const longest = this.#answeredAfter;
    // One by one: there are millions.
    if (phases.wait !== undefined && phases.wait > longest.wait && vain !== 'wait') longest.wait = phases.wait;
    if (phases.dns !== undefined && phases.dns > longest.dns && vain !== 'dns') longest.dns = phases.dns;
    if (phases.connect !== undefined && phases.connect > longest.connect && vain !== 'connect') {
      longest.connect = phases.connect;
    }
    if (phases.tls !== undefined && phases.tls > longest.tls && vain !== 'tls') longest.tls = phases.tls;
    // What was told to end was ended since another attempt had failed, which is what counts; and a deadline counts with its flush.
    if (attempt.outcome !== 'ok' && failure !== 'aborted' && failure !== 'deadline') this.#failed(attempt);
  }

  #failed(attempt: AttemptEvent): void {
    const course = this.#index.ofKey(attempt.key);
    const flush = openFlush(course);
    if (!course || !flush) return;
    const { start, t } = attempt;
    const since = this.#faults.since(attempt);
    const phase = this.#faults.answered(attempt) ? undefined : inVain(attempt);
    if (since !== undefined) {
      if (since > course.cut) flush.margin = Math.min(flush.margin, start - since);
    } else if (phase !== undefined) flush.waits.push({ start, end: t, phase, ms: attempt.phases[phase] ?? t - start });
    else flush.unknown = Math.max(flush.unknown, t);
  }

  #ended({ block, t, outcome, deadlineExceeded, retryIn }: FlushEndEvent): void {
    const course = this.#index.ofBlock(block);
    if (!course || course.visible !== undefined) return;
    const flush = openFlush(course);
    if (flush) {
      flush.end = t;
      flush.due = t + (retryIn ?? 0);
      flush.ranOut = deadlineExceeded;
    }
    if (outcome === 'ok') course.visible = t;
    if (outcome === 'ok' || retryIn !== undefined) this.#rests(course);
  }

  #goesOn(course: Course, t: number): void {
    if (course.busy) return;
    course.busy = true;
    if (this.#busy++ === 0) this.#busySince = t;
  }

  #rests(course: Course | undefined): void {
    if (!course?.busy) return;
    course.busy = false;
    this.#busy--;
  }
}

/** The phase that an attempt did not come to the end of. */
function inVain({ failure }: AttemptEvent): WaitPhase | undefined {
  if (failure === 'header-timeout') return 'wait';
  if (failure === 'dns' || failure === 'connect' || failure === 'tls') return failure;
  return undefined;
}

/** The one under way. */
function openFlush(course: Course | undefined): Flush | undefined {
  const last = course?.flushes.at(-1);
  return last?.end === Number.POSITIVE_INFINITY ? last : undefined;
}

/** The flushes that may have failed by lateness, and when some were under way that need not have been. */
class Hindered {
  readonly #suspects: ReadonlyMap<Course, Flush[]>;
  /** Apart from one another, and in their order. */
  readonly #spans: { start: number; end: number; before: number }[] = [];
  readonly count: number;

  constructor(suspects: ReadonlyMap<Course, Flush[]>) {
    this.#suspects = suspects;
    this.count = [...suspects.values()].reduce((sum, { length }) => sum + length, 0);
    const flushes = [...suspects].flatMap(([course, [first]]) =>
      course.flushes.filter(({ start }) => first && start >= first.start),
    );
    let before = 0;
    for (const { start, end } of flushes.sort((a, b) => a.start - b.start)) {
      const last = this.#spans.at(-1);
      if (last && start <= last.end) last.end = Math.max(last.end, end);
      else {
        if (last) before += last.end - last.start;
        this.#spans.push({ start, end, before });
      }
    }
  }

  /** In their order. */
  suspectsOf(course: Course): readonly Flush[] {
    return this.#suspects.get(course) ?? [];
  }

  /** Milliseconds of the stretch in which such flushes were under way; 0 for a block that is the only one. */
  within(from: number, until: number, course: Course): number {
    if (this.#spans.length === 0 || (this.#suspects.size === 1 && this.#suspects.has(course))) return 0;
    return Math.max(0, this.#upTo(until) - this.#upTo(from));
  }

  #upTo(t: number): number {
    const span = this.#spans[firstWhere(this.#spans, ({ start }) => start >= t) - 1];
    return span ? span.before + Math.min(t, span.end) - span.start : 0;
  }
}
