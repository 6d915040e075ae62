/**
 * The time of one flush, cut into pieces.
 *
 * 1. Each of its attempts is cut into stretches (attempt-pieces.ts); the wait before the next attempt is a stretch too, due to what failed
 *    the attempt.
 * 2. The flush is walked from its begin to its end, from one change to the next. What is under way at an instant shares that instant equally:
 *    so the pieces sum to the duration, however many parts are sent at a time (docs/decisions/100-pieces-of-a-flush.md).
 * 3. While nothing is under way, the flush waits for the last attempt's sake if that failed (minio-go sleeps after its last attempt too); else
 *    the writer itself is at work.
 * 4. Of a moment in which the writer's process did not run, what is seen by the client alone is the process's, unless the client went on to
 *    wait for the same answer from outside when it ran again.
 */
import type { AttemptEvent } from '../../history/events.ts';
import { cutAttempt, type Stretch } from './attempt-pieces.ts';
import { type Due, dueTo } from './due.ts';
import type { Piece, Pieces } from './piece.ts';
import type { SeenEdge } from './seen-edge.ts';

/** An attempt, with what the S3 edge saw of it. */
export interface Seen {
  attempt: AttemptEvent;
  edge: SeenEdge | undefined;
}

/** In this time the process of the writer did not run for this share. */
export interface Blocked {
  from: number;
  until: number;
  share: number;
}

/** One attempt, with the wait after it; or what the writer itself did. */
export interface Work {
  kind: string;
  /** What failed it; absent: it ended ok, or was cut off. */
  due?: Due;
  /** S3 had not answered the same request before: it is silent, not slow. */
  silent: boolean;
  /** 1; of the writer's own work, the attempts of the flush. */
  count: number;
  /** Of its body. */
  bytes: number;
  /** As it took it. */
  full: Pieces;
  /** Of the flush's time: shared with what was under way beside it. */
  shared: Pieces;
}

/** The kind of what the writer does between requests. */
export const ownWork = 'own work';

/** Stretches that see no difference when the writer's process stands still: S3 works on, and a wait is a wait. */
const unmoved = new Set<Piece>(['s3', 'backoff']);
/**
 * In these the process waits for a word from outside, which comes all the same: had it come while the process stood still, the stretch had
 * ended when it went on. So only the standing still at its end can have made it longer.
 */
const awaiting = new Set<Piece>(['dns', 'connect', 'answer']);
/** Milliseconds that a process may take to notice what came while it stood still. */
const NOTICES_MS = 50;

interface Active extends Stretch {
  work: Work;
}

/** What goes on from `start` to `end` (`t` of the history). */
export function cutFlush(start: number, end: number, seen: readonly Seen[], blocked: readonly Blocked[]): Work[] {
  const { works, active } = stretchesOf(inOrder(seen));
  const own: Work = { kind: ownWork, silent: false, count: Math.max(1, seen.length), bytes: 0, full: {}, shared: {} };
  works.push(own);
  if (blocked.length === 0 && areInTurn(active)) {
    // Nothing is shared.
    for (const work of works) work.shared = work.full;
    walkInTurn(start, end, active, own);
  } else {
    walk(start, end, active, blocked, own);
  }
  return works;
}

/** One after another: what most flushes are, and quick to walk. */
function areInTurn(active: readonly Active[]): boolean {
  return active.every(({ from }, index) => index === 0 || from >= (active[index - 1] as Active).until);
}

function walkInTurn(start: number, end: number, active: readonly Active[], own: Work): void {
  let at = start;
  let last: Active | undefined;
  for (const stretch of active) {
    const { work, piece } = stretch;
    const from = Math.min(stretch.from, end);
    const until = Math.min(stretch.until, end);
    if (until <= start) continue;
    if (from > at) idle(last, own, from - at, 0);
    if (until > Math.max(from, start)) spend(work, piece, until - Math.max(from, start), 1, 0);
    at = Math.max(at, until);
    last = stretch;
  }
  if (end > at) idle(last, own, end - at, 0);
}

function walk(start: number, end: number, active: readonly Active[], blocked: readonly Blocked[], own: Work): void {
  const begins = active.filter(({ from, until }) => until > start && from < end).sort((a, b) => a.from - b.from);
  const current: Active[] = [];
  let begun = 0;
  let last: Active | undefined;
  for (let at = start; at < end; ) {
    for (let next = begins[begun]; next && next.from <= at; next = begins[++begun]) current.push(next);
    let until = Math.min(end, begins[begun]?.from ?? end);
    let left = 0;
    for (const stretch of current) {
      if (stretch.until <= at) {
        if (!last || stretch.until >= last.until) last = stretch;
        continue;
      }
      current[left++] = stretch;
      until = Math.min(until, stretch.until);
    }
    current.length = left;
    let busy = 0;
    let busyUntil = at;
    for (const one of blocked) {
      if (one.from > at) until = Math.min(until, one.from);
      else if (one.until > at) {
        until = Math.min(until, one.until);
        busyUntil = Math.max(busyUntil, one.until);
        busy = Math.max(busy, one.share);
      }
    }
    for (const { work, piece, until: ends } of current) {
      const goesOn = awaiting.has(piece) && ends > busyUntil + NOTICES_MS;
      spend(work, piece, until - at, left, goesOn ? 0 : busy);
    }
    if (left === 0) idle(last, own, until - at, busy);
    at = until;
  }
}

/** Nothing is under way. */
function idle(last: Active | undefined, own: Work, ms: number, busy: number): void {
  if (last?.work.due) spend(last.work, 'backoff', ms, 1, busy);
  else spend(own, 'writer', ms, 1, busy);
}

/** The object's kind and the operation: what takes about the same time each time. */
export function kindOf({ operation, key }: Pick<AttemptEvent, 'operation' | 'key'>): string {
  let end = key.length;
  while (isDigit(key.charCodeAt(end - 1))) end--;
  return `${operation} ${key.slice(key.lastIndexOf('/') + 1, end)}`;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** So that the order in which events of the same moment are told makes no difference. */
function inOrder(seen: readonly Seen[]): Seen[] {
  return [...seen].sort(
    ({ attempt: a }, { attempt: b }) =>
      a.start - b.start || a.t - b.t || a.attempt - b.attempt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

function stretchesOf(seen: readonly Seen[]): { works: Work[]; active: Active[] } {
  const silent = new Set<string>();
  const works: Work[] = [];
  const active: Active[] = [];
  for (const [index, { attempt, edge }] of seen.entries()) {
    const { t, request, retryIn } = attempt;
    const why = dueTo(attempt, edge);
    if (why?.cause === 'silent') silent.add(request);
    const work: Work = {
      kind: kindOf(attempt),
      ...(why && { due: why }),
      silent: why === undefined && silent.has(request),
      count: 1,
      bytes: Math.max(attempt.bytesSent, edge?.bytesIn ?? 0),
      full: {},
      shared: {},
    };
    works.push(work);
    for (const { piece, from, until } of cutAttempt(attempt, edge)) active.push({ piece, from, until, work });
    if (retryIn === undefined) continue;
    const again = seen.find(
      (other, place) => place > index && other.attempt.request === request && other.attempt.start >= t,
    );
    const until = Math.min(t + retryIn, again?.attempt.start ?? Number.POSITIVE_INFINITY);
    if (until > t) active.push({ piece: 'backoff', from: t, until, work });
  }
  return { works, active };
}

function spend(work: Work, piece: Piece, ms: number, among: number, busy: number): void {
  const cpu = busy === 0 || unmoved.has(piece) ? 0 : ms * busy;
  add(work, piece, ms - cpu, among);
  add(work, 'cpu', cpu, among);
}

function add({ full, shared }: Work, piece: Piece, ms: number, among: number): void {
  if (ms === 0) return;
  full[piece] = (full[piece] ?? 0) + ms;
  if (shared !== full) shared[piece] = (shared[piece] ?? 0) + ms / among;
}
