/**
 * What one flush lost, and whom that is due to.
 *
 * 1. A failed attempt is lost whole, with the wait after it, and due to what failed it. What it took beyond the usual on another side than
 *    the one that failed it is due to that side: a 503 did not make its body slow to send.
 * 2. Of any other attempt, what each piece took beyond the usual is lost, and due to what that piece is about.
 * 3. Of the way of a large body, so much is latency as small requests of the same flush took longer than usual; the rest is bandwidth.
 * 4. The wait until the block is flushed again is due to what failed the flush; of a deadline, to what the flush lost its time to.
 * 5. What Tempo, as it is set up, would have outlived is the client's: a deadline that is shorter than Tempo's and in which nothing failed,
 *    when the work that was left would have been done within Tempo's; a request that was given up before Tempo's number of attempts, while S3
 *    answered again soon after. So is a deadline that ended a flush which lost less than half of its time. Then all of the flush is lost.
 */
import type { CheckContext } from '../../checkers/checker.ts';
import { configTime } from '../../checkers/config-time.ts';
import type { Blame, Cause, Side } from './blame.ts';
import { type Due, due } from './due.ts';
import { ownWork, type Work } from './flush-time.ts';
import type { Piece, Pieces } from './piece.ts';
import { SMALL_BODY, type Usual } from './usual.ts';

/** Milliseconds that are due to each. */
export class Dues {
  readonly #ms = new Map<Cause, { side: Side; ms: number }>();

  add({ side, cause }: Due, ms: number): this {
    if (ms <= 0) return this;
    const known = this.#ms.get(cause) ?? { side, ms: 0 };
    known.ms += ms;
    this.#ms.set(cause, known);
    return this;
  }

  merge(other: Dues, factor = 1): this {
    for (const [cause, { side, ms }] of other.#ms) this.add({ side, cause }, ms * factor);
    return this;
  }

  get total(): number {
    return [...this.#ms.values()].reduce((sum, { ms }) => sum + ms, 0);
  }

  /** The most first; of equals, by their names. */
  list(): { side: Side; cause: Cause; ms: number }[] {
    return [...this.#ms]
      .map(([cause, { side, ms }]) => ({ side, cause, ms }))
      .sort((a, b) => b.ms - a.ms || (a.cause < b.cause ? -1 : 1));
  }
}

/** What is due of the time that so many flushes lost, as it is told. */
export function blameFor(dues: Dues, flushes: number, compression: CheckContext['compression']): Blame {
  const total = dues.total;
  const causes = dues.list().map(({ side, cause, ms }) => ({
    side,
    cause,
    share: ms / total,
    ms: configTime(ms, compression),
  }));
  return { lostMs: configTime(total, compression), flushes, causes };
}

export interface FlushLoss {
  dues: Dues;
  /** Of the flush's time. */
  taken: Pieces;
  usual: Pieces;
}

export interface FlushTime {
  works: readonly Work[];
  duration: number;
  /** How it ended. Absent: well. */
  failed?: {
    /** Absent: by its deadline, or because the writer was stopped. */
    by?: Due;
    deadlineExceeded: boolean;
    /** What Tempo as it is set up would have outlived. */
    early?: 'deadline' | 'attempts';
    /** Milliseconds until the block is flushed again. */
    retryIn: number;
  };
}

/**
 * A piece that took so many times the usual, and so many milliseconds more, took too long: less is what a busy machine makes of any. Of an
 * attempt that failed, what failed it is to be blamed unless another piece is far beyond that.
 */
const noise = { others: { times: 2, ms: 2 }, failed: { times: 4, ms: 20 } };

/** A flush that lost a smaller share of its time to trouble had too little of it. */
const MOSTLY_LOST = 0.5;

export function lossOf({ works, duration, failed }: FlushTime, usual: Usual): FlushLoss {
  const loss: FlushLoss = { dues: new Dues(), taken: {}, usual: {} };
  const latency = latencyOf(works, usual);
  for (const work of works) {
    for (const name in work.shared) {
      const piece = name as Piece;
      const shared = work.shared[piece] as number;
      add(loss.taken, piece, shared);
      const full = work.full[piece] as number;
      const over = overUsual(work, piece, usual);
      const lost = shared * (over / full);
      const why = whyOf(work, piece);
      if (work.due) {
        if (isOfFailure(work.due, why)) loss.dues.add(work.due, shared);
        else {
          addOver(loss.dues, work, piece, why, lost, over, latency);
          loss.dues.add(work.due, shared - lost);
        }
      } else {
        addOver(loss.dues, work, piece, why, lost, over, latency);
        add(loss.usual, piece, shared - lost);
      }
    }
  }
  return failed ? { ...loss, dues: ofFailed(loss.dues, duration, failed) } : loss;
}

/** An error that came late was slow to come; and to throttle is to keep waiting. */
function isOfFailure(failed: Due, why: Due): boolean {
  return why.side === failed.side && failed.cause !== 'error';
}

function ofFailed(dues: Dues, duration: number, failed: NonNullable<FlushTime['failed']>): Dues {
  const { by, deadlineExceeded, early, retryIn } = failed;
  if (early) return new Dues().add(due('client', early), duration + retryIn);
  const lost = dues.total;
  if (by) return dues.add(by, retryIn);
  if (!deadlineExceeded) return dues;
  if (lost < duration * MOSTLY_LOST) return dues.add(due('client', 'deadline'), duration - lost + retryIn);
  return new Dues().merge(dues, 1 + retryIn / lost);
}

/** Milliseconds of `full`; 0 for what is within the noise. */
function overUsual(work: Work, piece: Piece, usual: Usual): number {
  const full = work.full[piece] as number;
  // Nobody waits without trouble.
  if (piece === 'backoff') return full;
  const each = usual.of(work.kind, piece, work.bytes / work.count);
  const { times, ms } = work.due ? noise.failed : noise.others;
  return full > work.count * (each * times + ms) ? full - work.count * each : 0;
}

/** How much later than usual one small request came to S3, milliseconds. */
function latencyOf(works: readonly Work[], usual: Usual): number {
  let ms = 0;
  let count = 0;
  for (const work of works) {
    if (work.due || !isSmall(work) || work.kind === ownWork) continue;
    count++;
    if (work.full.way) ms += overUsual(work, 'way', usual);
  }
  return count === 0 ? 0 : ms / count;
}

function isSmall({ bytes, count }: Work): boolean {
  return bytes <= SMALL_BODY * count;
}

function addOver(dues: Dues, work: Work, piece: Piece, why: Due, lost: number, over: number, latency: number): void {
  if (piece !== 'way' || isSmall(work) || over === 0) {
    dues.add(why, lost);
    return;
  }
  const late = Math.min(1, latency / over);
  dues.add(due('network', 'latency'), lost * late);
  dues.add(due('network', 'bandwidth'), lost * (1 - late));
}

function whyOf(work: Work, piece: Piece): Due {
  switch (piece) {
    case 'pool':
      return due('client', 'pool');
    case 'dns':
    case 'connect':
    case 'tls':
      return due('network', piece);
    // Between requests the writer reads what it is to sign and to send.
    case 'disk':
    case 'writer':
      return due('machine', 'disk');
    case 'cpu':
    case 'completing':
      return due('machine', piece);
    case 'uplink':
      return due('network', 'bandwidth');
    case 'way':
    case 'answer':
      return due('network', 'latency');
    case 's3':
      return due('s3', work.silent ? 'silent' : 'slow');
    case 'backoff':
      return work.due ?? due('s3', 'error');
  }
}

function add(to: Pieces, piece: Piece, ms: number): void {
  to[piece] = (to[piece] ?? 0) + ms;
}
