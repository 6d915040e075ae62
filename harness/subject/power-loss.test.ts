import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { losePower } from './power-loss.ts';

const at = new Date('2026-01-01T00:10:00Z');
const tenant = 'single-tenant';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-power-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A file of so many bytes that was written so many seconds before the power went. */
async function put(path: string, content: number | string, secondsBefore: number): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : Buffer.alloc(content, 'x'));
  const time = new Date(at.getTime() - secondsBefore * 1000);
  await utimes(file, time, time);
}

const sizeOf = (path: string) =>
  stat(join(folder, path)).then(
    ({ size }) => size,
    () => 'gone',
  );

test('what is older stays, what the journal knows is empty, and what it does not know is gone', async () => {
  for (const [name, before] of Object.entries({ old: 30.1, empty: 29.9, known: 5.1, gone: 4.9, now: 0 })) {
    await put(`blocks/${tenant}/${name}/data.parquet`, 100, before);
  }
  const lost = await losePower({ folder, tenant }, at, 30_000);
  expect(
    await Promise.all(
      ['old', 'empty', 'known', 'gone', 'now'].map((name) => sizeOf(`blocks/${tenant}/${name}/data.parquet`)),
    ),
  ).toEqual([100, 0, 0, 'gone', 'gone']);
  expect(lost).toEqual({ removed: 2, emptied: 2, bytes: 400, localBlocks: 4, wal: new Map() });
});

test('under compression both times are as much shorter', async () => {
  for (const before of [1.6, 1.4, 0.3, 0.2]) await put(`wal/${before}`, 1, before);
  await losePower({ folder, tenant }, at, 1500);
  expect(await Promise.all([1.6, 1.4, 0.3, 0.2].map((before) => sizeOf(`wal/${before}`)))).toEqual([1, 0, 0, 'gone']);
});

test('closed pages of the WAL are told, block by block; a meta.json that was written anew stays', async () => {
  const meta = (pages: Record<string, number>) =>
    JSON.stringify({ startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T00:00:00Z', pages });
  const wal = (block: string) => `wal/${block}+${tenant}+vParquet4`;
  await put(`${wal('a')}/0000000001`, 100, 60);
  await put(`${wal('a')}/0000000002`, 70, 20);
  await put(`${wal('a')}/0000000003`, 50, 2);
  await put(`${wal('a')}/0000000004`, 9, 1);
  const pages = { '0000000001': 100, '0000000002': 70, '0000000003': 50, '0000000004': 40 };
  await put(`${wal('a')}/meta.json`, meta(pages), 1);
  await put(`${wal('b')}/0000000001`, 30, 3);
  await put(`${wal('b')}/meta.json`, meta({ '0000000001': 30 }), 3);
  const lost = await losePower({ folder, tenant }, at, 30_000);
  // The fourth page was not closed: it had not been promised.
  expect(lost.wal).toEqual(
    new Map([
      ['a', { pages: 2, bytes: 120 }],
      ['b', { pages: 1, bytes: 30 }],
    ]),
  );
  expect(await readFile(join(folder, wal('a'), 'meta.json'), 'utf8')).toBe(meta(pages));
  expect(await Promise.all([1, 2, 3, 4].map((page) => sizeOf(`${wal('a')}/000000000${page}`)))).toEqual([
    100,
    0,
    'gone',
    'gone',
  ]);
  expect(await sizeOf(`${wal('b')}/meta.json`)).toBe('gone');
});
