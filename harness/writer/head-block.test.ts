import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { HeadBlock, nameOf } from './head-block.ts';
import { MemoryDisk } from './memory-disk.ts';

const at = new Date('2026-01-01T00:00:10.5Z');
const head = (id: string, disk: MemoryDisk) =>
  new HeadBlock(id, 'single-tenant', new Date('2026-01-01T00:00:00Z'), disk, new Random(1));

test('each page is a file of the WAL, with bytes of its own', async () => {
  const disk = new MemoryDisk();
  const [a, b] = [head('a', disk), head('b', disk)];
  for (const block of [a, b]) for (const bytes of [1000, 1000, 500]) await block.append(bytes, at);
  expect(a.bytes).toBe(2500);
  expect(a.pages).toEqual([1, 2, 3].map((page) => `wal/a+single-tenant+vParquet4/000000000${page}`));
  const hashes = await Promise.all([...a.pages, ...b.pages].map(async (page) => (await disk.read(page)).sha256()));
  expect(new Set(hashes).size).toBe(6);
});

test('a page that could not be written is not part of the block', async () => {
  const disk = new MemoryDisk(1700);
  const block = head('a', disk);
  await block.append(1000, at);
  await expect(block.append(1000, at)).rejects.toThrow('0000000002: no space left');
  expect([block.bytes, block.pages.length]).toEqual([1000, 1]);
  // The next one is another file, and the block goes on.
  disk.capacity = 10_000;
  await block.append(500, at);
  expect([block.bytes, block.pages.map(nameOf)]).toEqual([1500, ['0000000001', '0000000003']]);
});

test('meta.json is written anew before each page, with how large its pages are to be', async () => {
  const disk = new MemoryDisk();
  const steps: string[] = [];
  const write = disk.write.bind(disk);
  disk.write = (path, content) => {
    steps.push(nameOf(path));
    return write(path, content);
  };
  const block = head('a', disk);
  await block.append(1000, new Date('2026-01-01T00:00:10Z'));
  await block.append(700, at);
  expect(steps).toEqual(['meta.json', '0000000001', 'meta.json', '0000000002']);
  expect(JSON.parse(disk.text('wal/a+single-tenant+vParquet4/meta.json'))).toEqual({
    blockID: 'a',
    tenantID: 'single-tenant',
    startTime: '2026-01-01T00:00:00.000Z',
    endTime: '2026-01-01T00:00:10.500Z',
    pages: { '0000000001': 1000, '0000000002': 700 },
  });
});
