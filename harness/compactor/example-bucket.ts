/** Blocks in a bucket, for tests: as an ingester writes them, small and seeded. */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { HistoryEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { metaJson } from '../writer/block-meta.ts';
import type { MemoryBucket } from './memory-bucket.ts';

const MiB = 1024 ** 2;
export const TENANT = 'single-tenant';
export const FOLDER = `${TENANT}/`;
export const random = new Random(7);

/** Of Tempo's defaults, with row groups of 5 MiB. */
export const compaction = {
  window: 3_600_000,
  activeFor: 86_400_000,
  cycle: 30_000,
  maxObjects: 6_000_000,
  maxBlockBytes: 100 * 1024 ** 3,
  rowGroupBytes: 5 * MiB,
  maxTimePerTenant: 300_000,
  blocklistPoll: 300_000,
};

export interface ExampleBlock {
  size?: number;
  end?: Date;
  traces?: number;
  level?: number;
  tenant?: string;
}

/** Puts a block there. Gives the history of its writer's. */
export async function putBlock(
  bucket: Pick<MemoryBucket, 'objects'>,
  block: string,
  {
    size = 3 * MiB,
    end = new Date('2026-01-01T00:00:00Z'),
    traces = 600,
    level = 0,
    tenant = TENANT,
  }: ExampleBlock = {},
): Promise<HistoryEvent[]> {
  const meta = metaJson({
    blockID: block,
    tenantID: tenant,
    startTime: new Date(end.getTime() - 60_000),
    endTime: end,
    totalObjects: traces,
    size,
    totalRecords: 1,
    bloomShards: 1,
    compactionLevel: level,
  });
  const keyPrefix = `${tenant}/${block}/`;
  const contents: [name: string, bytes: Buffer][] = [
    ['data.parquet', await buffer(random.stream(size, 'data', block))],
    ['bloom-0', Buffer.from(`bloom of ${block}`)],
    ['index', Buffer.from(`index of ${block}`)],
    ['meta.json', Buffer.from(meta)],
  ];
  for (const [name, bytes] of contents) bucket.objects.set(keyPrefix + name, bytes);
  const objects = contents.map(([name, bytes]) => ({ name, size: bytes.length, sha256: sha256(bytes) }));
  return [
    { t: 0, type: 'block.cut', writer: 'ingester-0', block, keyPrefix, bytes: size, objects },
    {
      t: 0,
      type: 'flush.end',
      writer: 'ingester-0',
      block,
      attempt: 1,
      outcome: 'ok',
      deadlineExceeded: false,
    },
  ];
}

/** What the final read finds. */
export function readAll(bucket: MemoryBucket, t: number): HistoryEvent[] {
  const objects = [...bucket.objects].map(
    ([key, bytes]): HistoryEvent => ({
      t,
      type: 'final.object',
      key,
      size: bytes.length,
      sha256: sha256(bytes),
      lastModified: '',
    }),
  );
  const uploads = [...bucket.uploads].map(([key, parts]): HistoryEvent => {
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    return { t, type: 'final.upload', key, uploadId: key, parts: parts.length, bytes };
  });
  return [...objects, ...uploads, { t, type: 'final.read', objects: objects.length, bytes: 0 }];
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
