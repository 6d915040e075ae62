/**
 * What is on each writer's local disk, by what the history tells: pages of the WAL, local blocks that are not in S3, and blocks that are
 * in S3 and kept for readers. Sizes are bytes as they passed.
 */

import type { HistoryEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { wayOfLoss } from './way-of-loss.ts';

export interface Share {
  blocks: string[];
  bytes: number;
}

/** One writer's disk at one moment. */
export interface DiskContent {
  /** Local blocks that no flush has brought to S3 yet. */
  unflushed: Share;
  /** Blocks of the WAL that wait to be completed, and of which no attempt has failed. The head block is not among them. */
  waiting: Share;
  /** The head block, and blocks that could not be completed. */
  inWal: Share;
  /** In S3 already: they stay until `complete_block_timeout` is over. */
  kept: Share;
  /** Of the unflushed: flushes that failed, and blocks that are being flushed. */
  failedFlushes: number;
  flushing: number;
}

interface Stored {
  writer: string;
  walBytes: number;
  localBytes: number;
  flushed: boolean;
  flushing: boolean;
  failedFlushes: number;
  failedCompletions: number;
}

export class LocalBacklog {
  static readonly reads = [
    'wal.page',
    'complete',
    'block.cut',
    'flush.start',
    'flush.end',
    'writer.process',
    'data.lost',
    'block.dropped',
    'block.cleared',
  ] as const satisfies Reads;

  readonly #blocks = new Map<string, Stored>();
  /** The last block of each writer that got a page. */
  readonly #heads = new Map<string, string>();
  /** What is not in S3 on each disk. */
  readonly #notInS3 = new Map<string, number>();
  #peak = 0;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'wal.page':
        this.#heads.set(event.writer, event.block);
        this.#change(event.writer, event.block, (stored) => {
          stored.walBytes += event.bytes;
        });
        break;
      case 'complete':
        if (event.outcome === 'ok') return;
        this.#change(event.writer, event.block, (stored) => {
          stored.failedCompletions++;
        });
        break;
      case 'block.cut':
        // A compactor's block never lies on a local disk.
        if (!this.#heads.has(event.writer)) return;
        this.#change(event.writer, event.block, (stored) => {
          Object.assign(stored, { walBytes: 0, localBytes: event.bytes, flushed: false });
        });
        break;
      case 'flush.start':
        this.#known(event.block, (stored) => {
          stored.flushing = true;
        });
        break;
      case 'flush.end':
        this.#known(event.block, (stored) => {
          stored.flushing = false;
          if (event.outcome === 'ok') stored.flushed = true;
          else stored.failedFlushes++;
        });
        break;
      case 'writer.process':
        // What was being flushed by a process that is gone is not any more.
        if (event.what !== 'killed' && event.what !== 'stopped') return;
        for (const stored of this.#blocks.values()) if (event.writers.includes(stored.writer)) stored.flushing = false;
        break;
      case 'data.lost': {
        const { block, bytes, reason } = event;
        // A page that could not be written is in no closed one.
        if (block === undefined || wayOfLoss(reason) === 'cutting') return;
        this.#known(block, (stored) => {
          stored.walBytes = Math.max(0, stored.walBytes - bytes);
        });
        break;
      }
      case 'block.dropped':
      case 'block.cleared':
        this.#known(event.block, (stored) => {
          Object.assign(stored, { walBytes: 0, localBytes: 0 });
        });
        this.#blocks.delete(event.block);
        break;
    }
  }

  /** The most that was on one writer's disk and not in S3 at any time: of the WAL, and of local blocks. */
  get peak(): number {
    return this.#peak;
  }

  /** Bytes of a block: of its local block, or as long as there is none, of its closed pages. 0: not known. */
  bytesOf(block: string): number {
    const { walBytes = 0, localBytes = 0 } = this.#blocks.get(block) ?? {};
    return localBytes || walBytes;
  }

  contentOf(writer: string): DiskContent {
    const content: DiskContent = {
      unflushed: { blocks: [], bytes: 0 },
      waiting: { blocks: [], bytes: 0 },
      inWal: { blocks: [], bytes: 0 },
      kept: { blocks: [], bytes: 0 },
      failedFlushes: 0,
      flushing: 0,
    };
    const put = (share: Share, block: string, bytes: number) => {
      share.blocks.push(block);
      share.bytes += bytes;
    };
    const head = this.#heads.get(writer);
    for (const [block, stored] of this.#blocks) {
      if (stored.writer !== writer) continue;
      if (stored.localBytes > 0 && stored.flushed) put(content.kept, block, stored.localBytes);
      else if (stored.localBytes > 0) {
        put(content.unflushed, block, stored.localBytes);
        content.failedFlushes += stored.failedFlushes;
        if (stored.flushing) content.flushing++;
      } else if (stored.walBytes > 0) {
        const waits = block !== head && stored.failedCompletions === 0;
        put(waits ? content.waiting : content.inWal, block, stored.walBytes);
      }
    }
    return content;
  }

  #change(writer: string, block: string, how: (stored: Stored) => void): void {
    const stored = this.#blocks.get(block) ?? {
      writer,
      walBytes: 0,
      localBytes: 0,
      flushed: false,
      flushing: false,
      failedFlushes: 0,
      failedCompletions: 0,
    };
    this.#blocks.set(block, stored);
    const before = notInS3(stored);
    how(stored);
    const now = (this.#notInS3.get(stored.writer) ?? 0) + notInS3(stored) - before;
    this.#notInS3.set(stored.writer, now);
    this.#peak = Math.max(this.#peak, now);
  }

  #known(block: string, how: (stored: Stored) => void): void {
    const stored = this.#blocks.get(block);
    if (stored) this.#change(stored.writer, block, how);
  }
}

function notInS3({ walBytes, localBytes, flushed }: Stored): number {
  return walBytes + (flushed ? 0 : localBytes);
}
