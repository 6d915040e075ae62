import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { completeBlock } from './complete-block.ts';
import { HeadBlock } from './head-block.ts';
import type { Content } from './local-disk.ts';
import { MemoryDisk } from './memory-disk.ts';

const random = new Random(3);
const start = new Date('2026-01-01T00:00:00.5Z');
const end = new Date('2026-01-01T00:30:00.5Z');

class WatchedDisk extends MemoryDisk {
  readonly steps: string[] = [];
  override write(path: string, content: Content) {
    this.steps.push(`write ${path}`);
    return super.write(path, content);
  }
  override remove(path: string) {
    this.steps.push(`remove ${path}`);
    return super.remove(path);
  }
}

test('writes data, blooms and index, then meta.json, and leaves the WAL', async () => {
  const disk = new WatchedDisk();
  const head = new HeadBlock('b', 'single-tenant', start, disk, random);
  await head.append(300_000_000, start);
  await head.append(200_000_000, end);
  disk.steps.length = 0;
  const { objects } = await completeBlock(head, disk, random);

  expect(disk.steps).toEqual([
    'write blocks/single-tenant/b/data.parquet',
    'write blocks/single-tenant/b/bloom-0',
    'write blocks/single-tenant/b/bloom-1',
    'write blocks/single-tenant/b/index',
    'write blocks/single-tenant/b/meta.json',
  ]);
  expect(objects.map(({ name, size }) => [name, size])).toEqual([
    ['data.parquet', 500_000_000],
    ['bloom-0', 102424],
    ['bloom-1', 102424],
    ['index', 42 + 4 * 27],
    ['meta.json', disk.text('blocks/single-tenant/b/meta.json').length],
  ]);
  expect(JSON.parse(disk.text('blocks/single-tenant/b/meta.json'))).toMatchObject({
    blockID: 'b',
    startTime: '2026-01-01T00:00:00Z',
    endTime: '2026-01-01T00:30:00Z',
    totalObjects: 100_000,
    size: 500_000_000,
    totalRecords: 5,
    bloomShards: 2,
  });
});

test('an index of one row group has the 42 bytes that a real one has', async () => {
  const disk = new MemoryDisk();
  const head = new HeadBlock('b', 't', start, disk, random);
  await head.append(442_069, start);
  const { objects } = await completeBlock(head, disk, random);
  expect(objects.find(({ name }) => name === 'index')?.size).toBe(42);
});

test('when the disk is full, the WAL is kept', async () => {
  const disk = new MemoryDisk(300);
  const head = new HeadBlock('b', 't', start, disk, random);
  await head.append(100, start);
  await expect(completeBlock(head, disk, random)).rejects.toThrow('blocks/t/b/data.parquet: no space left');
  expect(disk.paths).toEqual(['wal/b+t+vParquet4/0000000001', 'wal/b+t+vParquet4/meta.json']);
});
