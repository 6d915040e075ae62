import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectJobs } from './block-selector.ts';
import type { StoredBlock } from './stored-block.ts';

const HOUR = 3_600_000;
const now = new Date('2026-01-02T12:30:00Z');
const limits = { window: HOUR, activeFor: 24 * HOUR, maxObjects: 6_000_000, maxBlockBytes: 1e12 };

function block(
  id: string,
  how: { hoursAgo?: number; level?: number; traces?: number; size?: number } = {},
): StoredBlock {
  const endTime = new Date(now.getTime() - (how.hoursAgo ?? 0) * HOUR);
  const { level: compactionLevel = 0, traces: totalObjects = 100, size = 1000 } = how;
  return { id, startTime: endTime, endTime, totalObjects, size, compactionLevel };
}

function jobs(blocks: StoredBlock[], with_: Partial<typeof limits> = {}): string[] {
  const selected = [...selectJobs('t', blocks, { ...limits, ...with_ }, now)];
  return selected.map(({ inputs }) => inputs.map(({ id }) => id).join(' '));
}

test('takes up to four blocks, the ones with the fewest traces first, and none alone', () => {
  const blocks = [5, 1, 4, 2, 3].map((traces) => block(String(traces), { traces }));
  expect(jobs(blocks)).toEqual(['1 2 3 4']);
  expect(jobs([...blocks, block('6', { traces: 6 })])).toEqual(['1 2 3 4', '5 6']);
  expect(jobs([block('a')])).toEqual([]);
});

test('puts together only blocks of one window, the latest first', () => {
  expect(jobs([block('a', { hoursAgo: 2 }), block('b', { hoursAgo: 2 }), block('c'), block('d')])).toEqual([
    'c d',
    'a b',
  ]);
  // 12:30 and 12:00 are in one window of an hour, 11:59 is not.
  expect(jobs([block('a'), block('b', { hoursAgo: 0.5 })])).toEqual(['a b']);
  expect(jobs([block('a'), block('b', { hoursAgo: 31 / 60 })])).toEqual([]);
});

test('in the last 24 hours puts together only blocks of one level, the lowest first, whatever the window', () => {
  const blocks = [
    block('a', { level: 1 }),
    block('b', { level: 1 }),
    block('c', { hoursAgo: 5 }),
    block('d', { hoursAgo: 5 }),
    block('e'),
  ];
  expect(jobs(blocks)).toEqual(['c d', 'a b']);
});

test('in older windows puts together blocks of any level', () => {
  expect(jobs([block('a', { hoursAgo: 30, level: 2 }), block('b', { hoursAgo: 30 })])).toEqual(['b a']);
});

test('leaves the window alone in which the last 24 hours begin', () => {
  const pair = (hoursAgo: number) => [block('a', { hoursAgo }), block('b', { hoursAgo })];
  expect(jobs(pair(24.2))).toEqual([]);
  expect(jobs(pair(23.4))).toEqual(['a b']);
  expect(jobs(pair(24.6))).toEqual(['a b']);
});

test('stays within the traces and the bytes that a block may have', () => {
  const blocks = ['a', 'b', 'c', 'd'].map((id) => block(id));
  expect(jobs(blocks, { maxObjects: 200 })).toEqual(['a b', 'c d']);
  expect(jobs(blocks, { maxBlockBytes: 3999 })).toEqual(['a b c']);
  expect(jobs(blocks, { maxBlockBytes: 1999 })).toEqual([]);
  // One that is too large for any other does not stop those after it.
  expect(jobs([block('x', { traces: 1, size: 5000 }), ...blocks], { maxBlockBytes: 4000 })).toEqual(['a b c d']);
});

test('jobs of one level and window have one owner', () => {
  const blocks = [...'abcdefgh'].map((id) => block(id));
  const keys = [...selectJobs('t', [...blocks, block('x', { level: 1 }), block('y', { level: 1 })], limits, now)];
  expect(new Set(keys.map(({ ownerKey }) => ownerKey)).size).toBe(2);
});

describe('whatever the blocks', () => {
  const anyBlocks = fc.array(
    fc.record({
      hoursAgo: fc.double({ min: 0, max: 60, noNaN: true }),
      level: fc.nat(3),
      traces: fc.nat(1000),
      size: fc.nat(1000),
    }),
    { maxLength: 60 },
  );

  test('no block is in two jobs, and each job keeps the rules', () => {
    fc.assert(
      fc.property(anyBlocks, fc.nat(2000), fc.nat(2000), (some, maxObjects, maxBlockBytes) => {
        const blocks = some.map((how, index) => block(String(index), how));
        const bounded = { ...limits, maxObjects, maxBlockBytes };
        const selected = [...selectJobs('t', blocks, bounded, now)];
        const all = selected.flatMap(({ inputs }) => inputs);
        expect(new Set(all).size).toBe(all.length);
        for (const { inputs } of selected) {
          expect(inputs.length).toBeGreaterThanOrEqual(2);
          expect(inputs.length).toBeLessThanOrEqual(4);
          expect(inputs.reduce((sum, { totalObjects }) => sum + totalObjects, 0)).toBeLessThanOrEqual(maxObjects);
          expect(inputs.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(maxBlockBytes);
          expect(new Set(inputs.map(({ endTime }) => Math.floor(endTime.getTime() / HOUR))).size).toBe(1);
        }
      }),
    );
  });

  test('two neighbours that fit together are not both left', () => {
    fc.assert(
      fc.property(anyBlocks, (some) => {
        const blocks = some.map((how, index) => block(String(index), { ...how, level: 0 }));
        const taken = new Set([...selectJobs('t', blocks, limits, now)].flatMap(({ inputs }) => inputs));
        const left = blocks.filter((one) => !taken.has(one));
        const windows = left.map(({ endTime }) => Math.floor(endTime.getTime() / HOUR));
        const counted = windows.filter((window) => window !== Math.floor((now.getTime() - limits.activeFor) / HOUR));
        expect(new Set(counted).size).toBe(counted.length);
      }),
    );
  });
});
