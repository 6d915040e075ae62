import { describe, expect, it } from 'vitest';
import { faults } from '../faults/catalogue.ts';
import type { Drawn } from './drawn.ts';
import { entry } from './example-drawn.ts';
import { shrink } from './shrink.ts';

const drawn: Drawn = {
  explored: { seed: 7, number: 12 },
  seed: 1234,
  writers: 2,
  entries: [
    entry('latency', 5, 60, { latency: '500ms' }),
    entry('s3-error', 40, 60, { code: 'SlowDown', operations: ['PutObject'], probability: 0.8 }),
    entry('disk-full', 120, 100, { capacity: '1GB' }),
    entry('stall', 240, 40),
  ],
};

/** With what fails, and what was tried in which order. */
async function shrunk(
  fails: (one: Drawn) => boolean,
  { mostRuns = 100, isPossible = () => true }: { mostRuns?: number; isPossible?(one: Drawn): boolean } = {},
) {
  const tried: Drawn[][] = [];
  const result = await shrink(drawn, {
    faults,
    isPossible,
    mostRuns,
    async fail(candidates) {
      tried.push([...candidates]);
      return candidates.map(fails);
    },
  });
  return { ...result, smallest: result.steps.at(-1) as Drawn, tried };
}

const inWords = ({ entries }: Drawn) => entries.map(({ fault }) => fault).join('+');
const diskIsFullFor = (seconds: number) => (one: Drawn) =>
  one.entries.some((each) => each.fault === 'disk-full' && each.for >= seconds * 1000);

describe('shrinking', () => {
  it('leaves the one fault that it takes, as short as it takes, at once, with one writer', async () => {
    const { smallest } = await shrunk((one) => diskIsFullFor(30)(one));
    expect(smallest.entries).toMatchObject([{ fault: 'disk-full', at: 0, for: 30_000 }]);
    expect(smallest.writers).toBe(1);
    expect(smallest.seed).toBe(drawn.seed);
  });

  it('leaves two faults, if it takes both, as far from one another as they were', async () => {
    const { smallest } = await shrunk(
      ({ entries }) =>
        entries.some(({ fault }) => fault === 'latency') && entries.some(({ fault }) => fault === 'disk-full'),
    );
    expect(smallest.entries.map(({ fault, at, for: length }) => `${fault} ${at} ${length}`)).toEqual([
      'latency 0 10000',
      'disk-full 115000 10000',
    ]);
  });

  it('remembers each size that failed, so that a larger one can be taken that is surer to', async () => {
    const { steps } = await shrunk(diskIsFullFor(30));
    const lengths = steps.map(({ entries }) => entries.find(({ fault }) => fault === 'disk-full')?.for);
    expect(lengths).toEqual([100_000, 100_000, 100_000, 100_000, 75_000, 50_000, 40_000, 30_000, 30_000]);
  });

  it('leaves out parameters, and halves what stays', async () => {
    const { smallest } = await shrunk(({ entries }) =>
      entries.some(({ fault, with: { probability = 1 } }) => fault === 's3-error' && Number(probability) >= 0.3),
    );
    expect(smallest.entries).toMatchObject([{ fault: 's3-error', with: {} }]);
    const kept = await shrunk(({ entries }) =>
      entries.some(({ fault, with: { probability = 0 } }) => fault === 's3-error' && Number(probability) >= 0.3),
    );
    expect(kept.smallest.entries).toMatchObject([{ fault: 's3-error', with: { probability: 0.4 } }]);
    const slow = await shrunk(({ entries }) =>
      entries.some(({ with: { latency } }) => latency === '500ms' || latency === '250ms'),
    );
    expect(slow.smallest.entries).toMatchObject([{ fault: 'latency', with: { latency: '250ms' } }]);
  });

  it('leaves what cannot be made smaller', async () => {
    const { smallest, steps } = await shrunk((one) => one === drawn);
    expect(smallest).toBe(drawn);
    expect(steps).toEqual([drawn]);
  });

  it('tries in an order that is always the same: single faults first, side by side', async () => {
    const { tried, spent } = await shrunk(diskIsFullFor(30));
    expect(tried[0]?.map(inWords)).toEqual(['latency', 's3-error', 'disk-full', 'stall']);
    expect(spent).toBe(tried.flat().length);
    expect((await shrunk(diskIsFullFor(30))).tried).toEqual(tried);
    const both = await shrunk(({ entries }) => entries.length >= 2);
    expect(both.tried[1]?.map(inWords).slice(0, 3)).toEqual(['latency+s3-error', 'latency+disk-full', 'latency+stall']);
    expect(inWords(both.smallest)).toBe('latency+s3-error');
  });

  it('spends no more runs than it has, keeps what was found by then, and says so', async () => {
    const { smallest, spent, stopped } = await shrunk(diskIsFullFor(30), { mostRuns: 5 });
    expect(spent).toBe(5);
    expect(stopped).toBe(true);
    expect(inWords(smallest)).toBe('disk-full');
    expect((await shrunk(diskIsFullFor(30))).stopped).toBe(false);
  });

  it('does not try what cannot be run, and counts no run for it', async () => {
    const { tried, smallest } = await shrunk(diskIsFullFor(30), {
      isPossible: ({ entries }) =>
        entries.every(({ with: { capacity }, fault }) => fault !== 'disk-full' || capacity !== undefined),
    });
    expect(smallest.entries).toMatchObject([{ with: { capacity: '1GB' } }]);
    const without = tried
      .flat()
      .filter(({ entries }) => entries.some((one) => one.fault === 'disk-full' && !one.with.capacity));
    expect(without).toEqual([]);
  });
});
