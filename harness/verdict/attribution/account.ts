/** A flush that has been cut into pieces. */
import type { FlushEndEvent, FlushStartEvent } from '../../history/events.ts';
import type { Completion } from './completions.ts';
import type { FlushTime } from './flush-blame.ts';
import type { Work } from './flush-time.ts';

export interface Account {
  start: FlushStartEvent;
  end: FlushEndEvent;
  works: Work[];
  /** Attempts, and those of them that did not end well. */
  sent: number;
  failed: number;
  failedBy: FlushTime['failed'] | undefined;
  /** The attempts to complete its block, of the first flush of it. */
  completions: readonly Completion[];
  /** What it waited for, with its completions. */
  queued: Waited[];
  /** See `BusyMachine`: from when its block could first have been worked on. */
  busyMs: number;
}

/** Milliseconds in a queue, by what held it. */
export interface Waited {
  ms: number;
  behind: Holder;
}

/** `undefined`: a flush that had no trouble. */
export type Holder = Account | Completion | undefined;
