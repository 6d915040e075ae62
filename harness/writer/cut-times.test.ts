/** The formula against the writer itself. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MiB, minute, second, startExample, tempoBlocks } from './block-writer-example.ts';
import { cutTimes } from './cut-times.ts';

const period = { blocks: tempoBlocks, flushCheckPeriod: 10 * second };

test('50 MB/s and blocks of 500 MB: the first is cut at 20 s, and then one each 10 s', () => {
  const blocks = { ...tempoBlocks, maxBlockBytes: 500_000_000 };
  expect(cutTimes({ bytesPerSecond: 50_000_000 }, { ...period, blocks })).toEqual({
    first: 20 * second,
    next: 10 * second,
    bytes: 500_000_000,
  });
});

test('a load so small that blocks are cut for their age', () => {
  expect(cutTimes({ bytesPerSecond: 1000 }, period)).toEqual({
    first: 30 * minute + 10 * second,
    next: 30 * minute + 10 * second,
    bytes: 1_810_000,
  });
});

test('what the limits do not let through is not waited for', () => {
  const limits = { bytesPerSecond: 10 * MiB, burstBytes: MiB, liveTraces: 0 };
  expect(cutTimes({ bytesPerSecond: 50 * MiB, limits }, period).next).toBe(50 * second);
  expect(cutTimes({ bytesPerSecond: 50 * MiB, limits: { ...limits, liveTraces: 15_000 } }, period).next).toBe(
    110 * second,
  );
});

test('the writer cuts no later than that', async () => {
  const some = fc.record({
    bytesPerSecond: fc.integer({ min: 100_000, max: 100 * MiB }),
    maxBlockBytes: fc.integer({ min: 10 * MiB, max: 500 * MiB }),
    maxBlockDuration: fc.integer({ min: 3 * second, max: 3 * minute }),
    traceLength: fc.integer({ min: 0, max: minute }),
  });
  await fc.assert(
    fc.asyncProperty(some, async ({ bytesPerSecond, traceLength, maxBlockBytes, maxBlockDuration }) => {
      const load = { bytesPerSecond, traceLength, blocks: 4 };
      const blocks = { ...tempoBlocks, maxBlockBytes, maxBlockDuration };
      const example = startExample({ load, blocks, flush: { firstFlushJitter: 0 } });
      await example.clock.run(example.writer.done);
      const cuts = example.events('block.cut').map(({ t }) => t);
      const { first, next } = cutTimes(load, { ...period, blocks });
      expect(cuts[0]).toBeLessThanOrEqual(first);
      // Of the last block nothing is sent beyond what it takes, and it has to become idle.
      const [second_, third] = [cuts[1], cuts[2]] as [number, number];
      for (const wait of [second_ - (cuts[0] as number), third - second_]) expect(wait).toBeLessThanOrEqual(next);
    }),
    { numRuns: 60 },
  );
});
