/**
 * What each piece of a request takes without trouble, by the kind of request.
 *
 * 1. Each attempt that ended ok is counted: those of the steady state by themselves, and all of them.
 * 2. The usual is the median of the steady state, or the lower fifth of all, whichever is less: of a run that is in trouble most of the time
 *    the quickest are what shows how it is without.
 * 3. Of a kind that was never seen to end ok, it is that of all kinds together.
 * 4. A body larger than those seen is given more time, by its bytes.
 */
import { Durations } from './durations.ts';
import type { Work } from './flush-time.ts';
import type { Piece, Pieces } from './piece.ts';

const STEADY_QUANTILE = 0.5;
const QUICK_QUANTILE = 0.2;

/** Bytes. Below, what a body weighs does not matter beside its headers. */
export const SMALL_BODY = 64 * 1024;

const everyKind = '';

/** Of one kind of request. */
class Kind {
  /** Of all bodies, and how many there were. */
  bytes = 0;
  count = 0;
  readonly steady = new Map<Piece, Durations>();
  readonly all = new Map<Piece, Durations>();
  #steadyCount = 0;

  add(taken: Pieces, bytes: number, steady: boolean): void {
    this.count++;
    this.bytes += bytes;
    addTo(this.all, taken);
    if (!steady) return;
    this.#steadyCount++;
    addTo(this.steady, taken);
  }

  usual(piece: Piece): number {
    const quick = this.all.get(piece)?.quantile(QUICK_QUANTILE, this.count) ?? 0;
    if (quick === 0) return 0;
    const steady =
      this.#steadyCount === 0 ? quick : (this.steady.get(piece)?.quantile(STEADY_QUANTILE, this.#steadyCount) ?? 0);
    return Math.min(quick, steady);
  }
}

/** A piece that a request did not have took no time: it is not counted one by one. */
function addTo(known: Map<Piece, Durations>, taken: Pieces): void {
  for (const piece in taken) {
    let durations = known.get(piece as Piece);
    if (!durations) {
      durations = new Durations();
      known.set(piece as Piece, durations);
    }
    durations.add(taken[piece as Piece] as number);
  }
}

export class Usual {
  readonly #kinds = new Map<string, Kind>();

  /** What of these went well. */
  learn(works: readonly Work[], steady: boolean): void {
    for (const { due, kind, count, bytes, full } of works) {
      if (!due) this.add(kind, count === 1 ? full : shareOf(full, count), bytes, steady);
    }
  }

  /** One request of this kind that went well. */
  add(kind: string, taken: Pieces, bytes: number, steady: boolean): void {
    this.#kind(kind).add(taken, bytes, steady);
    this.#kind(everyKind).add(taken, bytes, steady);
  }

  /** Milliseconds. */
  of(kind: string, piece: Piece, bytes: number): number {
    const known = this.#kinds.get(kind) ?? this.#kinds.get(everyKind);
    if (!known) return 0;
    const mean = Math.max(SMALL_BODY, known.bytes / known.count);
    return known.usual(piece) * Math.max(1, bytes / mean);
  }

  #kind(name: string): Kind {
    let known = this.#kinds.get(name);
    if (!known) {
      known = new Kind();
      this.#kinds.set(name, known);
    }
    return known;
  }
}

function shareOf(full: Pieces, count: number): Pieces {
  return Object.fromEntries(Object.entries(full).map(([piece, ms]) => [piece, ms / count]));
}
