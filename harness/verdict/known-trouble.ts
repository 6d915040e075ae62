/** What happened to the blocks that got into trouble, when all of it is known (trouble.ts), by the blocks that one asks for. */
import { AttemptTally } from '../checkers/attempt-tally.ts';
import { type Span, widest } from './moments.ts';
import type { OrdealRecord, TroubleRecord } from './trouble.ts';

/** What a number of blocks went through together. Moments are in milliseconds of the config's time, from the timeline's begin. */
export interface Ordeal {
  attempts: AttemptTally;
  failedFlushes: number;
  /** Of them, those that ran into flush_op_timeout. */
  deadlines: number;
  /** The cuts of the first and of the last of the blocks. */
  cut?: Span;
  /** The first and the last failed attempt. */
  failing?: Span;
}

export interface FaultTime {
  id: string;
  /** Moments, as in `Ordeal`. */
  from: number;
  /** Absent: its end is not known. */
  until?: number;
}

export class KnownTrouble {
  readonly #ofAll: OrdealRecord;
  readonly #ofBlocks: ReadonlyMap<string, OrdealRecord>;
  readonly #faults: readonly FaultTime[];

  constructor({ ofAll, ofBlocks, faults }: TroubleRecord) {
    this.#ofAll = ofAll;
    this.#ofBlocks = new Map(ofBlocks);
    this.#faults = faults;
  }

  /** What all blocks went through, those without trouble too. */
  ofAll(): Ordeal {
    return together([this.#ofAll]);
  }

  /** What these blocks went through. A block that had no trouble adds nothing. */
  of(blocks: Iterable<string>): Ordeal {
    return together([...blocks].flatMap((block) => this.#ofBlocks.get(block) ?? []));
  }

  /** In the order in which they began. */
  faults(): readonly FaultTime[] {
    return this.#faults;
  }
}

function together(records: readonly OrdealRecord[]): Ordeal {
  const ordeal: Ordeal = { attempts: new AttemptTally(), failedFlushes: 0, deadlines: 0 };
  for (const { attempts, failedFlushes, deadlines, cut, failing } of records) {
    ordeal.attempts.merge(AttemptTally.from(attempts));
    ordeal.failedFlushes += failedFlushes;
    ordeal.deadlines += deadlines;
    if (cut) ordeal.cut = widest(ordeal.cut, cut);
    if (failing) ordeal.failing = widest(ordeal.failing, failing);
  }
  return ordeal;
}
