/** Where the time of one flush went: pieces that sum to its duration, which is its deadline if that ended it. */
import type { Blame } from './blame.ts';
import type { Piece } from './piece.ts';

/** All times are in milliseconds of the config's time. */
export interface Waterfall {
  writer: string;
  block: string;
  /** 1 for the first flush of the block. */
  attempt: number;
  outcome: 'ok' | 'fail';
  deadlineExceeded: boolean;
  /** What Tempo would log. */
  error?: string;
  /** When it began, since the begin of the timeline. */
  startedAt: number;
  durationMs: number;
  /** Before it began: the block waited for one of the writer's queues. Not in the rows, but in the blame. */
  queuedMs: number;
  /** How many attempts of S3 operations it sent, and how many of them failed. */
  attempts: { sent: number; failed: number };
  /** In the order of `pieces`; their `ms` sum to `durationMs`. `usualMs`: what the same work takes without trouble, of that. */
  rows: { piece: Piece; ms: number; usualMs: number }[];
  /** Who is to blame for what it lost. */
  blame: Blame;
}
