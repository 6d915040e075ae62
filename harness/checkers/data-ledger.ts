/**
 * Where every byte went that a writer acknowledged.
 *
 * 1. A push puts bytes into memory (*live*). They leave it with the page of the WAL that they are written to, or when they are declared
 *    lost since that page could not be written; or with the process. Each push tells what is in memory, which has to be just that.
 * 2. A page puts bytes into its block. From then on they are to be found there: as the data of the block once that is cut, or in its
 *    WAL when the run is over; or they are declared lost, by `data.lost`, or by `block.dropped` of a block that was never cut. What
 *    becomes of a block that was cut is not the ledger's business, but durability's.
 * 3. A block that is cut again, or whose WAL is still there when it is cut, has its data once.
 * 4. A process that is killed takes with it what is live. A page that was closed, and not told of before the kill, is in its block all
 *    the same: so much less went with the process.
 * 5. A process that is stopped in order takes nothing with it, unless that is declared.
 *
 * What is over when all that is added up is either *undeclared* (acknowledged, and nowhere) or *surplus* (somewhere, and never
 * acknowledged). In a history of a correct writer both are 0. A writer without pushes is not accounted for.
 */
import type { DataLostEvent, HistoryEvent, PushEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { dataOf } from './block-index.ts';
import { wayOfLoss } from './way-of-loss.ts';

/** Bytes of trace data, as they passed (compressed), of one writer or of all. */
export interface DataAccount {
  acknowledged: number;
  /** Refused by a limit: its sender knows of it. */
  refused: number;
  /** The data of blocks that were cut. */
  inBlocks: number;
  /** In closed pages of blocks that were not cut, when the run was over. */
  inWal: number;
  /** In memory when the run was over. */
  live: number;
  /** Acknowledged, and declared lost: pages that could not be written, or that went with their WAL. */
  walLost: number;
  /** Acknowledged, in no page of the WAL yet, and gone with a process. */
  liveLost: number;
  /** Acknowledged, and nowhere: out of closed pages, or out of memory without a kill. */
  undeclared: number;
  /** In blocks or pages, and never acknowledged. */
  surplus: number;
}

export class DataLedger {
  static readonly reads = [
    'push',
    'wal.page',
    'data.lost',
    'block.cut',
    'block.dropped',
    'final.wal',
    'writer.process',
  ] as const satisfies Reads;

  readonly #writers = new Map<string, WriterLedger>();
  #kills = 0;
  #stops = 0;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'push':
        this.#of(event.writer).pushed(event);
        break;
      case 'wal.page':
        this.#of(event.writer).paged(event.block, event.bytes);
        break;
      case 'data.lost':
        this.#of(event.writer).lost(event);
        break;
      case 'block.cut':
        this.#of(event.writer).block(event.block).cut = dataOf(event)?.size ?? 0;
        break;
      case 'block.dropped':
        this.#of(event.writer).block(event.block).dropped = true;
        break;
      case 'final.wal':
        this.#of(event.writer).block(event.block).wal = event.bytes;
        break;
      case 'writer.process':
        if (event.what !== 'killed' && event.what !== 'stopped') return;
        if (event.what === 'killed') this.#kills++;
        else this.#stops++;
        for (const writer of event.writers) this.#of(writer).ended(event.what);
        break;
    }
  }

  /** Processes that were killed, and that were stopped in order, by faults. */
  get ends(): { kills: number; stops: number } {
    return { kills: this.#kills, stops: this.#stops };
  }

  /** Of each writer that data was pushed to, in the order of their first event. */
  accounts(): { writer: string; account: DataAccount; undeclaredOf: string[] }[] {
    return [...this.#writers]
      .filter(([, ledger]) => ledger.hasPushes)
      .map(([writer, ledger]) => ({ writer, ...ledger.account() }));
  }

  /** Of all writers together. */
  total(): DataAccount {
    const total = emptyAccount();
    for (const { account } of this.accounts()) {
      for (const [name, bytes] of Object.entries(account)) total[name as keyof DataAccount] += bytes;
    }
    return total;
  }

  #of(writer: string): WriterLedger {
    const known = this.#writers.get(writer);
    if (known) return known;
    const ledger = new WriterLedger();
    this.#writers.set(writer, ledger);
    return ledger;
  }
}

interface BlockEntry {
  /** In pages that were told of. */
  paged: number;
  /** Declared lost: of closed pages, and before a page could be closed. */
  lostFromWal: number;
  lostBefore: number;
  /** Bytes of data of its last cut. Absent: it was never cut. */
  cut?: number;
  wal?: number;
  dropped?: true;
}

/** One end of a writer's process. */
interface End {
  how: 'killed' | 'stopped';
  /** What was in memory, by the ledger. */
  live: number;
  declared: number;
}

class WriterLedger {
  readonly #blocks = new Map<string, BlockEntry>();
  readonly #ends: End[] = [];
  #acknowledged = 0;
  #refused = 0;
  #pushes = 0;
  /** In memory now, by the ledger. */
  #live = 0;
  /** The least that it ever was: below 0, pages had more than was pushed. */
  #least = 0;
  /** By how much the writer, at its pushes, had less in memory than the ledger, and by how much more. */
  #vanished = 0;
  #appeared = 0;
  /** The process has ended, and no other one took anything in yet: what is declared now went with that end. */
  #afterEnd = false;
  /** Declared before the end that it went with. */
  #declaredAhead = 0;

  get hasPushes(): boolean {
    return this.#pushes > 0;
  }

  block(id: string): BlockEntry {
    const known = this.#blocks.get(id);
    if (known) return known;
    const entry: BlockEntry = { paged: 0, lostFromWal: 0, lostBefore: 0 };
    this.#blocks.set(id, entry);
    return entry;
  }

  pushed({ bytes, refused, live }: PushEvent): void {
    this.#pushes++;
    this.#afterEnd = false;
    this.#acknowledged += bytes;
    this.#refused += refused?.bytes ?? 0;
    this.#live += bytes;
    this.#vanished += Math.max(0, this.#live - live.bytes);
    this.#appeared += Math.max(0, live.bytes - this.#live);
    this.#live = live.bytes;
  }

  paged(block: string, bytes: number): void {
    this.block(block).paged += bytes;
    this.#leaveMemory(bytes);
  }

  lost({ what, block, bytes, reason }: DataLostEvent): void {
    if (what === 'live-traces') {
      const end = this.#afterEnd ? this.#ends.at(-1) : undefined;
      if (end) end.declared += bytes;
      else this.#declaredAhead += bytes;
      return;
    }
    const entry = this.block(block ?? '');
    // A page that could not be written was in memory; any other loss is of closed pages.
    if (wayOfLoss(reason) === 'cutting') {
      entry.lostBefore += bytes;
      this.#leaveMemory(bytes);
    } else {
      entry.lostFromWal += bytes;
    }
  }

  ended(how: End['how']): void {
    this.#ends.push({ how, live: Math.max(0, this.#live), declared: this.#declaredAhead });
    this.#declaredAhead = 0;
    this.#live = 0;
    this.#afterEnd = true;
  }

  account(): { account: DataAccount; undeclaredOf: string[] } {
    const account = { ...emptyAccount(), acknowledged: this.#acknowledged, refused: this.#refused };
    const undeclaredOf: string[] = [];
    for (const [block, entry] of this.#blocks) {
      const { inBlocks, inWal, walLost, undeclared } = settle(entry);
      account.inBlocks += inBlocks;
      account.inWal += inWal;
      account.walLost += walLost;
      account.undeclared += undeclared;
      if (undeclared > 0) undeclaredOf.push(block);
    }
    account.live = Math.max(0, this.#live);
    account.undeclared += this.#vanished;

    const found = account.inBlocks + account.inWal + account.walLost + account.live + account.undeclared;
    const gone = account.acknowledged - found;
    const mayBeGone = this.#mayBeGone();
    account.liveLost = Math.min(Math.max(0, gone), mayBeGone);
    account.undeclared += Math.max(0, gone - mayBeGone);
    account.surplus = Math.max(0, -gone, -this.#least, this.#appeared);
    return { account, undeclaredOf };
  }

  /** At most so much of what was live went with processes. */
  #mayBeGone(): number {
    return this.#ends.reduce(
      (sum, { how, live, declared }) => sum + (how === 'killed' ? Math.max(live, declared) : declared),
      this.#declaredAhead,
    );
  }

  #leaveMemory(bytes: number): void {
    this.#live -= bytes;
    this.#least = Math.min(this.#least, this.#live);
  }
}

/** What became of a block's bytes, each counted once. */
function settle({ paged, lostFromWal, lostBefore, cut, wal = 0, dropped }: BlockEntry) {
  const kept = cut ?? wal;
  const missing = Math.max(0, paged - kept);
  // A block that was given up before it was cut is declared lost with all that it had.
  const lost = dropped && cut === undefined ? missing : Math.min(lostFromWal, missing);
  return {
    inBlocks: cut ?? 0,
    inWal: cut === undefined ? wal : 0,
    walLost: lost + lostBefore,
    undeclared: missing - lost,
  };
}

function emptyAccount(): DataAccount {
  return {
    acknowledged: 0,
    refused: 0,
    inBlocks: 0,
    inWal: 0,
    live: 0,
    walLost: 0,
    liveLost: 0,
    undeclared: 0,
    surplus: 0,
  };
}
