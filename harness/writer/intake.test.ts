/** Pushes and sweeps, through a whole writer. */
import { expect, test } from 'vitest';
import { type Example, type ExamplePlan, MiB, minute, second, startExample } from './block-writer-example.ts';

const noJitter = { flush: { firstFlushJitter: 0 } };
const pages = (example: Example) => example.events('wal.page').map(({ t, bytes }) => [t / second, bytes / MiB]);

/** Pages of the WAL take so long to write, of the n-th one so long. */
function slowPages(example: Example, takes: (page: number) => number): void {
  const write = example.disk.write.bind(example.disk);
  let page = 0;
  example.disk.write = async (path, content) => {
    if (/wal\/.*\/\d+$/.test(path)) await example.clock.sleep(takes(++page));
    return write(path, content);
  };
}

test('a push each tenth of the period tells what was acknowledged, and what is in memory after it', async () => {
  const example = startExample({ ...noJitter, load: { startAfter: 3 * second } });
  await example.clock.advance(14 * second);
  const pushes = example.events('push');
  expect(pushes.map(({ t }) => t / second)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  expect(pushes[1]).toEqual({
    t: 5 * second,
    type: 'push',
    writer: 'ingester-0',
    bytes: 20 * MiB,
    traces: 4194,
    live: { bytes: 40 * MiB, traces: 8388 },
  });
  expect(pushes.at(-1)?.live).toEqual({ bytes: 120 * MiB, traces: 6 * 4194 });
});

test('what is in a page that is being written is in memory until the page is closed', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 2 } });
  slowPages(example, () => 3500);
  await example.clock.advance(16 * second);
  expect(pages(example)).toEqual([[13.5, 100]]);
  expect(example.events('push').map(({ live }) => live.bytes / MiB / 20)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 9, 10, 11,
  ]);
});

test('a sweep that takes longer than the period is followed by one at once, and pushes go on all the while', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 2 } });
  slowPages(example, (page) => (page === 2 ? 35 * second : 0));
  await example.clock.advance(70 * second);
  // The second sweep began at 20 s. The one that follows it at 55 s finds what had been idle at the push before, of 54 s; the next is on
  // the grid again.
  expect(pages(example)).toEqual([
    [10, 100],
    [55, 200],
    [55, 680],
    [60, 120],
    [70, 200],
  ]);
  expect(example.events('push').map(({ t }) => t / second)).toEqual(
    Array.from({ length: 70 }, (_, index) => index + 1),
  );
});

test('a stop waits for the page that is being written, and no sweep follows', async () => {
  const example = startExample({ ...noJitter, load: { blocks: 2 } });
  slowPages(example, (page) => (page === 2 ? 35 * second : 0));
  await example.clock.advance(50 * second);
  await example.clock.run(example.writer.stop());
  expect(example.clock.now()).toBe(55 * second);
  await example.clock.advance(minute);
  expect(pages(example)).toEqual([
    [10, 100],
    [55, 200],
  ]);
});

test('50 MB/s and blocks of 500 MB: the first is cut at 20 s with 750 MB, and then one each 10 s', async () => {
  const load = { bytesPerSecond: 50_000_000, blocks: 4 };
  const example = startExample({ ...noJitter, load, blocks: { maxBlockBytes: 500_000_000 } });
  await example.clock.run(example.writer.done);
  const cuts = example.events('block.cut').map(({ t, objects }) => [t / second, objects[0]?.size]);
  expect(cuts.slice(0, 3)).toEqual([
    [20, 750_000_000],
    [30, 500_000_000],
    [40, 500_000_000],
  ]);
});

test('a block that holds nothing is not cut, however old', async () => {
  const old = { maxBlockDuration: 5 * second, traceIdlePeriod: 25 * second, traceLivePeriod: minute };
  const example = startExample({ ...noJitter, load: { blocks: 2 }, blocks: old });
  await example.clock.advance(30 * second);
  expect(example.events('complete').map(({ t }) => t / second)).toEqual([30]);
  expect(example.events('block.cut').map(({ objects }) => objects[0]?.size)).toEqual([100 * MiB]);
});

test('a machine that is late for a while does the same as one that is not', async () => {
  const run = async (late: boolean, plan: ExamplePlan = { load: { blocks: 5 } }) => {
    const example = startExample({ ...noJitter, ...plan });
    slowPages(example, () => 4 * second);
    if (late) {
      // Nothing is called for a minute, as when the process is stopped.
      const { clock } = example;
      const after = clock.after.bind(clock);
      clock.after = (ms, then) => {
        const at = clock.now() + ms;
        return after(at > 34 * second && at < 94 * second ? 94 * second - clock.now() : ms, then);
      };
    }
    await example.clock.run(example.writer.done);
    return {
      blocks: example.events('block.cut').map(({ block, objects }) => [block, objects[0]]),
      pages: example.events('wal.page').map(({ block, page, bytes }) => [block, page, bytes]),
      pushes: example.events('push').map(({ bytes, traces }) => [bytes, traces]),
    };
  };
  const onTime = await run(false);
  expect(await run(true)).toEqual(onTime);
  expect(onTime.blocks).toHaveLength(5);
});

test('what limits refuse is told with each push, and is in no block', async () => {
  const limits = { bytesPerSecond: 5 * MiB, burstBytes: 10 * MiB, liveTraces: 0 };
  const example = startExample({ ...noJitter, load: { blocks: 1, limits }, blocks: { maxBlockBytes: 50 * MiB } });
  await example.clock.run(example.writer.done);
  expect(example.events('push').slice(0, 2)).toMatchObject([
    { bytes: 10 * MiB, refused: { bytes: 10 * MiB, by: 'rate_limit_bytes' } },
    { bytes: 5 * MiB, refused: { bytes: 15 * MiB, by: 'rate_limit_bytes' } },
  ]);
  // 10 MiB, and then 5 each second.
  expect(example.events('push')).toHaveLength(9);
  expect(example.events('block.cut')[0]?.objects[0]?.size).toBe(50 * MiB);
  expect(example.events('data.lost')).toEqual([]);
});

test('two limits at once are told in two events', async () => {
  const limits = { bytesPerSecond: 10 * MiB, burstBytes: 10 * MiB, liveTraces: 1000 };
  const example = startExample({ ...noJitter, load: { limits } });
  await example.clock.advance(second);
  const [first, second_] = example.events('push');
  expect([first?.refused?.by, second_?.refused?.by]).toEqual(['rate_limit_bytes', 'max_traces_per_user']);
  expect([second_?.bytes, second_?.traces]).toEqual([0, 0]);
  expect((first?.bytes ?? 0) + (first?.refused?.bytes ?? 0) + (second_?.refused?.bytes ?? 0)).toBe(20 * MiB);
});

test('the load is over with its last block: nothing is left in memory, and nothing more is pushed', async () => {
  // Each trace is open for a minute: when the last block is full, most of them are.
  const example = startExample({ ...noJitter, load: { blocks: 3, traceLength: minute } });
  await example.clock.run(example.writer.done);
  const sum = (events: { bytes: number }[]) => events.reduce((all, { bytes }) => all + bytes, 0);
  expect(sum(example.events('wal.page'))).toBe(sum(example.events('push')));
  expect(sum(example.events('block.cut').map(({ objects }) => ({ bytes: objects[0]?.size ?? 0 })))).toBe(
    sum(example.events('push')),
  );
  const { length } = example.events('push');
  await example.clock.advance(5 * minute);
  expect(example.events('push')).toHaveLength(length);
});
