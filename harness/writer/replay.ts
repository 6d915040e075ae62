/**
 * What a writer finds on its disk when it starts, and what it makes of it, as Tempo 2.9.5 does (RescanBlocks in tempodb/wal,
 * replayWal and rediscoverLocalBlocks in modules/ingester):
 *
 * 1. A WAL block whose meta.json cannot be read is deleted, with a warning. Its data is lost.
 * 2. Of any other, pages of 0 bytes are ignored, and one that does not open is skipped with a warning. What is left is completed
 *    again: the local block of the same id is deleted first. With nothing left, the WAL block is deleted.
 * 3. A local block without a WAL block and without meta.json is deleted. One whose meta.json cannot be read, whose data is not as
 *    long as that says, or which lacks a bloom (or has one of 0 bytes), is left where it is and never looked at again: lost.
 * 4. One that is whole and not marked flushed is to be flushed. One that is marked is to be cleared in its time; a mark that cannot be
 *    read is none. That the index is there is not looked at: without it no flush succeeds.
 */
import type { Random } from '../random.ts';
import { type LocalMeta, parseMetaJson } from './block-meta.ts';
import { HeadBlock, nameOf } from './head-block.ts';
import { blockFolder, blockOf, blocksFolder, flushedMark, LocalBlock } from './local-block.ts';
import type { ListedFile, LocalDisk } from './local-disk.ts';
import { readText, readWal } from './wal.ts';

/** What was found, counted: for the history. */
export interface Found {
  /** To be completed, with their closed pages and the bytes in them. */
  walBlocks: number;
  walPages: number;
  walBytes: number;
  /** Deleted since their meta.json could not be read, and the bytes in their pages. */
  walDeleted: number;
  walDeletedBytes: number;
  /** Pages that did not open, and pages of 0 bytes. */
  tornPages: number;
  emptyPages: number;
  /** To be flushed, flushed already, deleted, and left alone for good. */
  localBlocks: number;
  flushedBlocks: number;
  localDeleted: number;
  localInvalid: number;
}

/** Data that a start gives up. `cut`: it had been a local block. */
export interface GivenUp {
  block: string;
  bytes: number;
  reason: string;
  cut: boolean;
}

/** A local block that is whole. `endTime`: of its last span, in whole seconds. */
export interface FoundBlock {
  block: LocalBlock;
  endTime: Date;
}

export interface Replayed {
  completing: HeadBlock[];
  waiting: FoundBlock[];
  flushed: (FoundBlock & { flushedAt: Date })[];
  givenUp: GivenUp[];
  found: Found;
}

/** Deletes what Tempo deletes. @throws Error of the disk, when it cannot be listed or nothing can be deleted on it. */
export async function replay(disk: LocalDisk, tenant: string, random: Random): Promise<Replayed> {
  const replayed: Replayed = {
    completing: [],
    waiting: [],
    flushed: [],
    givenUp: [],
    found: {
      walBlocks: 0,
      walPages: 0,
      walBytes: 0,
      walDeleted: 0,
      walDeletedBytes: 0,
      tornPages: 0,
      emptyPages: 0,
      localBlocks: 0,
      flushedBlocks: 0,
      localDeleted: 0,
      localInvalid: 0,
    },
  };
  await replayWal(disk, tenant, random, replayed);
  await findLocalBlocks(disk, tenant, replayed);
  // What a local block holds is not lost with the WAL that it was made from.
  const kept = new Set([...replayed.waiting, ...replayed.flushed].map(({ block }) => block.id));
  return { ...replayed, givenUp: replayed.givenUp.filter(({ block }) => !kept.has(block)) };
}

async function replayWal(disk: LocalDisk, tenant: string, random: Random, replayed: Replayed): Promise<void> {
  const { found, completing, givenUp } = replayed;
  for (const { id, folder, meta, closed, torn, empty } of await readWal(disk, tenant)) {
    const bytes = closed.reduce((sum, { size }) => sum + size, 0);
    if (!meta) {
      await disk.remove(folder);
      found.walDeleted++;
      found.walDeletedBytes += bytes;
      if (bytes > 0) givenUp.push({ block: id, bytes, reason: 'failed to replay block. removing.', cut: false });
      continue;
    }
    found.tornPages += torn.length;
    found.emptyPages += empty;
    if (closed.length === 0) {
      await disk.remove(folder);
      continue;
    }
    await disk.remove(blockFolder(id, tenant));
    found.walBlocks++;
    found.walPages += closed.length;
    found.walBytes += bytes;
    const kept = { pages: closed, endTime: new Date(meta.endTime) };
    completing.push(new HeadBlock(id, tenant, new Date(meta.startTime), disk, random, kept));
  }
}

async function findLocalBlocks(disk: LocalDisk, tenant: string, replayed: Replayed): Promise<void> {
  const { found, completing, waiting, flushed, givenUp } = replayed;
  const inWal = new Set(completing.map(({ id }) => id));
  const blocks = new Map<string, ListedFile[]>();
  for (const file of await disk.list(blocksFolder(tenant))) {
    const id = blockOf(file.path);
    if (!inWal.has(id)) blocks.set(id, [...(blocks.get(id) ?? []), file]);
  }
  for (const [id, files] of blocks) {
    const sizes = new Map(files.map(({ path, size }) => [nameOf(path), size]));
    const bytes = sizes.get('data.parquet') ?? 0;
    if (!sizes.has('meta.json')) {
      await disk.remove(blockFolder(id, tenant));
      found.localDeleted++;
      const reason = 'Unable to reload meta for local block. This indicates an incomplete block and will be deleted';
      givenUp.push({ block: id, bytes, reason, cut: true });
      continue;
    }
    const meta = await readLocalMeta(disk, `${blockFolder(id, tenant)}/meta.json`);
    if (meta?.size !== bytes || !bloomsOf(meta).every((bloom) => sizes.get(bloom))) {
      found.localInvalid++;
      const reason = meta
        ? 'local block failed validation, dropping'
        : 'Unexpected error reloading meta for local block. Ignoring and continuing.';
      givenUp.push({ block: id, bytes, reason, cut: true });
      continue;
    }
    const names = ['data.parquet', ...bloomsOf(meta), 'index', 'meta.json'];
    const block = new LocalBlock(
      id,
      tenant,
      names.map((name) => ({ name })),
      disk,
    );
    const flushedAt = sizes.has(flushedMark) ? await readMark(disk, `${block.folder}/${flushedMark}`) : undefined;
    if (flushedAt) {
      found.flushedBlocks++;
      flushed.push({ block, endTime: meta.endTime, flushedAt });
    } else {
      found.localBlocks++;
      waiting.push({ block, endTime: meta.endTime });
    }
  }
}

async function readLocalMeta(disk: LocalDisk, path: string): Promise<LocalMeta | undefined> {
  try {
    return parseMetaJson(await readText(disk, path));
  } catch {
    return undefined;
  }
}

async function readMark(disk: LocalDisk, path: string): Promise<Date | undefined> {
  const at = new Date(await readText(disk, path).catch(() => ''));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function bloomsOf({ bloomShards }: LocalMeta): string[] {
  return Array.from({ length: bloomShards }, (_, shard) => `bloom-${shard}`);
}
