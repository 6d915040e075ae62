import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { HeadBlock } from './head-block.ts';
import { MemoryDisk } from './memory-disk.ts';

const head = (id: string, disk: MemoryDisk) =>
  new HeadBlock(id, 'single-tenant', new Date('2026-01-01T00:00:00Z'), disk, new Random(1));

test('each page is a file of the WAL, with bytes of its own', async () => {
  const disk = new MemoryDisk();
  const [a, b] = [head('a', disk), head('b', disk)];
  for (const block of [a, b]) for (const bytes of [1000, 1000, 500]) await block.append(bytes);
  expect(a.bytes).toBe(2500);
  expect(a.pages).toEqual([1, 2, 3].map((page) => `wal/a+single-tenant+vParquet4/000000000${page}`));
  const hashes = await Promise.all([...a.pages, ...b.pages].map(async (page) => (await disk.read(page)).sha256()));
  expect(new Set(hashes).size).toBe(6);
});

test('a page that could not be written is not part of the block', async () => {
  const disk = new MemoryDisk(1500);
  const block = head('a', disk);
  await block.append(1000);
  await expect(block.append(1000)).rejects.toThrow('0000000002: no space left');
  expect([block.bytes, block.pages.length]).toEqual([1000, 1]);
});
