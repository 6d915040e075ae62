/** Where the time of one flush went: pieces that sum to its duration, which is its deadline if that ended it. */
import type { CheckContext } from '../../checkers/checker.ts';
import { configTime } from '../../checkers/config-time.ts';
import type { FlushEndEvent } from '../../history/events.ts';
import type { Moments } from '../moments.ts';
import type { Blame } from './blame.ts';
import { blameFor } from './flush-blame.ts';
import { type Piece, pieces } from './piece.ts';
import type { Loss } from './weighing.ts';

/** All times are in milliseconds of the config's time. */
export interface Waterfall
  extends Pick<FlushEndEvent, 'writer' | 'block' | 'attempt' | 'outcome' | 'deadlineExceeded' | 'error'> {
  /** When it began, since the begin of the timeline. */
  startedAt: number;
  durationMs: number;
  /** Before the first flush of a block: what it took to be completed (WAL to local block). Not in the rows, but in the blame. */
  completing: { ms: number; usualMs: number };
  /** Before it began: the block waited for one of the writer's queues. Not in the rows, but in the blame. */
  queuedMs: number;
  /** How many attempts of S3 operations it sent, and how many of them failed. */
  attempts: { sent: number; failed: number };
  /** In the order of `pieces`; their `ms` sum to `durationMs`. `usualMs`: what the same work takes without trouble, of that. */
  rows: { piece: Piece; ms: number; usualMs: number }[];
  /** Who is to blame for what it lost. */
  blame: Blame;
}

export function waterfallOf(
  { account: { start, end, sent, failed }, loss, completing, queuedMs }: Loss,
  { moments, compression }: Pick<CheckContext, 'compression'> & { moments: Moments },
): Waterfall {
  const ms = (duration: number) => configTime(duration, compression);
  return {
    writer: start.writer,
    block: start.block,
    attempt: start.attempt,
    outcome: end.outcome,
    deadlineExceeded: end.deadlineExceeded,
    ...(end.error !== undefined && { error: end.error }),
    startedAt: moments.of(start.t),
    durationMs: ms(end.t - start.t),
    completing: { ms: ms(completing.ms), usualMs: ms(completing.usualMs) },
    queuedMs: ms(queuedMs),
    attempts: { sent, failed },
    rows: pieces
      .filter((piece) => loss.taken[piece])
      .map((piece) => ({ piece, ms: ms(loss.taken[piece] ?? 0), usualMs: ms(loss.usual[piece] ?? 0) })),
    blame: blameFor(loss.dues, 1, compression),
  };
}
