/**
 * What a power cut leaves of files that nobody fsynced, on Linux with ext4 as it is mounted by default (delayed allocation, data=ordered,
 * commit=5, auto_da_alloc).
 *
 * 1. The kernel begins to write out what has been dirty for `vm.dirty_expire_centisecs`, 30 s by default: what is older is taken to be on
 *    the disk.
 * 2. The journal is committed each 5 s, a sixth of that: a file made since has no name yet, and is gone.
 * 3. A file made before that, whose blocks were not allocated yet, is there and has 0 bytes.
 * 4. A file that is written anew in place is written out with the next commit (auto_da_alloc): so is the meta.json of a WAL block from its
 *    second page on. What was in it before cannot be had back here, so the newest of it stays.
 *
 * A file is taken to have been made when it was last written: all others are written once, in one go. What was deleted stays deleted.
 * (Documentation/admin-guide/ext4.rst and Documentation/admin-guide/sysctl/vm.rst of the Linux kernel.)
 */
import { rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { blockOf, blocksFolder } from '../writer/local-block.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { readWal } from '../writer/wal.ts';

/** Of the time for which nothing is written out: the journal's commit interval, 5 s of 30 s. */
const COMMIT_SHARE = 5 / 30;

export interface PowerLoss {
  /** Files that are gone, files that have 0 bytes now, and the bytes that were in them. */
  removed: number;
  emptied: number;
  bytes: number;
  /** Blocks whose local copy lost something, flushed or not. */
  localBlocks: number;
  /** Closed pages of the WAL, by block: what was to become a block, and is lost. */
  wal: Map<string, { pages: number; bytes: number }>;
}

/** Takes from a writer's disk what was written in the `unsyncedMs` before `at`. The writer's process is gone. */
export async function losePower(
  disk: { folder: string; tenant: string },
  at: Date,
  unsyncedMs: number,
): Promise<PowerLoss> {
  const real = new RealDisk(disk.folder);
  const lost: PowerLoss = { removed: 0, emptied: 0, bytes: 0, localBlocks: 0, wal: new Map() };
  const localBlocks = new Set<string>();
  const closed = new Map<string, string>();
  const writtenAnew = new Set<string>();
  for (const { id, folder, meta, closed: pages } of await readWal(real, disk.tenant)) {
    for (const { path } of pages) closed.set(path, id);
    if (Object.keys(meta?.pages ?? {}).length > 1) writtenAnew.add(`${folder}/meta.json`);
  }
  for (const { path, size } of await real.list('')) {
    const file = join(disk.folder, path);
    const age = at.getTime() - (await stat(file)).mtimeMs;
    if (age > unsyncedMs || writtenAnew.has(path)) continue;
    if (age < unsyncedMs * COMMIT_SHARE) {
      await rm(file);
      lost.removed++;
    } else {
      await truncate(file, 0);
      lost.emptied++;
    }
    lost.bytes += size;
    const block = closed.get(path);
    if (block !== undefined) {
      const { pages, bytes } = lost.wal.get(block) ?? { pages: 0, bytes: 0 };
      lost.wal.set(block, { pages: pages + 1, bytes: bytes + size });
    }
    if (path.startsWith(`${blocksFolder(disk.tenant)}/`)) localBlocks.add(blockOf(path));
  }
  lost.localBlocks = localBlocks.size;
  return lost;
}
