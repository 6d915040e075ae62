/**
 * A checker judges one invariant, from the history alone. It sees the events one by one, in the order of time, and gives its
 * findings at the end. Pure: no clock, no I/O, no state outside the object that `start` made.
 */
import type { HistoryEvent } from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';
import type { Reads } from './audience.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

export interface Finding {
  checker: string;
  verdict: Verdict;
  /** What was found, with its evidence, for a Tempo operator. Durations as the config has them (compression undone). */
  message: string;
  /** The blocks it is about, if any. */
  blocks?: string[];
  /**
   * By how much a budget in time was missed at least, in milliseconds of the config's time; `never`: it would be missed however
   * long one waited.
   */
  missedByMs?: number | 'never';
  /** Of a pass: a reader is to be told of it all the same. */
  note?: true;
  /** The fault it is about, if any, and how many times that acted. */
  fault?: { id: string; fired: number };
}

/** What a checker is told beside the history. */
export interface CheckContext {
  expect: Expectations;
  compression: { time: number; bytes: number };
}

export interface RunningChecker {
  see(event: HistoryEvent): void;
  /** At least one finding: a checker that has nothing to object to passes, and says what it looked at. */
  findings(): Finding[];
}

export interface Checker {
  readonly name: string;
  /** The invariant in one sentence. */
  readonly invariant: string;
  /**
   * `safety`: a violation is a fail, whatever else was wrong with the run. `budget`: a miss is a fail only if the harness
   * was not late. `validity`: without it the run proves nothing.
   */
  readonly kind: 'safety' | 'budget' | 'validity';
  readonly reads: Reads;
  /** Of one that judges only what a scenario expects: it can fail only when at least one of these is expected. */
  readonly judges?: readonly (keyof Expectations)[];
  /** Of one that never fails a run, and can only make it inconclusive. */
  readonly neverFails?: true;
  start(context: CheckContext): RunningChecker;
}
