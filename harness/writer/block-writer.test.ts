import { expect, test } from 'vitest';
import type { FlushEndEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { blockId, S3NotReached } from './block-writer.ts';
import { type Example, MiB, minute, second, startExample } from './block-writer-example.ts';
import { WriterStopped } from './flush-queues.ts';
import { nameOf } from './head-block.ts';

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
  expect(cuts.map(({ t }) => t / second)).toEqual([35, 65, 95]);
  // A block is cut at the first sweep that finds it large enough. Of the last one no more is sent than it takes.
  expect(cuts.map(({ objects }) => objects[0]?.size)).toEqual([500 * MiB, 600 * MiB, 500 * MiB]);
  for (const cut of cuts) {
    expect(cut.keyPrefix).toBe(`tempo/prod/single-tenant/${cut.block}/`);
    expect(cut.objects.map(({ name }) => name)).toEqual(objectNames);
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

test('a block that does not fill up is cut at the first sweep that finds it older than max_block_duration', async () => {
  const example = startExample({ ...noJitter, load: { bytesPerSecond: 1000, blocks: 2 } });
  await example.clock.run(example.writer.done);
  const cuts = example.events('block.cut');
  expect(cuts.map(({ t }) => t)).toEqual([30 * minute + 10 * second, 60 * minute + 20 * second]);
  // The first has what had been idle for 5 s, the last one all the rest.
  expect(cuts.map(({ objects }) => objects[0]?.size)).toEqual([1_805_000, 1_815_000]);
  expect(example.events('push').at(-1)?.live.bytes).toBe(1000 * 14 + 1000);
});

test('data is on the disk as it comes in: one page of the WAL for each sweep', async () => {
  const example = startExample({ ...noJitter });
  await example.clock.advance(20 * second);
  const block = example.disk.paths[0]?.slice('wal/'.length).split('+')[0];
  const wal = `wal/${block}+single-tenant+vParquet4`;
  const pages = [`${wal}/0000000001`, `${wal}/0000000002`];
  expect(await example.disk.list('wal')).toMatchObject([
    { path: pages[0], size: 100 * MiB },
    { path: pages[1], size: 200 * MiB },
    {},
  ]);
  expect(example.events('wal.page')).toEqual([
    { t: 10 * second, type: 'wal.page', writer: 'ingester-0', block, page: 1, bytes: 100 * MiB },
    { t: 20 * second, type: 'wal.page', writer: 'ingester-0', block, page: 2, bytes: 200 * MiB },
  ]);
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
    ['data.parquet', 30, 'fail'],
    ...whole(60).slice(0, 3),
    ['index', 60, 'fail'],
    ...whole(120).slice(0, 3),
    ['index', 120, 'fail'],
    ...whole(240).slice(0, 4),
    ['meta.json', 240, 'fail'],
    ...whole(360).slice(0, 4),
    ['meta.json', 360, 'fail'],
    ...whole(480),
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
    ['data.parquet', 30 + 60, 'ok'],
    ['bloom-0', 30 + 120, 'ok'],
    ['bloom-1', 30 + 180, 'ok'],
    ['index', 30 + 300, 'deadline'],
  ]);
  const [first, second_] = example.events('flush.end') as [FlushEndEvent, FlushEndEvent];
  expect(first).toMatchObject({ t: 330 * second, outcome: 'fail', deadlineExceeded: true, retryIn: 30_000 });
  expect(first.error).toMatch(/^error copying block .*index: context deadline exceeded$/);
  expect(second_).toMatchObject({ t: (330 + 30 + 4 + 60) * second, outcome: 'ok', attempt: 2 });
});

test('a block that cannot be uploaded within flush_op_timeout never completes, and is never dropped', async () => {
  const example = startExample({ ...noJitter, script: () => ({ answer: 'slow', bytesPerSecond: MiB }) });
  await example.clock.advance(10 * 60 * minute);
  const ends = example.events('flush.end');
  expect(ends.length).toBe(Math.floor((600 * 60 - 30 - 330 - 360) / 420) + 2);
  expect(ends.every(({ deadlineExceeded, outcome }) => deadlineExceeded && outcome === 'fail')).toBe(true);
  expect(example.store.objects.size).toBe(0);
  expect(example.disk.paths).toHaveLength(objectNames.length);
  await example.clock.run(example.writer.stop());
});

test('a flush that hangs holds up the completions and flushes dealt to its queue, and no other', async () => {
  let hung: string | undefined;
  const example = startExample({
    flush: { firstFlushJitter: 0, concurrentFlushes: 3 },
    load: { blocks: 4 },
    script: ({ key, number }) => {
      hung ??= key;
      return key === hung && number === 1 ? { answer: 'hang' } : { answer: 'ok' };
    },
  });
  await example.clock.run(example.writer.done);
  const ids = [1, 2, 3, 4].map((number) => blockId(new Random(1), 'ingester-0', number));
  const operations = example.history.flatMap((event) => {
    if (event.type === 'complete') return [[event.start / second, 'complete', ids.indexOf(event.block), event.queue]];
    if (event.type === 'flush.start') return [[event.t / second, 'flush', ids.indexOf(event.block), event.queue]];
    return [];
  });
  expect(operations).toEqual([
    [30, 'complete', 0, 0],
    [30, 'flush', 0, 1],
    [60, 'complete', 1, 2],
    [60, 'flush', 1, 0],
    // Cut at 90 s, and dealt to queue 1.
    [120, 'complete', 3, 2],
    [120, 'flush', 3, 0],
    [330, 'complete', 2, 1],
    [330, 'flush', 2, 1],
    [360, 'flush', 0, 2],
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
  expect(example.events('block.dropped').map(({ t, block }) => [t / second, block])).toEqual([[30, first]]);
  expect(example.events('flush.end').map(({ block, outcome }) => [block, outcome])).toEqual([
    [first, 'fail'],
    [other, 'ok'],
  ]);
  expect(example.disk.paths).toHaveLength(objectNames.length + 1);
  expect(example.disk.paths.every((path) => path.startsWith(`blocks/single-tenant/${other}/`))).toBe(true);
});

test.each([
  // Its last span came at 25 s; it was flushed at 30 s.
  ['end', 'its end', 15 * 60 + 30],
  ['flush', 'its flush', 15 * 60 + 40],
] as const)(
  'cleared after %s: a flushed block is cleared at the first sweep after complete_block_timeout from %s',
  async (clearedAfter, _, at) => {
    const example = startExample({ ...noJitter, blocks: { clearedAfter } });
    await example.clock.run(example.writer.done);
    await example.clock.advance((at - 30) * second - 1);
    expect(example.disk.paths).toHaveLength(objectNames.length + 1);
    expect(example.disk.text(example.disk.paths.find((path) => path.endsWith('/flushed')) as string)).toBe(
      '2026-01-01T00:00:30.000Z',
    );
    expect(example.events('block.cleared')).toEqual([]);
    await example.clock.advance(1);
    expect(example.disk.paths).toEqual([]);
    const [cut] = example.events('block.cut');
    expect(example.events('block.cleared')).toEqual([
      { t: at * second, type: 'block.cleared', writer: 'ingester-0', block: cut?.block },
    ]);
  },
);

test('a block that is flushed late is cleared at the next sweep, since the time counts from its end; one not flushed never is', async () => {
  const example = startExample({
    ...noJitter,
    script: () => ({ answer: example.clock.now() < 40 * minute ? 'fail' : 'ok' }),
  });
  await example.clock.advance(40 * minute - 1);
  expect(example.disk.paths).toHaveLength(objectNames.length);
  expect(example.events('block.cleared')).toEqual([]);
  await example.clock.run(example.writer.done);
  const [cleared] = example.events('flush.end').filter(({ outcome }) => outcome === 'ok');
  await example.clock.advance(10 * second);
  expect(example.disk.paths).toEqual([]);
  const wait = (example.events('block.cleared')[0]?.t ?? 0) - (cleared?.t ?? 0);
  expect(wait).toBeGreaterThanOrEqual(0);
  expect(wait).toBeLessThanOrEqual(10 * second);
});

test('S3 down at the start: the writer does not run, and touches nothing', async () => {
  const example = startExample({ unreachable: new Error('ListObjectsV2: connect ECONNREFUSED') });
  const refused = new S3NotReached('block writer: cannot start: ListObjectsV2: connect ECONNREFUSED');
  await expect(example.clock.run(example.writer.done)).rejects.toEqual(refused);
  await expect(example.writer.started).rejects.toEqual(refused);
  // Who started it knows whether it is started again, and records what that is.
  expect(example.history).toEqual([]);
  expect(example.disk.paths).toEqual([]);
});

test('stopped while it waits for the first answer of S3, a writer was stopped, and not refused', async () => {
  const example = startExample({ unreachable: new Error('ListObjectsV2: aborted') });
  await example.writer.stop();
  await expect(example.writer.started).rejects.toThrow(WriterStopped);
  await expect(example.writer.done).rejects.toThrow(WriterStopped);
});

test('a disk that is full while traces are cut: the pages are lost, nothing pushes back, and the writer goes on', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 3 } });
  await example.clock.advance(30 * second);
  // Full for the sweeps at 40 and 50 s.
  example.disk.capacity = example.disk.used;
  await example.clock.advance(26 * second);
  example.disk.capacity = Number.POSITIVE_INFINITY;
  await example.clock.run(example.writer.done);

  const [first, second_, third] = example.events('block.cut');
  const lost = example.events('data.lost');
  expect(lost.map(({ t, what, block, bytes }) => [t / second, what, block, bytes])).toEqual([
    [40, 'wal', second_?.block, 200 * MiB],
    [50, 'wal', second_?.block, 200 * MiB],
  ]);
  expect(lost[0]?.reason).toMatch(/^failed to cut traces: local disk: cannot write wal\/.*no space left on device/);
  expect(
    example
      .events('push')
      .slice(30, 56)
      .map(({ bytes }) => bytes),
  ).toEqual(Array(26).fill(20 * MiB));
  // What is cut is what the block holds, not what was sent.
  expect([first, second_, third].map((cut) => [(cut?.t ?? 0) / second, cut?.objects[0]?.size])).toEqual([
    [30, 500 * MiB],
    [80, 600 * MiB],
    [110, 500 * MiB],
  ]);
  expect(example.events('flush.end').every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(example.events('writer.error')).toEqual([]);
});

test('a disk that is full at the start: the writer runs, and an empty block is never cut, however old', async () => {
  const example = startExample({ ...noJitter, blocks: { maxBlockDuration: minute }, capacity: 0 });
  await example.clock.advance(5 * minute + 1);
  expect(example.events('data.lost')).toHaveLength(30);
  expect(example.events('block.dropped')).toEqual([]);
  example.disk.capacity = Number.POSITIVE_INFINITY;
  await example.clock.run(example.writer.done);
  // The first page that is written is in a block that is old enough. With the last block go all live traces.
  expect(example.events('block.cut').map(({ t, objects }) => [t / second, objects[0]?.size])).toEqual([
    [310, 300 * MiB],
  ]);
  expect(example.events('wal.page').map(({ page, bytes }) => [page, bytes])).toEqual([
    [31, 200 * MiB],
    [32, 100 * MiB],
  ]);
});

test.each([
  ['nothing is cut, nothing cleared', 0, 70],
  // The first block is flushed by then.
  ['nothing is cut; in Tempo 3 the clearing goes on', minute, 60],
])('a page that cannot be written ends its sweep: %s', async (_, walDeletedAfter, clearedAt) => {
  const example = startExample({
    ...noJitter,
    load: { blocks: 2 },
    blocks: { completeBlockTimeout: 30 * second, walDeletedAfter },
  });
  const write = example.disk.write.bind(example.disk);
  example.disk.write = async (path, content) => {
    if (example.clock.now() === 60 * second && path.startsWith('wal/')) throw new Error('EIO');
    return write(path, content);
  };
  await example.clock.run(example.writer.done);
  // The first block ended at 25 s and is due after 55 s, the second was large enough at 60 s.
  expect(example.events('block.cleared').map(({ t }) => t / second)).toEqual([clearedAt]);
  expect(example.events('data.lost').map(({ t }) => t / second)).toEqual([60]);
  expect(example.events('block.cut')[1]?.t).toBeGreaterThan(60 * second);
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
  ['once', 31, [60, 60]],
  ['twice', 61, [120, 90]],
])('a block that cannot be completed %s is tried again after 30 s, and 60 s, and is not lost', async (_, to, cutAt) => {
  const example = startExample({ ...noJitter, load: { blocks: 2 } });
  fullForBlocks(example, 25, to);
  await example.clock.run(example.writer.done);
  const ids = [1, 2].map((number) => blockId(new Random(1), 'ingester-0', number));
  // The second block, cut at 60 s, does not wait for the first one.
  const cuts = example.events('block.cut');
  expect(ids.map((id) => (cuts.find(({ block }) => block === id)?.t ?? 0) / second)).toEqual(cutAt);
  const [first, next] = example.events('complete');
  expect(first).toMatchObject({ attempt: 1, start: 30_000, t: 30_000, queue: 0, outcome: 'fail', retryIn: 30_000 });
  expect(first?.error).toMatch(/data\.parquet: no space left on device$/);
  expect(next).toMatchObject({ attempt: 2, start: 60_000, queue: 1 });
  expect(example.events('block.dropped')).toEqual([]);
  expect(new Set(example.store.puts.map(({ key }) => key.split('/')[1])).size).toBe(2);
  expect(example.disk.paths.some((path) => path.startsWith('wal/'))).toBe(false);
});

test('a block that cannot be completed three times is deleted with its data, as in Tempo', async () => {
  const example = startExample({ ...noJitter });
  fullForBlocks(example, 25, 121);
  await example.clock.run(example.writer.done);
  expect(example.events('block.dropped').map(({ t, reason }) => [t / second, reason])).toEqual([
    [
      30 + 30 + 60,
      expect.stringMatching(
        /^Block exceeded max completion errors\. Deleting\. POSSIBLE DATA LOSS \(3 attempts, the last: .*no space left on device\)$/,
      ),
    ],
  ]);
  expect(example.events('complete').map(({ attempt, outcome, retryIn }) => [attempt, outcome, retryIn])).toEqual([
    [1, 'fail', 30_000],
    [2, 'fail', 60_000],
    [3, 'fail', undefined],
  ]);
  expect(example.events('block.cut')).toEqual([]);
  expect(example.disk.paths).toEqual([]);
});

test.each([
  ['counts as cut', 'block.cut', 25],
  ['is told of as dropped', 'block.dropped', 121],
] as const)('a block %s before its WAL is deleted, of which meta.json goes first', async (_, type, fullTo) => {
  const example = startExample({ ...noJitter });
  fullForBlocks(example, 25, fullTo);
  const remove = example.disk.remove.bind(example.disk);
  const removals: { what: string; told: number; files: string[] }[] = [];
  example.disk.remove = async (path) => {
    const files = (await example.disk.list('wal')).map((file) => nameOf(file.path));
    if (path.startsWith('wal/')) removals.push({ what: nameOf(path), told: example.events(type).length, files });
    return remove(path);
  };
  await example.clock.run(example.writer.done);
  const pages = ['0000000001', '0000000002', '0000000003'];
  expect(removals).toEqual([
    { what: 'meta.json', told: 1, files: [...pages, 'meta.json'] },
    { what: expect.stringMatching(/\+vParquet4$/), told: 1, files: pages },
  ]);
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
    expect(example.clock.now()).toBe(30 * second);
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

test('the wait before a completion is random, below the jitter, the same for the same seed; the flush follows at once', async () => {
  const starts = async (seed: number) => {
    const example = startExample({ seed, load: { blocks: 3 } });
    await example.clock.run(example.writer.done);
    const completes = example.events('complete');
    for (const { block, t } of completes) {
      expect(example.events('flush.start').find((flush) => flush.block === block)?.t).toBe(t);
    }
    return completes.map(({ start }, index) => start - (index + 1) * 30 * second);
  };
  const waits = await starts(1);
  expect(new Set(waits).size).toBe(3);
  for (const wait of waits) {
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThan(10 * second);
  }
  expect(await starts(1)).toEqual(waits);
  expect(await starts(2)).not.toEqual(waits);
});

/** What differs in a single binary of Tempo 3, and without the random wait. */
const tempo3 = {
  flush: {
    firstFlushJitter: 0,
    concurrentFlushes: 2,
    completeConcurrency: 2,
    completeAttempts: 10,
    completeRetryDelays: [minute, 2 * minute],
    flushOpTimeout: 0,
    flushRetryDelays: [30 * second],
  },
  blocks: { completeBlockTimeout: 20 * minute, walDeletedAfter: 20 * minute },
};

test('Tempo 3: completions have queues of their own, and no flush has a deadline', async () => {
  const example = startExample({
    ...tempo3,
    load: { blocks: 6 },
    script: ({ key }) => ({ answer: 'ok', afterMs: key.endsWith('data.parquet') ? 30 * minute : 0 }),
  });
  await example.clock.run(example.writer.done);
  // Two flushes take half an hour, and hold up no completion.
  expect(example.events('complete').map(({ t, queue }) => [t / second, queue])).toEqual([
    [30, 0],
    [60, 1],
    [90, 0],
    [120, 1],
    [150, 0],
    [180, 1],
  ]);
  expect(example.events('flush.start').map(({ t, queue }) => [t / second, queue])).toEqual([
    [30, 0],
    [60, 1],
    [30 + 1800, 0],
    [60 + 1800, 1],
    [30 + 3600, 0],
    [60 + 3600, 1],
  ]);
  expect(
    example.events('flush.end').every(({ outcome, deadlineExceeded }) => outcome === 'ok' && !deadlineExceeded),
  ).toBe(true);
  // What was completed is in the WAL no more, and is not deleted from there when it is old.
  expect(example.events('block.dropped')).toEqual([]);
});

test('Tempo 3: a WAL block that is old is deleted, though it would be completed again', async () => {
  const example = startExample({ ...tempo3, load: { blocks: 2 } });
  fullForBlocks(example, 0, 24 * 60 * 60);
  await example.clock.run(example.writer.done);
  // They ended at 25 and at 50 s.
  const ids = [1, 2].map((number) => blockId(new Random(1), 'ingester-0', number));
  const reason = 'deleting WAL block that was never completed';
  expect(example.events('block.dropped').map(({ t, block, reason }) => [t / second, block, reason])).toEqual([
    [20 * 60 + 30, ids[0], reason],
    [20 * 60 + 60, ids[1], reason],
  ]);
  expect(example.disk.paths).toEqual([]);
  const attempts = example.events('complete').length;
  await example.clock.advance(10 * minute);
  expect(example.events('complete')).toHaveLength(attempts);
});

test('Tempo 3: a block that could not be completed often enough is left in the WAL until it is old', async () => {
  const example = startExample({ ...tempo3, flush: { ...tempo3.flush, completeAttempts: 2 } });
  fullForBlocks(example, 0, 24 * 60 * 60);
  await example.clock.advance(20 * minute);
  expect(example.events('complete').map(({ t, retryIn }) => [t / second, retryIn])).toEqual([
    [30, minute],
    [90, undefined],
  ]);
  expect(example.disk.paths.filter((path) => path.startsWith('wal/'))).toHaveLength(4);
  expect(example.events('block.dropped')).toEqual([]);
  await example.clock.run(example.writer.done);
  expect(example.clock.now()).toBe(20 * minute + 30 * second);
  expect(example.disk.paths).toEqual([]);
});

test('Tempo 3: a block whose WAL is deleted while it is being completed is not kept either', async () => {
  const example = startExample({ ...tempo3 });
  const write = example.disk.write.bind(example.disk);
  example.disk.write = async (path, content) => {
    if (path.endsWith('/index')) await example.clock.sleep(30 * minute);
    return write(path, content);
  };
  await example.clock.run(example.writer.done);
  expect(example.clock.now()).toBe(30 * minute + 30 * second);
  expect(example.events('block.dropped')).toHaveLength(1);
  expect(example.events('block.cut')).toEqual([]);
  expect(example.store.puts).toEqual([]);
  expect(example.disk.paths).toEqual([]);
});

test('a writer that is stopped while a block waits to be old does not wait for it', async () => {
  const example = startExample({ ...tempo3, flush: { ...tempo3.flush, completeAttempts: 1 } });
  fullForBlocks(example, 0, 24 * 60 * 60);
  await example.clock.advance(minute);
  await example.clock.run(example.writer.stop());
  expect(example.clock.now()).toBe(minute);
  await expect(example.writer.done).rejects.toBeInstanceOf(WriterStopped);
  expect(example.disk.paths.filter((path) => path.startsWith('wal/'))).toHaveLength(4);
});
