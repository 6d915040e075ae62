import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { blockId } from './block-writer.ts';
import { type Example, MiB, minute, second, startExample } from './block-writer-example.ts';
import { seeded, text } from './local-disk.ts';
import { MemoryDisk } from './memory-disk.ts';

const objectNames = ['data.parquet', 'bloom-0', 'bloom-1', 'index', 'meta.json'];
const noJitter = { firstFlushJitter: 0 };

/** A writer that ran until then, and was killed: its disk is as it was at that moment. */
async function killedAt(t: number, plan: Parameters<typeof startExample>[0] = {}): Promise<Example> {
  const example = startExample({ flush: noJitter, load: { blocks: 4 }, ...plan });
  await example.clock.advance(t);
  return { ...example, disk: example.disk.copy() };
}

const walOf = (disk: MemoryDisk) => disk.paths.filter((path) => path.startsWith('wal/'));
const blockOf = (path: string) => path.split('/').flatMap((part) => part.match(/^[0-9a-f-]{36}/) ?? [])[0] as string;

test('a head block is completed with its closed pages, and data taken in goes on with the next block', async () => {
  const before = await killedAt(56 * second);
  const [first] = before.events('block.cut');
  const head = blockOf(walOf(before.disk)[0] as string);

  const after = startExample({ flush: noJitter, load: { blocks: 4, begun: 2 }, disk: before.disk });
  expect(await after.clock.run(after.writer.started)).toEqual({
    found: {
      walBlocks: 1,
      walPages: 2,
      walBytes: 400 * MiB,
      walDeleted: 0,
      walDeletedBytes: 0,
      tornPages: 0,
      emptyPages: 0,
      localBlocks: 0,
      flushedBlocks: 1,
      localDeleted: 0,
      localInvalid: 0,
    },
    blocks: [first?.block],
  });
  await after.clock.run(after.writer.done);

  const [, second_, third, fourth] = [1, 2, 3, 4].map((number) => blockId(new Random(1), 'ingester-0', number));
  expect(second_).toBe(head);
  const cuts = after.events('block.cut');
  expect(cuts.map(({ block, objects }) => [block, objects[0]?.size])).toEqual([
    [head, 400 * MiB],
    [third, 500 * MiB],
    [fourth, 500 * MiB],
  ]);
  expect(after.events('flush.end').map(({ block, outcome }) => [block, outcome])).toEqual(
    cuts.map(({ block }) => [block, 'ok']),
  );
  expect(walOf(after.disk)).toEqual([]);
});

test('a block that was being completed is completed anew, under its id: the local block is deleted first', async () => {
  const before = await killedAt(30 * second - 1);
  const head = blockOf(walOf(before.disk)[0] as string);
  const folder = `blocks/single-tenant/${head}`;
  for (const name of ['data.parquet', 'bloom-7', 'meta.json'])
    await before.disk.write(`${folder}/${name}`, text('half'));

  const after = startExample({ flush: noJitter, load: { blocks: 4, begun: 4 }, disk: before.disk });
  await after.clock.run(after.writer.started);
  await after.clock.run(after.writer.done);
  expect(after.disk.paths.map((path) => path.slice(folder.length + 1))).toEqual([
    'bloom-0',
    'data.parquet',
    'flushed',
    'index',
    'meta.json',
  ]);
  expect(after.events('block.cut').map(({ block }) => block)).toEqual([head]);
});

test('replayed blocks and blocks found wait a random time up to 10 s, once', async () => {
  const before = await killedAt(56 * second, { script: () => ({ answer: 'hang' }) });
  const after = startExample({ load: { blocks: 2, begun: 2 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  const [cut] = after.events('block.cut');
  const [found, replayed] = after.events('flush.start').sort((a) => (a.block === cut?.block ? 1 : -1));
  expect(found?.block).toBe(before.events('block.cut')[0]?.block);
  for (const t of [found?.t, cut?.t]) {
    expect(t).toBeGreaterThan(0);
    expect(t).toBeLessThan(10 * second);
  }
  expect(replayed?.t).toBe(cut?.t);
  // Not cut again: it had been already.
  expect(after.events('block.cut')).toHaveLength(1);
  for (const name of objectNames) {
    expect(after.store.objects.get(`single-tenant/${found?.block}/${name}`)?.sha256).toBe(
      before.events('block.cut')[0]?.objects.find((object) => object.name === name)?.sha256,
    );
  }
});

test.each([
  // It ended 25 s after the clock of its process began, was flushed at 30 s, and the clock of the new process begins anew.
  ['end', 15 * 60 + 30],
  ['flush', 15 * 60 + 40],
] as const)(
  'a block marked flushed is not flushed again, and cleared when it is due from its %s',
  async (clearedAfter, at) => {
    const before = await killedAt(35 * second, { load: { blocks: 1 } });
    expect(before.disk.paths).toHaveLength(objectNames.length + 1);
    const after = startExample({
      flush: noJitter,
      blocks: { clearedAfter },
      load: { blocks: 1, begun: 1 },
      disk: before.disk,
    });
    await after.clock.run(after.writer.done);
    expect(after.store.puts).toEqual([]);
    await after.clock.advance(at * second - 1);
    expect(after.disk.paths).toHaveLength(objectNames.length + 1);
    await after.clock.advance(1);
    expect(after.disk.paths).toEqual([]);
    expect(after.events('block.cleared').map(({ block }) => block)).toEqual([before.events('block.cut')[0]?.block]);
  },
);

test('a block whose mark is empty is flushed again', async () => {
  const before = await killedAt(35 * second, { load: { blocks: 1 } });
  const mark = before.disk.paths.find((path) => path.endsWith('/flushed')) as string;
  await before.disk.write(mark, text(''));
  const after = startExample({ flush: noJitter, load: { blocks: 1, begun: 1 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  expect(after.events('flush.end').map(({ outcome }) => outcome)).toEqual(['ok']);
  expect(after.disk.text(mark)).toBe('2026-01-01T00:00:00.000Z');
});

test('pages of 0 bytes are ignored, those that do not open are skipped, and the rest is kept', async () => {
  const before = await killedAt(56 * second);
  const [page, , meta] = walOf(before.disk) as [string, string, string];
  const folder = page.slice(0, page.lastIndexOf('/'));
  await before.disk.write(meta, text(before.disk.text(meta).replace('}}', ',"0000000003":7,"0000000004":8}}')));
  await before.disk.write(`${folder}/0000000003`, text(''));
  await before.disk.write(`${folder}/0000000004`, text('torn'));
  await before.disk.write(page, seeded(new Random(1), 5, 'torn'));
  const after = startExample({ flush: noJitter, load: { blocks: 2, begun: 2 }, disk: before.disk });
  expect((await after.clock.run(after.writer.started)).found).toMatchObject({
    walBlocks: 1,
    walPages: 1,
    tornPages: 2,
    emptyPages: 1,
  });
  await after.clock.run(after.writer.done);
  expect(after.events('block.cut')[0]?.objects[0]?.size).toBe(200 * MiB);
  // What was not closed had not been promised.
  expect(after.events('data.lost')).toEqual([]);
});

test('a WAL block without a closed page is deleted without a word', async () => {
  const before = await killedAt(46 * second);
  const [page] = walOf(before.disk) as [string];
  await before.disk.write(page, text(''));
  const after = startExample({ flush: noJitter, load: { blocks: 2, begun: 2 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  expect(walOf(after.disk)).toEqual([]);
  expect(after.history).toEqual([]);
});

test.each([
  ['is not there', undefined],
  ['is empty', ''],
  ['does not parse', '{"startTime":"2026'],
])('a WAL block whose meta.json %s is deleted, and its data is lost', async (_, content) => {
  const before = await killedAt(56 * second);
  const meta = walOf(before.disk).find((path) => path.endsWith('meta.json')) as string;
  if (content === undefined) await before.disk.remove(meta);
  else await before.disk.write(meta, text(content));
  const after = startExample({ flush: noJitter, load: { blocks: 2, begun: 2 }, disk: before.disk });
  expect((await after.clock.run(after.writer.started)).found).toMatchObject({
    walBlocks: 0,
    walDeleted: 1,
    walDeletedBytes: 400 * MiB,
  });
  await after.clock.run(after.writer.done);
  expect(after.events('data.lost')).toMatchObject([
    { what: 'wal', block: blockOf(meta), bytes: 400 * MiB, reason: 'failed to replay block. removing.' },
  ]);
  expect(walOf(after.disk)).toEqual([]);
});

test('what its local block holds is not lost with a WAL block', async () => {
  const before = await killedAt(35 * second, { load: { blocks: 1 }, script: () => ({ answer: 'hang' }) });
  const block = blockOf(before.disk.paths[0] as string);
  await before.disk.write(`wal/${block}+single-tenant+vParquet4/0000000001`, text('a page'));
  const after = startExample({ flush: noJitter, load: { blocks: 1, begun: 1 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  expect(after.events('data.lost')).toEqual([]);
  expect(after.events('flush.end')).toMatchObject([{ block, outcome: 'ok' }]);
});

test.each([
  ['no meta.json', 'meta.json', undefined, 'localDeleted', /incomplete block and will be deleted/],
  ['an empty meta.json', 'meta.json', '', 'localInvalid', /Unexpected error reloading meta/],
  ['data of another length', 'data.parquet', 'short', 'localInvalid', /failed validation, dropping/],
  ['a bloom of 0 bytes', 'bloom-1', '', 'localInvalid', /failed validation, dropping/],
  ['a bloom missing', 'bloom-0', undefined, 'localInvalid', /failed validation, dropping/],
])('a local block with %s is given up', async (_, name, content, counted, reason) => {
  const before = await killedAt(35 * second, { load: { blocks: 1 }, script: () => ({ answer: 'hang' }) });
  const folder = `blocks/single-tenant/${blockOf(before.disk.paths[0] as string)}`;
  if (content === undefined) await before.disk.remove(`${folder}/${name}`);
  else await before.disk.write(`${folder}/${name}`, text(content));
  const after = startExample({ flush: noJitter, load: { blocks: 1, begun: 1 }, disk: before.disk });
  expect((await after.clock.run(after.writer.started)).found).toMatchObject({ localBlocks: 0, [counted]: 1 });
  await after.clock.run(after.writer.done);
  expect(after.events('block.dropped')).toMatchObject([
    { block: blockOf(folder), reason: expect.stringMatching(reason) },
  ]);
  expect(after.store.puts).toEqual([]);
  // Tempo deletes the one that is incomplete, and leaves the others for someone to look at.
  const kept = content === undefined ? objectNames.length - 1 : objectNames.length;
  expect(after.disk.paths).toHaveLength(counted === 'localDeleted' ? 0 : kept);
});

test('a local block without an index is taken for whole, and no flush of it succeeds', async () => {
  const before = await killedAt(35 * second, { load: { blocks: 1 }, script: () => ({ answer: 'hang' }) });
  await before.disk.remove(before.disk.paths.find((path) => path.endsWith('/index')) as string);
  const after = startExample({ flush: noJitter, load: { blocks: 1, begun: 1 }, disk: before.disk });
  await after.clock.advance(2 * minute);
  expect(after.events('flush.end').map(({ outcome, error }) => [outcome, error])).toEqual(
    Array(3).fill(['fail', expect.stringMatching(/^error copying block .*cannot read .*\/index: no such file$/)]),
  );
  await after.clock.run(after.writer.stop());
});

test('what belongs to another tenant, or is no WAL block, is left as it is', async () => {
  const disk = new MemoryDisk();
  const foreign = ['wal/one+other-tenant+vParquet4/0000000001', 'wal/notes', 'blocks/other-tenant/two/data.parquet'];
  for (const path of foreign) await disk.write(path, text('x'));
  const after = startExample({ flush: noJitter, load: { blocks: 1, begun: 1 }, disk });
  await after.clock.run(after.writer.done);
  expect(disk.paths).toEqual(foreign.sort());
  expect(after.history).toEqual([]);
});
