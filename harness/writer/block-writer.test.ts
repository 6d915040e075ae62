import { expect, test } from 'vitest';
import type { FlushEndEvent } from '../history/events.ts';
import { type Example, MiB, minute, second, startExample } from './block-writer-example.ts';
import { WriterStopped } from './flush-queues.ts';

const objectNames = ['data.parquet', 'bloom-0', 'bloom-1', 'index', 'meta.json'];

/** `[object, when in s, how it ended]` of every put, in the order of their end. */
function puts({ store }: Example) {
  return store.puts.map(({ key, end, outcome }) => [key.slice(key.lastIndexOf('/') + 1), end / second, outcome]);
}

/** Without jitter, so that times can be read off. */
const noJitter = { flush: { firstFlushJitter: 0 } };

test('takes data in, cuts at max_block_bytes, and flushes each block, meta.json last', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 3, startAfter: 5 * second }, prefix: '/tempo/prod/' });
  await example.clock.run(example.writer.done);

  const cuts = example.events('block.cut');
  expect(cuts.map(({ t }) => t / second)).toEqual([30, 55, 80]);
  for (const cut of cuts) {
    expect(cut.keyPrefix).toBe(`tempo/prod/single-tenant/${cut.block}/`);
    expect(cut.objects.map(({ name }) => name)).toEqual(objectNames);
    expect(cut.objects[0]?.size).toBe(500 * MiB);
    expect(cut.bytes).toBe(cut.objects.reduce((sum, { size }) => sum + size, 0));
    expect(cut.block).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const { name, size, sha256 } of cut.objects) {
      expect(example.store.objects.get(`${cut.keyPrefix}${name}`)).toEqual({ size, sha256 });
    }
  }
  expect(new Set(cuts.map(({ block }) => block)).size).toBe(3);
  expect(example.store.puts.map(({ key }) => key)).toEqual(
    cuts.flatMap(({ keyPrefix }) => objectNames.map((name) => `${keyPrefix}${name}`)),
  );
  expect(example.events('flush.end').map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
});

test('a block that does not fill up is cut max_block_duration after its first byte', async () => {
  const example = startExample({ ...noJitter, load: { bytesPerSecond: 1000, blocks: 2 } });
  await example.clock.run(example.writer.done);
  const cuts = example.events('block.cut');
  // The first byte of a block arrives 1 ms after the last one of the block before.
  expect(cuts.map(({ t }) => t)).toEqual([30 * minute + 1, 60 * minute + 2]);
  expect(cuts.map(({ objects }) => objects[0]?.size)).toEqual([1_800_001, 1_800_001]);
});

test('data is on the disk as it comes in: one page of the WAL for each flush_check_period', async () => {
  const example = startExample({ ...noJitter });
  await example.clock.advance(20 * second);
  const block = example.disk.paths[0]?.slice('wal/'.length).split('+')[0];
  const wal = `wal/${block}+single-tenant+vParquet4`;
  const pages = [`${wal}/0000000001`, `${wal}/0000000002`];
  expect(await example.disk.list('wal')).toMatchObject([...pages.map((path) => ({ path, size: 200 * MiB })), {}]);
  expect(example.disk.paths).toEqual([...pages, `${wal}/meta.json`]);

  await example.clock.run(example.writer.done);
  expect(example.disk.paths).toEqual(
    [...objectNames.map((name) => `blocks/single-tenant/${block}/${name}`).sort((a, b) => (a < b ? -1 : 1))].toSpliced(
      3,
      0,
      `blocks/single-tenant/${block}/flushed`,
    ),
  );
});

test('every attempt starts again at data.parquet, after 30, 60, 120 and 120 s', async () => {
  const example = startExample({
    ...noJitter,
    // Of meta.json the first two puts fail, of the index the first two, of the data the first.
    script: ({ number }, name) => {
      const fails = { 'meta.json': 2, index: 2, 'data.parquet': 1 }[name] ?? 0;
      return { answer: number <= fails ? 'fail' : 'ok' };
    },
  });
  await example.clock.run(example.writer.done);
  const whole = (t: number) => objectNames.map((name) => [name, t, 'ok']);
  expect(puts(example)).toEqual([
    ['data.parquet', 25, 'fail'],
    ...whole(55).slice(0, 3),
    ['index', 55, 'fail'],
    ...whole(115).slice(0, 3),
    ['index', 115, 'fail'],
    ...whole(235).slice(0, 4),
    ['meta.json', 235, 'fail'],
    ...whole(355).slice(0, 4),
    ['meta.json', 355, 'fail'],
    ...whole(475),
  ]);
  expect(example.events('flush.end').map(({ retryIn }) => retryIn)).toEqual([
    30_000,
    60_000,
    120_000,
    120_000,
    120_000,
    undefined,
  ]);
});

test('grafana/tempo#4361: the deadline covers all objects of a block together, and the block is flushed in the end', async () => {
  const example = startExample({
    ...noJitter,
    // Each object alone takes less than 5 minutes, the block as a whole more.
    script: ({ number }, name) => ({
      answer: 'ok',
      afterMs: number > 1 ? second : name === 'index' ? 4 * minute : minute,
    }),
  });
  await example.clock.run(example.writer.done);
  expect(puts(example).slice(0, 4)).toEqual([
    ['data.parquet', 25 + 60, 'ok'],
    ['bloom-0', 25 + 120, 'ok'],
    ['bloom-1', 25 + 180, 'ok'],
    ['index', 25 + 300, 'deadline'],
  ]);
  const [first, second_] = example.events('flush.end') as [FlushEndEvent, FlushEndEvent];
  expect(first).toMatchObject({ t: 325 * second, outcome: 'fail', deadlineExceeded: true, retryIn: 30_000 });
  expect(first.error).toMatch(/^error copying block .*index: context deadline exceeded$/);
  expect(second_).toMatchObject({ t: (325 + 30 + 4 + 60) * second, outcome: 'ok', attempt: 2 });
});

test('a block that cannot be uploaded within flush_op_timeout never completes, and is never dropped', async () => {
  const example = startExample({ ...noJitter, script: () => ({ answer: 'slow', bytesPerSecond: MiB }) });
  await example.clock.advance(10 * 60 * minute);
  const ends = example.events('flush.end');
  expect(ends.length).toBe(Math.floor((600 * 60 - 25 - 330 - 360) / 420) + 2);
  expect(ends.every(({ deadlineExceeded, outcome }) => deadlineExceeded && outcome === 'fail')).toBe(true);
  expect(example.store.objects.size).toBe(0);
  expect(example.disk.paths).toHaveLength(objectNames.length);
  await example.clock.run(example.writer.stop());
});

test('a block whose flush hangs blocks its queue; the other queues go on', async () => {
  let hung: string | undefined;
  const example = startExample({
    flush: { firstFlushJitter: 0, concurrentFlushes: 2 },
    load: { blocks: 4 },
    script: ({ key, number }) => {
      hung ??= key;
      return key === hung && number === 1 ? { answer: 'hang' } : { answer: 'ok' };
    },
  });
  await example.clock.run(example.writer.done);
  const blocks = example.events('block.cut').map(({ block }) => block);
  const flushed = example.events('flush.end').filter(({ outcome }) => outcome === 'ok');
  // Cut at 25, 50, 75 and 100 s; the third was dealt to the queue of the first, which is free at 325 s.
  expect(flushed.map(({ t, block }) => [t / second, blocks.indexOf(block)])).toEqual([
    [50, 1],
    [100, 3],
    [325, 2],
    [355, 0],
  ]);
});

test('flushRetries 0: the block is dropped, named, and deleted from the disk; the other is flushed', async () => {
  const example = startExample({
    flush: { firstFlushJitter: 0, flushRetries: 0 },
    load: { blocks: 2 },
    script: ({ key }) => ({
      answer: example.events('block.cut').length === 1 && key.endsWith('/index') ? 'fail' : 'ok',
    }),
  });
  await example.clock.run(example.writer.done);
  const [first, other] = example.events('block.cut').map(({ block }) => block);
  expect(example.events('block.dropped').map(({ t, block }) => [t / second, block])).toEqual([[25, first]]);
  expect(example.events('flush.end').map(({ block, outcome }) => [block, outcome])).toEqual([
    [first, 'fail'],
    [other, 'ok'],
  ]);
  expect(example.disk.paths).toHaveLength(objectNames.length + 1);
  expect(example.disk.paths.every((path) => path.startsWith(`blocks/single-tenant/${other}/`))).toBe(true);
});

test('a flushed block stays on the disk until complete_block_timeout after its end', async () => {
  const example = startExample({ ...noJitter });
  await example.clock.run(example.writer.done);
  await example.clock.advance(15 * minute - 1);
  expect(example.disk.paths).toHaveLength(objectNames.length + 1);
  expect(example.disk.text(example.disk.paths.find((path) => path.endsWith('/flushed')) as string)).toBe(
    '2026-01-01T00:00:25.000Z',
  );
  await example.clock.advance(1);
  expect(example.disk.paths).toEqual([]);
});

test('a block that is flushed late is cleared at once, since the time counts from its end; one not flushed never is', async () => {
  const healedAt = 25 * second + 40 * minute;
  const example = startExample({
    ...noJitter,
    script: () => ({ answer: example.clock.now() < healedAt ? 'fail' : 'ok' }),
  });
  await example.clock.advance(healedAt - 1);
  expect(example.disk.paths).toHaveLength(objectNames.length);
  await example.clock.run(example.writer.done);
  await example.clock.advance(0);
  expect(example.disk.paths).toEqual([]);
});

test('S3 down at the start: the writer does not run, and the history says so', async () => {
  const example = startExample({ unreachable: new Error('ListObjectsV2: connect ECONNREFUSED') });
  await expect(example.clock.run(example.writer.done)).rejects.toThrow(
    'cannot start: ListObjectsV2: connect ECONNREFUSED',
  );
  await expect(example.writer.started).rejects.toThrow();
  expect(example.history).toEqual([
    {
      t: 0,
      type: 'writer.error',
      writer: 'ingester-0',
      message: 'block writer: cannot start: ListObjectsV2: connect ECONNREFUSED',
    },
  ]);
});

test('a disk that is full while data is taken in: the pages are lost, nothing pushes back, and the writer goes on', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 3 } });
  await example.clock.advance(30 * second);
  // Full for the pages at 35 and 45 s. The third page of the block, at 50 s, is written.
  example.disk.capacity = example.disk.used;
  await example.clock.advance(16 * second);
  example.disk.capacity = Number.POSITIVE_INFINITY;
  await example.clock.run(example.writer.done);

  const [first, second_, third] = example.events('block.cut');
  const lost = example.events('data.lost');
  expect(lost.map(({ t, block, bytes }) => [t / second, block, bytes])).toEqual([
    [35, second_?.block, 200 * MiB],
    [45, second_?.block, 200 * MiB],
  ]);
  expect(lost[0]?.reason).toMatch(/^failed to cut traces: local disk: cannot write wal\/.*no space left on device/);
  expect([first, second_, third].map((cut) => cut?.objects[0]?.size)).toEqual([500 * MiB, 100 * MiB, 500 * MiB]);
  expect(example.events('flush.end').every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(example.events('writer.error')).toEqual([]);
});

test('a block of which no page could be written is dropped', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 2 }, capacity: 0 });
  await example.clock.advance(26 * second);
  const [dropped] = example.events('block.dropped');
  expect(dropped).toMatchObject({ t: 25 * second, reason: 'none of its pages could be written' });
  expect(example.events('data.lost').map(({ block }) => block)).toEqual(Array(3).fill(dropped?.block));
  example.disk.capacity = Number.POSITIVE_INFINITY;
  await example.clock.run(example.writer.done);
  expect(example.events('block.cut')).toHaveLength(1);
});

/** Full for whoever completes a block, from `from` to `to`. Pages of the WAL have room. */
function fullForBlocks({ clock, disk }: Example, from: number, to: number): void {
  const write = disk.write.bind(disk);
  disk.write = async (path, content) => {
    const full = clock.now() >= from * second && clock.now() < to * second && path.endsWith('/data.parquet');
    if (full) throw new Error(`local disk: cannot write ${path}: no space left on device`);
    return write(path, content);
  };
}

test.each([
  ['once', 26, 55],
  ['twice', 60, 115],
])('a block that cannot be completed %s is tried again after 30 s, and 60 s, and is not lost', async (_, to, cutAt) => {
  const example = startExample({ ...noJitter, load: { blocks: 2 } });
  fullForBlocks(example, 25, to);
  await example.clock.run(example.writer.done);
  // The second block does not wait for the first one.
  const [a, b] = example.events('block.cut').sort((x, y) => y.t - x.t);
  expect(a?.t).toBe(cutAt * second);
  expect(b?.t).toBe((to > 50 ? 80 : 50) * second);
  expect(example.events('block.dropped')).toEqual([]);
  expect(new Set(example.store.puts.map(({ key }) => key.split('/')[1])).size).toBe(2);
  expect(example.disk.paths.some((path) => path.startsWith('wal/'))).toBe(false);
});

test('a block that cannot be completed three times is deleted with its data, as in Tempo', async () => {
  const example = startExample({ ...noJitter });
  fullForBlocks(example, 25, 116);
  await example.clock.run(example.writer.done);
  expect(example.events('block.dropped').map(({ t, reason }) => [t / second, reason])).toEqual([
    [
      25 + 30 + 60,
      expect.stringMatching(
        /^Block exceeded max completion errors\. Deleting\. POSSIBLE DATA LOSS \(3 attempts, the last: .*no space left on device\)$/,
      ),
    ],
  ]);
  expect(example.events('block.cut')).toEqual([]);
  expect(example.disk.paths).toEqual([]);
});

test('a block counts as cut before its WAL is deleted', async () => {
  const example = startExample({ ...noJitter });
  const remove = example.disk.remove.bind(example.disk);
  let cutAtRemoval: number | undefined;
  example.disk.remove = (path) => {
    if (path.startsWith('wal/')) cutAtRemoval = example.events('block.cut').length;
    return remove(path);
  };
  await example.clock.run(example.writer.done);
  expect(cutAtRemoval).toBe(1);
});

test('a block that cannot be deleted from the disk is told of', async () => {
  for (const flushRetries of ['unlimited', 0] as const) {
    const example = startExample({
      flush: { firstFlushJitter: 0, flushRetries },
      load: { blocks: flushRetries === 0 ? 3 : 1 },
      script: () => ({ answer: flushRetries === 0 ? 'fail' : 'ok' }),
    });
    const remove = example.disk.remove.bind(example.disk);
    example.disk.remove = async (path) => {
      if (path.startsWith('blocks/')) throw new Error(`local disk: cannot remove ${path}: EIO`);
      await remove(path);
    };
    const done = example.clock.run(example.writer.done);
    // A flushed block is cleared when the writer is long done; a dropped one while it is not.
    if (flushRetries === 0) await expect(done).rejects.toThrow('cannot remove blocks/');
    else await done;
    expect(example.clock.now()).toBe(25 * second);
    await example.clock.advance(15 * minute);
    expect(example.events('writer.error').map(({ message }) => message)).toEqual([
      `local disk: cannot remove blocks/single-tenant/${example.events('block.cut')[0]?.block}: EIO`,
    ]);
  }
});

test('any number of flushed blocks may wait to be cleared', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  try {
    const example = startExample({ load: { blocks: 20 } });
    await example.clock.run(example.writer.done);
    expect(new Set(example.disk.paths.map((path) => path.split('/')[2])).size).toBe(20);
  } finally {
    process.off('warning', warned);
  }
  expect(warnings).toEqual([]);
});

test('a stop ends everything: no put, no data, no clearing follows', async () => {
  const example = startExample({
    ...noJitter,
    load: { blocks: 10 },
    script: ({ key }) =>
      key === example.store.puts[0]?.key || example.store.puts.length < 5 ? { answer: 'ok' } : { answer: 'hang' },
  });
  await example.clock.run(example.writer.started);
  await example.clock.advance(60 * second);
  await example.clock.run(example.writer.stop());
  expect(example.clock.now()).toBe(60 * second);
  await expect(example.writer.done).rejects.toBeInstanceOf(WriterStopped);
  const after = { history: [...example.history], paths: example.disk.paths, puts: [...example.store.puts] };
  expect(after.puts.at(-1)?.outcome).toBe('aborted');
  expect(after.history.at(-1)).toMatchObject({ type: 'flush.end', outcome: 'fail', deadlineExceeded: false });
  await example.clock.advance(60 * minute);
  expect({ history: example.history, paths: example.disk.paths, puts: example.store.puts }).toEqual(after);
  expect(example.events('writer.error')).toEqual([]);
});

test('a writer that is stopped while the last flush is under way is not done', async () => {
  const example = startExample({ ...noJitter, script: () => ({ answer: 'hang' }) });
  await example.clock.advance(minute);
  await example.clock.run(example.writer.stop());
  await expect(example.writer.done).rejects.toBeInstanceOf(WriterStopped);
});

test('the same seed gives the same blocks, byte for byte; another seed, or another writer, others', async () => {
  const blocks = async (seed: number, writer?: string) => {
    const example = startExample({ seed, ...(writer && { writer }), load: { blocks: 2 } });
    await example.clock.run(example.writer.done);
    return example.events('block.cut').map(({ block, objects }) => ({ block, objects }));
  };
  const one = await blocks(1);
  expect(await blocks(1)).toEqual(one);
  for (const others of [await blocks(2), await blocks(1, 'ingester-1')]) {
    const ids = [...one, ...others].map(({ block }) => block);
    const hashes = [...one, ...others].map(({ objects }) => objects[0]?.sha256);
    expect(new Set(ids).size).toBe(4);
    expect(new Set(hashes).size).toBe(4);
  }
});

test('a plan that cannot be carried out is refused before anything happens', () => {
  expect(() => startExample({ load: { bytesPerSecond: 0 } })).toThrow(
    'load.bytesPerSecond is 0: it must be more than 0',
  );
  expect(() => startExample({ blocks: { maxBlockBytes: -1 } })).toThrow('maxBlockBytes is -1');
  expect(() => startExample({ flush: { flushCheckPeriod: Number.NaN } })).toThrow('flushCheckPeriod is NaN');
});
