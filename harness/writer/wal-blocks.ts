/** The WAL blocks that were cut and are to be completed. In Tempo 3 they are deleted once they are old, completed or not. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import type { HeadBlock } from './head-block.ts';

export interface BlockInWal {
  /** It was dropped: there is nothing to complete any more. */
  readonly isDeleted: boolean;
  /** Resolves when it was dropped. Rejects when it cannot be deleted, and with what the writer is stopped with. */
  readonly deleted: Promise<void>;
  /** Gives it up: deletes it with its data. @throws Error of the disk. */
  drop(reason: string): Promise<void>;
  /** It is a local block now. */
  leave(): void;
}

interface Entry {
  head: HeadBlock;
  isDeleted: boolean;
  settle: { resolve: () => void; reject: (error: unknown) => void };
}

export class WalBlocks {
  readonly #entries = new Set<Entry>();

  /** `deletedAfter`: milliseconds after a block's end; 0: never. */
  constructor(
    private readonly writer: string,
    private readonly deletedAfter: number,
    private readonly about: { clock: Clock; record: Recorder },
  ) {}

  add(head: HeadBlock): BlockInWal {
    let settle: Entry['settle'] = { resolve: () => {}, reject: () => {} };
    const deleted = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    // It may be that nobody waits for it.
    deleted.catch(() => {});
    const entry: Entry = { head, isDeleted: false, settle };
    this.#entries.add(entry);
    return {
      get isDeleted() {
        return entry.isDeleted;
      },
      deleted,
      drop: (reason) => this.#drop(entry, reason),
      leave: () => void this.#entries.delete(entry),
    };
  }

  /** Deletes those that are old, until `signal`. */
  async clear(signal: AbortSignal): Promise<void> {
    if (this.deletedAfter === 0) return;
    const before = this.about.clock.date().getTime() - this.deletedAfter;
    for (const entry of this.#entries) {
      if (entry.head.endTime.getTime() >= before) continue;
      if (signal.aborted) return;
      // Who waits for `deleted` is told.
      await this.#drop(entry, 'deleting WAL block that was never completed').catch(() => {});
    }
  }

  stop(reason: unknown): void {
    for (const { settle } of this.#entries) settle.reject(reason);
  }

  async #drop(entry: Entry, reason: string): Promise<void> {
    const { clock, record } = this.about;
    entry.isDeleted = true;
    this.#entries.delete(entry);
    record({ t: clock.now(), type: 'block.dropped', writer: this.writer, block: entry.head.id, reason });
    try {
      await entry.head.remove();
      entry.settle.resolve();
    } catch (error) {
      entry.settle.reject(error);
      throw error;
    }
  }
}
