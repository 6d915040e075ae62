/** What a disk holds in its WAL, as a start finds it. */
import { text as textOf } from 'node:stream/consumers';
import { blockFormat } from './block-meta.ts';
import { nameOf, type WalMeta, type WalPage } from './head-block.ts';
import type { LocalDisk } from './local-disk.ts';

export interface WalBlock {
  id: string;
  folder: string;
  /** Absent: it cannot be read. */
  meta?: WalMeta;
  /** Pages that are whole, in order. */
  closed: WalPage[];
  /** Pages that do not open, as they were not written whole. */
  torn: WalPage[];
  /** Pages of 0 bytes. */
  empty: number;
}

/** The WAL blocks of a tenant, in the order of their names. Nothing is changed. @throws Error of the disk, when it cannot be listed. */
export async function readWal(disk: LocalDisk, tenant: string): Promise<WalBlock[]> {
  const folders = new Map<string, WalPage[]>();
  for (const file of await disk.list('wal')) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/'));
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const end = `+${tenant}+${blockFormat}`;
  const blocks: WalBlock[] = [];
  for (const [folder, files] of folders) {
    const name = nameOf(folder);
    // Another tenant's, or nothing that a writer wrote: Tempo leaves what it does not own as it is.
    if (!name.endsWith(end)) continue;
    const meta = await readMeta(disk, `${folder}/meta.json`);
    const pages = files.filter(({ path }) => nameOf(path) !== 'meta.json');
    const isClosed = ({ path, size }: WalPage) => meta === undefined || meta.pages[nameOf(path)] === size;
    const written = pages.filter(({ size }) => size > 0);
    blocks.push({
      id: name.slice(0, -end.length),
      folder,
      ...(meta && { meta }),
      closed: written.filter(isClosed),
      torn: written.filter((page) => !isClosed(page)),
      empty: pages.length - written.length,
    });
  }
  return blocks;
}

/** `undefined` for whatever reason: to Tempo they are all one. */
async function readMeta(disk: LocalDisk, path: string): Promise<WalMeta | undefined> {
  try {
    const meta: unknown = JSON.parse(await readText(disk, path));
    return isWalMeta(meta) ? meta : undefined;
  } catch {
    return undefined;
  }
}

function isWalMeta(meta: unknown): meta is WalMeta {
  const { startTime, endTime, pages } = (meta ?? {}) as Partial<WalMeta>;
  return typeof startTime === 'string' && typeof endTime === 'string' && typeof pages === 'object' && pages !== null;
}

/** @throws Error of the disk, also when there is no such file. */
export async function readText(disk: LocalDisk, path: string): Promise<string> {
  return textOf((await disk.read(path)).open());
}
