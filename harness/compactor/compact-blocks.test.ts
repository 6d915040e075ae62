import { buffer } from 'node:stream/consumers';
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { Blocklist } from './blocklist.ts';
import { markCompacted, type Progress, writeCompactedBlock } from './compact-blocks.ts';
import { type ExampleBlock, FOLDER, putBlock, random, TENANT } from './example-bucket.ts';
import { type BucketRequest, MemoryBucket } from './memory-bucket.ts';

const MiB = 1024 ** 2;
const { signal } = new AbortController();
let clock: VirtualClock;
let bucket: MemoryBucket;
let progress: Progress;
beforeEach(() => {
  clock = new VirtualClock();
  bucket = new MemoryBucket(clock);
  progress = { read: [], objects: [], marked: [], orphanedParts: 0 };
});

async function compact(blocks: Record<string, ExampleBlock>, rowGroupBytes = 5 * MiB) {
  for (const [block, how] of Object.entries(blocks)) await putBlock(bucket, block, how);
  const list = new Blocklist(FOLDER);
  await clock.run(list.poll(bucket, signal));
  bucket.requests.length = 0;
  const inputs = Object.keys(blocks).map((id) => list.blocks.find((block) => block.id === id) as never);
  const task = { inputs, output: 'new', tenant: TENANT, folder: FOLDER, rowGroupBytes };
  const block = await clock.run(writeCompactedBlock(task, { store: bucket, random }, progress, signal));
  const failure = await clock.run(markCompacted(inputs, FOLDER, bucket, progress, signal));
  return { block, failure };
}

function said({ operation, key, partNumber, range }: BucketRequest): string {
  const of = key.slice(FOLDER.length);
  return `${operation} ${of}${partNumber ? ` part ${partNumber}` : ''}${range ? ` ${range.start / MiB}-${range.end / MiB}` : ''}`;
}

test("sends Tempo's requests in Tempo's order", async () => {
  await compact({ a: { size: 5 * MiB }, b: { size: 3 * MiB } });
  const end = `${8 - 8 / MiB}-8`;
  expect(bucket.requests.map(said)).toEqual([
    'GetObject a/meta.json',
    'GetObject b/meta.json',
    'GetObject a/data.parquet 0-2',
    'GetObject b/data.parquet 0-2',
    'GetObject a/data.parquet 2-4',
    'GetObject b/data.parquet 2-3',
    'CreateMultipartUpload new/data.parquet',
    'UploadPart new/data.parquet part 1',
    'GetObject a/data.parquet 4-5',
    'UploadPart new/data.parquet part 2',
    'CompleteMultipartUpload new/data.parquet',
    `GetObject new/data.parquet ${end}`,
    'PutObject new/bloom-0',
    'PutObject new/index',
    'PutObject new/meta.json',
    'CopyObject a/meta.compacted.json',
    'DeleteObject a/meta.json',
    'CopyObject b/meta.compacted.json',
    'DeleteObject b/meta.json',
  ]);
});

test('the new block has all bytes of its inputs, range by range, and says what it is', async () => {
  const first = new Date('2026-01-01T00:00:00Z');
  const last = new Date('2026-01-01T00:20:00Z');
  const { block, failure } = await compact({
    a: { size: 5 * MiB, end: first, traces: 10, level: 1 },
    b: { size: 3 * MiB, end: last, traces: 20, level: 2 },
  });
  expect(failure).toBeUndefined();
  const data = async (id: string, size: number) => buffer(random.stream(size, 'data', id));
  const [a, b] = [await data('a', 5 * MiB), await data('b', 3 * MiB)];
  const parts = [a.subarray(0, 2 * MiB), b.subarray(0, 2 * MiB), a.subarray(2 * MiB, 4 * MiB), b.subarray(2 * MiB)];
  const expected = Buffer.concat([...parts, a.subarray(4 * MiB)]);
  expect(bucket.objects.get(`${FOLDER}new/data.parquet`)?.equals(expected)).toBe(true);
  expect(block).toEqual({
    id: 'new',
    startTime: new Date('2025-12-31T23:59:00Z'),
    endTime: last,
    totalObjects: 30,
    size: 8 * MiB,
    compactionLevel: 3,
  });
  const meta = JSON.parse(String(bucket.objects.get(`${FOLDER}new/meta.json`)));
  expect(meta).toMatchObject({ blockID: 'new', size: 8 * MiB, compactionLevel: 3, totalObjects: 30, totalRecords: 2 });
  expect(progress.objects.map(({ name }) => name)).toEqual(['data.parquet', 'bloom-0', 'index', 'meta.json']);
  expect(progress.read.map(({ block: read, size }) => [read, size])).toEqual([
    ['b', 3 * MiB],
    ['a', 5 * MiB],
  ]);
  expect(progress).toMatchObject({ marked: ['a', 'b'], orphanedParts: 0 });
  // The mark is a copy.
  const mark = JSON.parse(String(bucket.objects.get(`${FOLDER}a/meta.compacted.json`)));
  expect(mark).toMatchObject({ blockID: 'a', compactionLevel: 1 });
  expect(bucket.objects.has(`${FOLDER}a/meta.json`)).toBe(false);
});

test.each([
  [1, [1]],
  [5, [5]],
  [6, [5, 1]],
  [10, [5, 5]],
  [23, [5, 5, 5, 5, 3]],
])('two blocks of %i MiB together are parts of %o', async (total, sizes) => {
  bucket.script = ({ operation, key, partNumber = 0 }) => {
    const part = operation === 'UploadPart' ? bucket.uploads.get(key) : undefined;
    if (part) expect(part).toHaveLength(partNumber - 1);
    return 'ok';
  };
  const parts: number[] = [];
  const open = bucket.openUpload.bind(bucket);
  bucket.openUpload = async (...args) => {
    const upload = await open(...args);
    return {
      ...upload,
      append: (body, ...rest) => {
        parts.push(body.size / MiB);
        return upload.append(body, ...rest);
      },
    };
  };
  await compact({ a: { size: (total - 0.5) * MiB }, b: { size: 0.5 * MiB } });
  expect(parts).toEqual(sizes);
});

test('row groups under 5 MiB make S3 refuse the upload, as it did in grafana/tempo#5375, and their parts stay behind', async () => {
  const two = { a: { size: 2 * MiB }, b: { size: 2 * MiB } };
  await expect(compact(two, 1.5 * MiB)).rejects.toThrow('EntityTooSmall');
  expect(progress).toMatchObject({ orphanedParts: 3, objects: [], marked: [] });
  expect(bucket.uploads.get(`${FOLDER}new/data.parquet`)).toHaveLength(3);
});

test.each([
  ['GetObject', 'a/data.parquet', 0, []],
  ['CreateMultipartUpload', 'new/data.parquet', 0, []],
  ['UploadPart', 'new/data.parquet', 0, []],
  ['CompleteMultipartUpload', 'new/data.parquet', 2, []],
  ['PutObject', 'new/bloom-0', 0, ['data.parquet']],
  ['PutObject', 'new/meta.json', 0, ['data.parquet', 'bloom-0', 'index']],
])('when %s of %s fails, all stops there, and no input is marked', async (operation, key, orphanedParts, names) => {
  bucket.script = (request) => (request.operation === operation && request.key === FOLDER + key ? 'fail' : 'ok');
  await expect(compact({ a: { size: 4 * MiB }, b: { size: 4 * MiB } })).rejects.toThrow(`${operation} ${FOLDER}${key}`);
  expect(bucket.requests.at(-1)).toMatchObject({ operation: expect.stringMatching(operation) });
  expect(progress).toMatchObject({ orphanedParts, marked: [] });
  expect(progress.objects.map(({ name }) => name)).toEqual(names);
  expect(bucket.requests.some((request) => /Abort|Delete|Copy/.test(request.operation))).toBe(false);
  for (const block of ['a', 'b']) expect(bucket.objects.has(`${FOLDER}${block}/meta.json`)).toBe(true);
});

test('a part that fails after others leaves them behind', async () => {
  bucket.script = ({ partNumber }) => (partNumber === 2 ? 'fail' : 'ok');
  await expect(compact({ a: { size: 4 * MiB }, b: { size: 4 * MiB } })).rejects.toThrow('UploadPart');
  expect(progress.orphanedParts).toBe(1);
});

test('an input that was compacted meanwhile ends the job before anything is written', async () => {
  bucket.script = ({ operation, key, number }) => {
    if (operation === 'GetObject' && key === `${FOLDER}b/meta.json` && number === 2) bucket.objects.delete(key);
    return 'ok';
  };
  await expect(compact({ a: {}, b: {} })).rejects.toThrow('block b has no meta.json any more');
  expect(bucket.requests.map(said)).toEqual(['GetObject a/meta.json', 'GetObject b/meta.json']);
});

test('data that is not what was written fails the job', async () => {
  bucket.script = ({ key, range }) => {
    if (key.endsWith('new/data.parquet') && range) bucket.objects.set(key, Buffer.alloc(8 * MiB));
    return 'ok';
  };
  await expect(compact({ a: {}, b: {} })).rejects.toThrow('it does not end with the bytes that were written');
});

test('what is read back may have been sent in two parts', async () => {
  const { block } = await compact({ a: { size: 3 * MiB }, b: { size: 2 * MiB + 3 } });
  expect(bucket.requests.filter(({ operation }) => operation === 'UploadPart')).toHaveLength(2);
  expect(block.size).toBe(5 * MiB + 3);
});

test('a mark that fails does not keep the others from it', async () => {
  bucket.script = ({ operation, key }) =>
    (operation === 'CopyObject' && key.includes('/a/')) || (operation === 'DeleteObject' && key.includes('/b/'))
      ? 'fail'
      : 'ok';
  const { failure } = await compact({ a: {}, b: {}, c: {} });
  expect(failure?.message).toMatch(/^unable to mark 2 blocks compacted: CopyObject .*503 SlowDown/);
  expect(progress.marked).toEqual(['c']);
  // Copied first: no moment without either.
  expect(bucket.objects.has(`${FOLDER}b/meta.compacted.json`)).toBe(true);
  expect(bucket.objects.has(`${FOLDER}b/meta.json`)).toBe(true);
  expect(bucket.objects.has(`${FOLDER}a/meta.json`)).toBe(true);
});
