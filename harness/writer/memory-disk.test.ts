import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { files, seeded, text } from './local-disk.ts';
import { MemoryDisk } from './memory-disk.ts';

const random = new Random(1);

test('holds 500 MiB as a description: at once, and in no memory', async () => {
  const disk = new MemoryDisk();
  await disk.write('wal/1', seeded(random, 250 * 2 ** 20, 'page', 1));
  await disk.write('wal/2', seeded(random, 250 * 2 ** 20, 'page', 2));
  const joined = await disk.write('blocks/data', files(['wal/1', 'wal/2']));
  expect(joined.size).toBe(500 * 2 ** 20);
  const body = await disk.read('blocks/data');
  expect([body.size, await body.sha256()]).toEqual([joined.size, joined.sha256]);
  expect(() => body.open()).toThrow('blocks/data holds no bytes');
});

test('equal contents have equal hashes, and different ones different', async () => {
  const disk = new MemoryDisk();
  const hash = async (name: string, content: Parameters<MemoryDisk['write']>[1]) =>
    (await disk.write(name, content)).sha256;
  const one = await hash('one', seeded(random, 10, 'page', 1));
  const two = await hash('two', seeded(random, 10, 'page', 2));
  const distinct = [
    one,
    two,
    await hash('other-seed', seeded(new Random(2), 10, 'page', 1)),
    await hash('shorter', seeded(random, 9, 'page', 1)),
    await hash('joined', files(['one', 'two'])),
    await hash('joined-otherwise', files(['two', 'one'])),
    await (await disk.read('one')).slice(0, 5).sha256(),
    await (await disk.read('one')).slice(5, 10).sha256(),
  ];
  expect(new Set(distinct).size).toBe(distinct.length);
  expect(await hash('again', seeded(random, 10, 'page', 1))).toBe(one);
  expect(await hash('joined-alone', files(['one']))).toBe(one);
});

test('texts keep their bytes', async () => {
  const disk = new MemoryDisk();
  const written = await disk.write('blocks/index', text('{"rowGroups":[]}'));
  expect(written.sha256).toBe(createHash('sha256').update('{"rowGroups":[]}').digest('hex'));
  const slice = (await disk.read('blocks/index')).slice(2, 11);
  expect(Buffer.concat(await slice.open().toArray()).toString()).toBe('rowGroups');
  expect(slice.size).toBe(9);
});

test('a full disk refuses what does not fit, keeps the rest, and has room again when something is removed', async () => {
  const disk = new MemoryDisk(100);
  await disk.write('wal/a/1', seeded(random, 60, 1));
  await expect(disk.write('wal/b/1', seeded(random, 41, 2))).rejects.toThrow(
    'cannot write wal/b/1: no space left on device (60 of 100 bytes are used, and 41 more are wanted)',
  );
  expect(disk.paths).toEqual(['wal/a/1']);
  await disk.write('wal/a/1', seeded(random, 100, 3)); // replaces, and so fits
  await disk.write('wal/ab', text(''));
  await disk.remove('wal/a'); // a folder, and not every path that begins so
  expect(disk.paths).toEqual(['wal/ab']);
  await expect(disk.read('wal/a/1')).rejects.toThrow('wal/a/1: no such file');
});

test('lists files as a real disk does, and keeps what a gate has let through', async () => {
  const disk = new MemoryDisk();
  await disk.write('wal/b/1', seeded(random, 5, 1));
  await disk.write('wal/a/1', seeded(random, 4, 1));
  await disk.write('walnut', text('x'));
  expect(await disk.list('wal')).toEqual([
    { path: 'wal/a/1', size: 4 },
    { path: 'wal/b/1', size: 5 },
  ]);
  expect(await disk.list('')).toHaveLength(3);

  const gate = async (bytes: number) => {
    if (bytes === 4) throw new Error('ENOSPC: no space left on device, write');
    return Math.min(bytes, 6);
  };
  await expect(disk.write('wal/c/1', { kind: 'gated', content: text('0123456789'), gate })).rejects.toThrow(
    'cannot write wal/c/1 (6 bytes in): ENOSPC',
  );
  expect(disk.text('wal/c/1')).toBe('012345');
  const all = await disk.write('wal/d/1', {
    kind: 'gated',
    content: seeded(random, 4, 1),
    gate: async (bytes) => bytes,
  });
  expect(all).toEqual(await disk.write('wal/e/1', seeded(random, 4, 1)));
});
