import { expect, it } from 'vitest';
import { tempoDefaults } from '../tempo/defaults.ts';
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
