/**
 * What became of every block.
 *
 * 1. `block.cut` says which objects a block has, with size and hash. A block cut again (a replay of the WAL made its local block
 *    anew) is to be judged by its new objects, and has to be flushed again.
 * 2. `flush.end` ok: the writer takes it to be in S3. `block.dropped`: the writer gave it up.
 * 3. Each `final.object` and `final.local` is compared at once; only what differs is kept.
 * 4. A block is lost when the final read does not find it whole in the bucket, and nothing will bring it there: the writer takes
 *    it to be flushed, or gave it up, or has no whole copy of it on its disk any more.
 */
import type { BlockCutEvent, BlockObject, HistoryEvent } from '../history/events.ts';
import { BlockIndex, objectName } from './block-index.ts';

export interface ObjectDamage {
  name: string;
  problem: 'missing' | 'wrong size' | 'different bytes';
  expected: BlockObject;
  /** What is there instead, unless missing. */
  found?: { size: number; sha256: string };
}

export interface BlockFate {
  writer: string;
  block: string;
  flushed: boolean;
  /** Every object is in the bucket, as it was cut. Known only after the final read. */
  readBack: boolean;
  /** Every object is on the writer's local disk, as it was cut. */
  onDisk: boolean;
  /** Why the writer gave it up, if it did. */
  dropped?: string;
  lost: boolean;
  /** What is wrong with its objects in the bucket, in the order of upload. */
  damage: ObjectDamage[];
}

export interface BlockCounts {
  cut: number;
  /** Acknowledged by S3, as the writer saw it. */
  flushed: number;
  /** Whole in the bucket: every object, by size and SHA-256. 0 without a final read. */
  readBack: number;
  /** Proven lost. 0 without a final read: nothing is proven then. */
  lost: number;
}

interface BlockState {
  cut: BlockCutEvent;
  flushed: boolean;
  dropped?: string;
  inBucket: Copy;
  onDisk: Copy;
}

export class BlockTally {
  readonly #blocks = new BlockIndex<BlockState>();
  #finalRead = false;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'block.cut':
        this.#blocks.add(event, {
          cut: event,
          flushed: false,
          inBucket: new Copy(event.objects),
          onDisk: new Copy(event.objects),
        });
        break;
      case 'flush.end': {
        const state = this.#blocks.ofBlock(event.block);
        if (state && event.outcome === 'ok') state.flushed = true;
        break;
      }
      case 'block.dropped': {
        const state = this.#blocks.ofBlock(event.block);
        if (state) state.dropped = event.reason;
        break;
      }
      case 'final.object':
        this.#blocks.ofKey(event.key)?.inBucket.found(objectName(event.key), event);
        break;
      case 'final.local':
        this.#blocks.ofBlock(event.block)?.onDisk.found(event.name, event);
        break;
      case 'final.read':
        this.#finalRead = true;
        break;
    }
  }

  /** The final read was completed. */
  get finalRead(): boolean {
    return this.#finalRead;
  }

  /** In the order in which they were cut. */
  fates(): BlockFate[] {
    return this.#blocks.all().map(({ cut, flushed, dropped, inBucket, onDisk }) => {
      const readBack = this.#finalRead && inBucket.whole;
      const stillOnDisk = onDisk.whole;
      return {
        writer: cut.writer,
        block: cut.block,
        flushed,
        readBack,
        onDisk: stillOnDisk,
        ...(dropped === undefined ? {} : { dropped }),
        // A block that counts as flushed, or was given up, is not flushed again, whatever is on the disk: Tempo clears it there.
        lost: this.#finalRead && !readBack && (flushed || dropped !== undefined || !stillOnDisk),
        damage: inBucket.damage(),
      };
    });
  }

  counts(): BlockCounts {
    const counts: BlockCounts = { cut: 0, flushed: 0, readBack: 0, lost: 0 };
    for (const fate of this.fates()) {
      counts.cut++;
      if (fate.flushed) counts.flushed++;
      if (fate.readBack) counts.readBack++;
      if (fate.lost) counts.lost++;
    }
    return counts;
  }
}

/** Counts the blocks of a whole history. */
export function tallyBlocks(events: Iterable<HistoryEvent>): BlockCounts {
  const tally = new BlockTally();
  for (const event of events) tally.see(event);
  return tally.counts();
}

/** One copy of a block, compared with what was cut as its objects are found. */
class Copy {
  readonly #objects: readonly BlockObject[];
  readonly #same: Uint8Array;
  /** Made when the first object is found: a block may have a thousand. */
  #places: Map<string, number> | undefined;
  #different: Map<string, { size: number; sha256: string }> | undefined;

  constructor(objects: readonly BlockObject[]) {
    this.#objects = objects;
    this.#same = new Uint8Array(objects.length);
  }

  found(name: string, { size, sha256 }: { size: number; sha256: string }): void {
    this.#places ??= new Map(this.#objects.map((object, index) => [object.name, index]));
    const index = this.#places.get(name);
    const expected = index === undefined ? undefined : this.#objects[index];
    // Not an object of the block: none of its data.
    if (index === undefined || !expected) return;
    if (expected.size === size && expected.sha256 === sha256) this.#same[index] = 1;
    else {
      this.#different ??= new Map();
      this.#different.set(name, { size, sha256 });
    }
  }

  get whole(): boolean {
    return this.#same.every((same) => same === 1);
  }

  damage(): ObjectDamage[] {
    return this.#objects.flatMap((expected, index): ObjectDamage[] => {
      if (this.#same[index]) return [];
      const { name } = expected;
      const found = this.#different?.get(name);
      if (!found) return [{ name, problem: 'missing', expected }];
      return [{ name, problem: found.size === expected.size ? 'different bytes' : 'wrong size', expected, found }];
    });
  }
}
