import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tempoDefaults } from '../tempo/defaults.ts';
import { minute, second, startExample } from '../writer/block-writer-example.ts';
import { loadPace } from './load-pace.ts';

const MiB = 1024 * 1024;

it('makes a block of as much as it has room for, or of as much as comes in the time that it may take', () => {
  const settings = tempoDefaults();
  expect(loadPace({ rate: 5 * MiB, traceLength: 0 }, settings)).toMatchObject({ takenIn: 5 * MiB, untilCut: 100_000 });
  settings.blocks.maxBlockDuration = 60_000;
  expect(loadPace({ rate: 5 * MiB, traceLength: 0 }, settings).untilCut).toBe(60_000);
});

it('takes in no more than the limit lets pass', () => {
  const settings = tempoDefaults();
  expect(loadPace({ rate: 5 * MiB, traceLength: 0 }, settings, 2 * MiB)).toMatchObject({
    takenIn: 2 * MiB,
    untilCut: 250_000,
  });
  expect(loadPace({ rate: 5 * MiB, traceLength: 0 }, settings, 9 * MiB).takenIn).toBe(5 * MiB);
});

it('waits for traces to be idle, but not for longer than they may live, and for two sweeps', () => {
  const settings = tempoDefaults();
  const untilSwept = (traceLength: number) => loadPace({ rate: 1, traceLength }, settings).untilSwept;
  // Idle after 5 s, cut after 30 s at the latest, sweeps each 10 s.
  expect(untilSwept(0)).toBe(25_000);
  expect(untilSwept(8000)).toBe(33_000);
  expect(untilSwept(60_000)).toBe(50_000);
});

it('says no less than a writer takes', async () => {
  const some = fc.record({
    rate: fc.integer({ min: 100_000, max: 100 * MiB }),
    maxBlockBytes: fc.integer({ min: 10 * MiB, max: 500 * MiB }),
    maxBlockDuration: fc.integer({ min: 3 * second, max: 3 * minute }),
    traceLength: fc.integer({ min: 0, max: minute }),
  });
  await fc.assert(
    fc.asyncProperty(some, async ({ rate, traceLength, maxBlockBytes, maxBlockDuration }) => {
      const blocks = { ...tempoDefaults().blocks, maxBlockBytes, maxBlockDuration };
      const load = { bytesPerSecond: rate, traceLength, blocks: 4 };
      const example = startExample({ load, blocks, flush: { firstFlushJitter: 0 } });
      await example.clock.run(example.writer.done);
      const { untilCut, untilSwept } = loadPace({ rate, traceLength }, { blocks, policy: tempoDefaults().policy });
      const cuts = [0, ...example.events('block.cut').map(({ t }) => t)];
      // Of the last block nothing is sent beyond what it takes, and it has to become idle.
      for (const [index, cut] of cuts.slice(0, 4).entries())
        expect(cut - (cuts[index - 1] ?? 0)).toBeLessThanOrEqual(untilCut + untilSwept);
    }),
    { numRuns: 60 },
  );
});
