/**
 * What became of every block.
 *
 * 1. `block.cut` says which objects a block has, with size and hash. A block cut again (a replay of the WAL made its local block
 *    anew) is to be judged by its new objects, and has to be flushed again; its data has to be the same.
 * 2. `flush.end` ok: the writer takes it to be in S3. `block.dropped`: the writer gave it up.
 * 3. `data.lost` of its WAL: a part of it was gone before it was cut. It need not ever be cut then.
 * 4. A block that was compacted has its data in another one: it is whole if that one is (compacted-data.ts).
 * 5. Each `final.object` and `final.local` is compared at once; only what differs is kept.
 * 6. A block is lost when the final read does not find it whole in the bucket, and nothing will bring it there: the writer takes
 *    it to be flushed, or gave it up, or has no whole copy of it on its disk any more, neither as a local block nor in its WAL.
 * 7. It is lost too, whatever is in the bucket, when a part of its data was gone before, and when it was given up before it was cut.
 */
import type { BlockCutEvent, BlockObject, HistoryEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { BlockIndex, dataOf, objectName } from './block-index.ts';
import { CompactedData } from './compacted-data.ts';

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
  /** It was complete on the local disk once. */
  cut: boolean;
  flushed: boolean;
  /**
   * Every object is in the bucket, as it was cut; or all of its data is in a block there that it was compacted into. Known only after
   * the final read.
   */
  readBack: boolean;
  /** The block that its data is in, when it is no longer whole itself. */
  compactedInto?: string;
  /** It was compacted, and cannot be read since: why. */
  unreadableSince?: string;
  /** Every object is on the writer's local disk, as it was cut, or all of its data is in the WAL there. */
  onDisk: boolean;
  /** Data that was taken in for it and is not in what was cut: bytes, as they were on the disk, and why. */
  missing?: { bytes: number; reason: string };
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
  /** Proven lost, in whole or in part, cut or not. What is in the bucket proves nothing without a final read. */
  lost: number;
}

interface BlockState {
  cut: BlockCutEvent;
  flushed: boolean;
  dropped?: string;
  inBucket: Copy;
  onDisk: Copy;
  /** In closed pages, when the run was over. */
  inWal: number;
}

/** What is known of a block beside its cut, which there need not be. */
interface Early {
  writer: string;
  dropped?: string;
  missing?: { bytes: number; reason: string };
}

export class BlockTally {
  static readonly reads = [
    'block.cut',
    'flush.end',
    'block.dropped',
    'data.lost',
    'compaction',
    'final.object',
    'final.local',
    'final.wal',
    'final.read',
  ] as const satisfies Reads;

  readonly #blocks = new BlockIndex<BlockState>();
  readonly #early = new Map<string, Early>();
  readonly #compacted = new CompactedData();
  #finalRead = false;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'block.cut':
        this.#sameData(event);
        this.#blocks.add(event, {
          cut: event,
          flushed: false,
          inBucket: new Copy(event.objects),
          onDisk: new Copy(event.objects),
          inWal: 0,
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
        else this.#early.set(event.block, { ...this.#earlyOf(event), dropped: event.reason });
        break;
      }
      case 'data.lost':
        // Live traces are of no block, and nothing is promised about them.
        if (event.block !== undefined) {
          this.#isMissing({ writer: event.writer, block: event.block }, event.bytes, event.reason);
        }
        break;
      case 'compaction':
        this.#compacted.see(event);
        break;
      case 'final.object':
        this.#compacted.see(event);
        this.#blocks.ofKey(event.key)?.inBucket.found(objectName(event.key), event);
        break;
      case 'final.local':
        this.#blocks.ofBlock(event.block)?.onDisk.found(event.name, event);
        break;
      case 'final.wal': {
        const state = this.#blocks.ofBlock(event.block);
        if (state) state.inWal = event.bytes;
        break;
      }
      case 'final.read':
        this.#finalRead = true;
        break;
    }
  }

  /** The final read was completed. */
  get finalRead(): boolean {
    return this.#finalRead;
  }

  /** In the order in which they were cut; those that never were come last. */
  fates(): BlockFate[] {
    const cut = this.#blocks.all();
    const known = new Set(cut.map(({ cut: { block } }) => block));
    const neverCut = [...this.#early].filter(([block]) => !known.has(block));
    return [
      ...cut.map((state) => this.#fate(state)),
      ...neverCut.map(([block, early]) => fateOfNeverCut(block, early)),
    ];
  }

  #fate({ cut, flushed, dropped, inBucket, onDisk, inWal }: BlockState): BlockFate {
    const data = dataOf(cut);
    const compactedInto = inBucket.whole ? undefined : this.#compacted.readableIn(cut.block, data);
    const readBack = this.#finalRead && (inBucket.whole || compactedInto !== undefined);
    const unreadableSince = readBack ? undefined : this.#compacted.whyUnreadable(cut.block, data);
    const stillOnDisk = onDisk.whole || inWal === data?.size;
    const missing = this.#early.get(cut.block)?.missing;
    // A block that counts as flushed, or was given up, is not flushed again, whatever is on the disk: Tempo clears it there.
    const gone = this.#finalRead && !readBack && (flushed || dropped !== undefined || !stillOnDisk);
    return {
      writer: cut.writer,
      block: cut.block,
      cut: true,
      flushed,
      readBack,
      ...(compactedInto !== undefined && { compactedInto }),
      ...(unreadableSince !== undefined && { unreadableSince }),
      onDisk: stillOnDisk,
      ...(missing && { missing }),
      ...(dropped === undefined ? {} : { dropped }),
      lost: gone || missing !== undefined,
      damage: readBack ? [] : inBucket.damage(),
    };
  }

  /** What a replay makes anew of a WAL that lost pages is less than what had been promised. */
  #sameData(cut: BlockCutEvent): void {
    const before = this.#blocks.ofBlock(cut.block)?.cut;
    if (!before) return;
    const [had, has] = [dataOf(before), dataOf(cut)];
    if (had?.sha256 === has?.sha256) return;
    const bytes = Math.max(0, (had?.size ?? 0) - (has?.size ?? 0));
    this.#isMissing(cut, bytes, 'a replay of its WAL made a block of other data than before');
  }

  #isMissing(event: { writer: string; block: string }, bytes: number, reason: string): void {
    const early = this.#earlyOf(event);
    this.#early.set(event.block, {
      ...early,
      missing: { bytes: (early.missing?.bytes ?? 0) + bytes, reason: early.missing?.reason ?? reason },
    });
  }

  #earlyOf({ writer, block }: { writer: string; block: string }): Early {
    return this.#early.get(block) ?? { writer };
  }

  counts(): BlockCounts {
    const counts: BlockCounts = { cut: 0, flushed: 0, readBack: 0, lost: 0 };
    for (const fate of this.fates()) {
      if (fate.cut) counts.cut++;
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

function fateOfNeverCut(block: string, { writer, dropped, missing }: Early): BlockFate {
  return {
    writer,
    block,
    cut: false,
    flushed: false,
    readBack: false,
    onDisk: false,
    ...(missing && { missing }),
    ...(dropped === undefined ? {} : { dropped }),
    lost: true,
    damage: [],
  };
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
