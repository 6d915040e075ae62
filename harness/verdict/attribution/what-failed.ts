/** What a flush failed by, and whether Tempo, as it is set up, would have outlived that: a deadline or attempts that were too few. */
import type { CheckContext } from '../../checkers/checker.ts';
import type { AttemptEvent, FlushEndEvent } from '../../history/events.ts';
import { type Due, due, dueTo, isWorthRetrying } from './due.ts';
import type { FlushTime } from './flush-blame.ts';
import type { EndedFlush } from './open-flushes.ts';
import { SOON_MS } from './patience.ts';

/** `flush_op_timeout` as Tempo 2 sets it up; what is ended a little earlier was ended by it. */
const TEMPOS_DEADLINE_MS = 5 * 60_000;
const NEARLY = 0.95;
/** minio-go's (docs/clients.md). */
const TEMPOS_ATTEMPTS = 10;

type Compression = CheckContext['compression'];

/** Of one that failed. */
export function whatFailed(flush: EndedFlush, compression: Compression): NonNullable<FlushTime['failed']> {
  const { deadlineExceeded, retryIn = 0 } = flush.end;
  const by = deadlineExceeded ? undefined : firstGivenUp(flush);
  const early = deadlineExceeded ? wasDeadlineTooShort(flush, compression) : gaveUpEarly(flush, compression);
  const which = deadlineExceeded ? 'deadline' : 'attempts';
  return { deadlineExceeded, retryIn, ...(by && { by }), ...(early && { early: which }) };
}

/** In Go's words: the writer was told to stop. What its flushes took says nothing. */
export function wasStopped({ outcome, deadlineExceeded, error }: FlushEndEvent): boolean {
  return outcome === 'fail' && !deadlineExceeded && (error?.endsWith('context canceled') ?? false);
}

/** Nothing failed, and at the pace at which it went on it would have been done within Tempo's own deadline. */
function wasDeadlineTooShort({ start, end, attempts, objects, edges }: EndedFlush, compression: Compression): boolean {
  const patience = TEMPOS_DEADLINE_MS / compression.time;
  const taken = end.t - start.t;
  if (taken > patience * NEARLY || attempts.some((attempt) => dueTo(attempt, edges.get(attempt.id)))) return false;
  const done = attempts.filter(({ outcome }) => outcome === 'ok').length;
  const begun = new Set(attempts.map(({ key }) => key)).size;
  const needed = attempts.length + Math.max(0, objects - begun);
  return done > 0 && (taken * needed) / done <= patience;
}

function gaveUpEarly({ attempts, end, answeredAfter }: EndedFlush, compression: Compression): boolean {
  if (answeredAfter === undefined || answeredAfter > end.t + SOON_MS / compression.time) return false;
  return lastOfEach(attempts).some(
    (attempt) => isWorthRetrying(attempt) && attempt.retryIn === undefined && attempt.attempt < TEMPOS_ATTEMPTS,
  );
}

/** Of requests. Where none was given up, the writer could not read what it was to send. */
function firstGivenUp({ attempts, edges }: EndedFlush): Due {
  const dues = lastOfEach(attempts)
    .sort((a, b) => a.t - b.t || (a.id < b.id ? -1 : 1))
    .map((attempt) => attempt.retryIn === undefined && dueTo(attempt, edges.get(attempt.id)));
  const [first] = dues.filter((one) => one !== false && one !== undefined);
  return first || due('machine', 'disk');
}

/** The last attempt of each request. */
function lastOfEach(attempts: readonly AttemptEvent[]): AttemptEvent[] {
  const last = new Map<string, AttemptEvent>();
  for (const attempt of attempts) {
    const known = last.get(attempt.request);
    if (!known || known.attempt < attempt.attempt) last.set(attempt.request, attempt);
  }
  return [...last.values()];
}
