/** What is still on a writer's local disk when it has stopped: each file of each local block, by its SHA-256, and what is in the WAL. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { filePieces, PieceMemory } from '../object-store/file-pieces.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { readWal } from '../writer/wal.ts';

export interface WriterDisk {
  writer: string;
  folder: string;
  tenant: string;
}

/**
 * Records a `final.local` for each object of each block below `disk`, and a `final.wal` for each block of its WAL that a replay would
 * complete. A disk without blocks has none.
 * @throws Error when it cannot be read: what is on it is then not known.
 */
export async function readLocalDisk(disk: WriterDisk, clock: Clock, record: Recorder): Promise<void> {
  const blocks = join(disk.folder, 'blocks', disk.tenant);
  const memory = new PieceMemory();
  for (const block of await readdir(blocks).catch(noneIfMissing)) {
    for (const name of await readdir(join(blocks, block))) {
      const hash = createHash('sha256');
      let size = 0;
      for await (const piece of filePieces(join(blocks, block, name), undefined, undefined, memory)) {
        size += piece.length;
        hash.update(piece);
      }
      record({
        t: clock.now(),
        type: 'final.local',
        writer: disk.writer,
        block,
        name,
        size,
        sha256: hash.digest('hex'),
      });
    }
  }
  for (const { block, bytes } of await readLocalWal(disk)) {
    record({ t: clock.now(), type: 'final.wal', writer: disk.writer, block, bytes });
  }
}

/** The blocks in the WAL that a replay would complete. @throws Error when it cannot be read. */
export async function readLocalWal({ folder, tenant }: WriterDisk): Promise<{ block: string; bytes: number }[]> {
  const found = await readWal(new RealDisk(folder), tenant);
  return found.flatMap(({ id, meta, closed }) =>
    meta ? [{ block: id, bytes: closed.reduce((sum, page) => sum + page.size, 0) }] : [],
  );
}

function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
