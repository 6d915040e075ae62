/** Makes a local block of a head block that was cut. */
import type { BlockObject } from '../history/events.ts';
import type { Random } from '../random.ts';
import { layOutBlock } from './block-layout.ts';
import { metaJson } from './block-meta.ts';
import type { HeadBlock } from './head-block.ts';
import { blockFolder, LocalBlock } from './local-block.ts';
import { type Content, files, type LocalDisk, seeded, text } from './local-disk.ts';

export interface CompletedBlock {
  block: LocalBlock;
  /** In the order of upload. */
  objects: BlockObject[];
}

/**
 * 1. data.parquet: the pages of the WAL, read back and joined.
 * 2. The blooms and the index, sized by the data.
 * 3. meta.json, last: a local block without it is not one.
 *
 * The WAL is left: who called deletes it once the block counts as cut. All but meta.json is the same however often it is made.
 *
 * @throws Error of the disk. A part of the local block may then be there.
 */
export async function completeBlock(
  head: HeadBlock,
  disk: LocalDisk,
  random: Random,
  wholeBlooms = false,
): Promise<CompletedBlock> {
  const folder = blockFolder(head.id, head.tenant);
  const objects: BlockObject[] = [];
  const write = async (name: string, content: Content) => {
    objects.push({ name, ...(await disk.write(`${folder}/${name}`, content)) });
  };

  const layout = layOutBlock(head.bytes, wholeBlooms);
  await write('data.parquet', files(head.pages));
  for (let shard = 0; shard < layout.blooms; shard++) {
    await write(`bloom-${shard}`, seeded(random, layout.bloomSize, 'bloom', head.id, shard));
  }
  await write('index', text(indexJson(head.id, layout.rowGroups, random)));
  await write(
    'meta.json',
    text(
      metaJson({
        blockID: head.id,
        tenantID: head.tenant,
        startTime: head.startTime,
        endTime: head.endTime,
        totalObjects: layout.traces,
        size: head.bytes,
        totalRecords: layout.rowGroups,
        bloomShards: layout.blooms,
      }),
    ),
  );
  return { block: new LocalBlock(head.id, head.tenant, objects, disk), objects };
}

/** The index names the last trace of each row group: 16 bytes in base64 each, 42 bytes in all for one. */
export function indexJson(block: string, rowGroups: number, random: Random): string {
  const lastTraces = Array.from({ length: rowGroups }, (_, group) =>
    Buffer.from(random.uuid('last-trace', block, group).replaceAll('-', ''), 'hex').toString('base64'),
  );
  return JSON.stringify({ rowGroups: lastTraces });
}
