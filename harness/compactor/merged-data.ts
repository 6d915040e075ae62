/**
 * The data of a compacted block, as it comes: its inputs' data.parquet, read by ranges, side by side.
 *
 * Tempo merges the traces of its inputs by their ids, which go evenly through all of them: so it reads all at the same pace, each with
 * a buffer of 2 MiB. Here the ranges are put one behind the other as they come, byte for byte: the first of each input, then the second
 * of each, and so on. Nothing is merged or left out, so the result is as long as its inputs together.
 */
import { createHash } from 'node:crypto';
import type { CompactionEvent } from '../history/events.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { StoredBlock } from './stored-block.ts';

/** The buffer that vParquet4's iterator over a whole block reads through. It stays under compression, as the sizes of parts do. */
export const READ_BYTES = 2 * 1024 * 1024;

export const DATA = 'data.parquet';

interface Reading {
  block: StoredBlock;
  hash: ReturnType<typeof createHash>;
}

/**
 * @param folder of the tenant, with a slash at its end
 * @param whole told of each input once it was read to its end
 * @throws what the store throws.
 */
export async function* mergedData(
  inputs: readonly StoredBlock[],
  folder: string,
  store: ObjectStore,
  signal: AbortSignal,
  whole: (read: CompactionEvent['read'][number]) => void,
): AsyncGenerator<Buffer> {
  let readings: Reading[] = inputs.map((block) => ({ block, hash: createHash('sha256') }));
  for (let start = 0; readings.length > 0; start += READ_BYTES) {
    const ranges = await Promise.all(
      readings.map(({ block }) =>
        store.getObject(`${folder}${block.id}/${DATA}`, signal, {
          start,
          end: Math.min(start + READ_BYTES, block.size),
        }),
      ),
    );
    for (const [index, { block, hash }] of readings.entries()) {
      const range = ranges[index] as Buffer;
      hash.update(range);
      if (start + READ_BYTES >= block.size) whole({ block: block.id, size: block.size, sha256: hash.digest('hex') });
      yield range;
    }
    readings = readings.filter(({ block }) => start + READ_BYTES < block.size);
  }
}
