/** A writer that is asked to stop, as a rollout does, and one that is started again on its disk. */
import { expect, test } from 'vitest';
import { type Example, type ExamplePlan, MiB, minute, second, startExample } from './block-writer-example.ts';
import { WriterStopped } from './flush-queues.ts';

const noJitter = { firstFlushJitter: 0 };
const sum = (events: { bytes: number }[]) => events.reduce((all, { bytes }) => all + bytes, 0);
const acknowledged = (example: Example) => sum(example.events('push'));
const walOf = ({ disk }: Example) => disk.paths.filter((path) => path.startsWith('wal/'));

async function shutDownAt(t: number, patience: number, plan: ExamplePlan): Promise<Example> {
  const example = startExample(plan);
  await example.clock.advance(t);
  await example.clock.run(example.writer.shutDown(patience));
  return example;
}

test('without flush_all_on_shutdown the live traces are cut to the WAL, in one page, and nothing is flushed', async () => {
  const before = await shutDownAt(47 * second, minute, { flush: noJitter, load: { blocks: 4 } });
  expect(before.clock.now()).toBe(47 * second);
  await expect(before.writer.done).rejects.toBeInstanceOf(WriterStopped);
  // 500 MiB are in the first block, 200 in a page of the second, 35 to 47 s were in memory.
  expect(before.events('wal.page').at(-1)).toMatchObject({ t: 47 * second, page: 2, bytes: 12 * 20 * MiB });
  expect(acknowledged(before)).toBe(sum(before.events('wal.page')));
  expect(walOf(before)).toHaveLength(3);
  expect(before.events('flush.end')).toHaveLength(1);
  const { length } = before.history;
  await before.clock.advance(10 * minute);
  expect(before.history).toHaveLength(length);
  expect(before.events('writer.error')).toEqual([]);

  const after = startExample({ flush: noJitter, load: { blocks: 4, begun: 2 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  expect(after.events('block.cut').map(({ objects }) => (objects[0]?.size ?? 0) / MiB)).toEqual([440, 500, 500]);
  expect(walOf(after)).toEqual([]);
});

test('with flush_all_on_shutdown all is cut, completed and flushed at once, without the random wait', async () => {
  const example = await shutDownAt(47 * second, minute, {
    load: { blocks: 4 },
    blocks: { flushAllOnShutdown: true },
    script: () => ({ answer: 'ok', afterMs: second }),
  });
  const cuts = example.events('block.cut');
  expect(cuts.map(({ objects }) => (objects[0]?.size ?? 0) / MiB)).toEqual([500, 440]);
  expect(cuts[1]?.t).toBe(47 * second);
  expect(example.events('flush.end').map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  expect(example.clock.now()).toBe(52 * second);
  expect(acknowledged(example)).toBe(940 * MiB);
  expect(walOf(example)).toEqual([]);
  // A timer left behind would keep a process alive.
  await expect(example.clock.run(new Promise(() => {}))).rejects.toThrow('at 52000 ms nothing is planned');
});

test('a page that is being written is written first', async () => {
  const example = startExample({ flush: noJitter, load: { blocks: 4 } });
  const write = example.disk.write.bind(example.disk);
  example.disk.write = async (path, content) => {
    if (/wal\/.*\/\d+$/.test(path)) await example.clock.sleep(3 * second);
    return write(path, content);
  };
  await example.clock.advance(22 * second);
  await example.clock.run(example.writer.shutDown(minute));
  // 15 pushes were cut by 20 s, 22 were made.
  expect(example.events('wal.page').map(({ t, page, bytes }) => [t / second, page, bytes / MiB])).toEqual([
    [13, 1, 100],
    [23, 2, 200],
    [26, 3, 140],
  ]);
});

test('flushing all takes no longer than the patience: what is left stays on the disk', async () => {
  const before = await shutDownAt(47 * second, 20 * second, {
    flush: noJitter,
    load: { blocks: 2 },
    blocks: { flushAllOnShutdown: true },
    script: () => ({ answer: 'hang' }),
  });
  expect(before.clock.now()).toBe(67 * second);
  expect(before.events('flush.end').map(({ t, outcome, retryIn }) => [t / second, outcome, retryIn])).toEqual([
    [67, 'fail', undefined],
    [67, 'fail', undefined],
  ]);
  expect(before.events('block.dropped')).toEqual([]);
  const after = startExample({ load: { blocks: 2, begun: 2 }, disk: before.disk });
  await after.clock.run(after.writer.done);
  expect(after.events('flush.end').map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
});

test('a block that waits for its retry is waited for, as long as there is patience', async () => {
  const example = await shutDownAt(31 * second, minute, {
    flush: noJitter,
    load: { blocks: 1 },
    blocks: { flushAllOnShutdown: true },
    script: ({ number }, name) => ({ answer: number === 1 && name === 'data.parquet' ? 'fail' : 'ok' }),
  });
  expect(example.events('flush.end').map(({ t, outcome }) => [t / second, outcome])).toEqual([
    [30, 'fail'],
    [60, 'ok'],
  ]);
  expect(example.clock.now()).toBe(60 * second);
});

test('live traces that cannot be written are lost, and the block is then not cut', async () => {
  const example = startExample({ flush: noJitter, load: { blocks: 4 }, blocks: { flushAllOnShutdown: true } });
  await example.clock.advance(47 * second);
  example.disk.capacity = example.disk.used;
  await example.clock.run(example.writer.shutDown(minute));
  expect(example.events('data.lost')).toMatchObject([{ what: 'wal', bytes: 240 * MiB, t: 47 * second }]);
  expect(example.events('complete')).toHaveLength(1);
});

test('a writer that has not begun, and one that is done, are shut down too', async () => {
  const early = startExample({ load: { blocks: 1, startAfter: minute }, blocks: { flushAllOnShutdown: true } });
  await early.clock.advance(second);
  await early.clock.run(early.writer.shutDown(minute));
  expect(early.clock.now()).toBe(second);
  expect(early.history).toEqual([]);

  const done = startExample({ load: { blocks: 1 }, blocks: { flushAllOnShutdown: true } });
  await done.clock.run(done.writer.done);
  const t = done.clock.now();
  await done.clock.run(done.writer.shutDown(minute));
  expect(done.clock.now()).toBe(t);
  await done.writer.done;
  expect(done.events('writer.error')).toEqual([]);
});
