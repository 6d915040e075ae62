/**
 * One job of a compactor, with Tempo 2.9's requests in Tempo's order:
 *
 * 1. The meta.json of each input is read again. When one is gone, the job is off.
 * 2. The inputs' data is read (merged-data.ts). Whenever a row group is full it is sent as one part of a multipart upload, which the
 *    first of them begins: one part after another, and none is read ahead while one is sent.
 * 3. The upload is completed, and the last 8 bytes of the object are read back: they have to be those that were sent.
 * 4. The blooms one after another, the index, and meta.json last, one level above the highest of the inputs.
 * 5. Each input is marked: meta.compacted.json is written, a copy of its meta.json, and then meta.json is deleted. When that
 *    fails for one, the others are marked all the same.
 *
 * There is no deadline over it. Whatever fails ends the job at once, and is left as it is: an upload is not aborted, an object that was
 * written is not deleted.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { BlockObject } from '../history/events.ts';
import { MemoryBody } from '../object-store/memory-body.ts';
import type { ObjectStore, OpenUpload } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import { layOutBlock } from '../writer/block-layout.ts';
import { metaJson } from '../writer/block-meta.ts';
import { indexJson } from '../writer/complete-block.ts';
import { readStoredBlock } from './blocklist.ts';
import { DATA, mergedData } from './merged-data.ts';
import type { StoredBlock } from './stored-block.ts';

/** What Tempo reads back of a data.parquet that it has written: the length of the footer, and the format's mark. */
const END_BYTES = 8;

export interface CompactionTask {
  inputs: readonly StoredBlock[];
  /** The id of the new block. */
  output: string;
  tenant: string;
  /** Of the tenant, with a slash at its end. */
  folder: string;
  rowGroupBytes: number;
}

/** What has been done so far: it is told also of a job that failed. */
export interface Progress {
  read: { block: string; size: number; sha256: string }[];
  objects: BlockObject[];
  marked: string[];
  orphanedParts: number;
}

/**
 * Gives the new block. `progress` is kept up to date on the way.
 * @throws what the store throws; Error when an input is gone, or the object does not end as it was written.
 */
export async function writeCompactedBlock(
  task: CompactionTask,
  ports: { store: ObjectStore; random: Random },
  progress: Progress,
  signal: AbortSignal,
): Promise<StoredBlock> {
  const { inputs, output, tenant, folder } = task;
  const { store, random } = ports;
  const keyPrefix = `${folder}${output}/`;
  for (const { id } of inputs) {
    if (await readStoredBlock(store, `${folder}${id}/meta.json`, signal)) continue;
    throw new Error(`block ${id} has no meta.json any more: it was compacted or deleted meanwhile`);
  }

  const data = await writeData(task, store, progress, signal);
  progress.objects.push({ name: DATA, ...data });

  const put = async (name: string, bytes: Buffer) => {
    const body = new MemoryBody(bytes);
    await store.putObject(`${keyPrefix}${name}`, body, signal);
    progress.objects.push({ name, size: body.size, sha256: await body.sha256() });
  };
  const layout = layOutBlock(data.size);
  for (let shard = 0; shard < layout.blooms; shard++) {
    await put(`bloom-${shard}`, await buffer(random.stream(layout.bloomSize, 'bloom', output, shard)));
  }
  await put('index', Buffer.from(indexJson(output, data.rowGroups, random)));
  const block: StoredBlock = {
    id: output,
    startTime: new Date(Math.min(...inputs.map(({ startTime }) => startTime.getTime()))),
    endTime: new Date(Math.max(...inputs.map(({ endTime }) => endTime.getTime()))),
    totalObjects: inputs.reduce((sum, { totalObjects }) => sum + totalObjects, 0),
    size: data.size,
    compactionLevel: Math.max(...inputs.map(({ compactionLevel }) => compactionLevel)) + 1,
  };
  const meta = metaJson({
    ...block,
    blockID: output,
    tenantID: tenant,
    totalRecords: data.rowGroups,
    bloomShards: layout.blooms,
  });
  await put('meta.json', Buffer.from(meta));
  return block;
}

/** Step 5. Gives what went wrong, if anything did: all were tried. */
export async function markCompacted(
  inputs: readonly StoredBlock[],
  folder: string,
  store: ObjectStore,
  progress: Progress,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const failures: Error[] = [];
  for (const { id } of inputs) {
    const meta = `${folder}${id}/meta.json`;
    try {
      await store.copyObject(meta, `${folder}${id}/meta.compacted.json`, signal);
      await store.deleteObject(meta, signal);
      progress.marked.push(id);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const [first] = failures;
  return first && new Error(`unable to mark ${failures.length} blocks compacted: ${first.message}`, { cause: first });
}

/** Steps 2 and 3. */
async function writeData(
  { inputs, output, folder, rowGroupBytes }: CompactionTask,
  store: ObjectStore,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ size: number; sha256: string; rowGroups: number }> {
  const key = `${folder}${output}/${DATA}`;
  const hash = createHash('sha256');
  let size = 0;
  let end = Buffer.alloc(0);
  let upload: OpenUpload | undefined;
  let parts = 0;
  const send = async (bytes: Buffer) => {
    upload ??= await store.openUpload(key, signal);
    await upload.append(new MemoryBody(bytes), signal);
    parts++;
    progress.orphanedParts = parts;
    hash.update(bytes);
    size += bytes.length;
    end = Buffer.from(Buffer.concat([end, bytes]).subarray(-END_BYTES));
  };

  let rowGroup: Buffer[] = [];
  let buffered = 0;
  for await (const range of mergedData(inputs, folder, store, signal, (read) => progress.read.push(read))) {
    rowGroup.push(range);
    buffered += range.length;
    // The last row group is sent with the footer, when all is read.
    if (buffered <= rowGroupBytes) continue;
    const joined = Buffer.concat(rowGroup);
    let from = 0;
    for (; buffered - from > rowGroupBytes; from += rowGroupBytes)
      await send(joined.subarray(from, from + rowGroupBytes));
    rowGroup = [joined.subarray(from)];
    buffered -= from;
  }
  await send(Buffer.concat(rowGroup));
  await upload?.complete(signal);
  progress.orphanedParts = 0;

  const written = await store.getObject(key, signal, { start: Math.max(0, size - END_BYTES), end: size });
  if (!written.equals(end)) throw new Error(`${key}: it does not end with the bytes that were written`);
  return { size, sha256: hash.digest('hex'), rowGroups: parts };
}
