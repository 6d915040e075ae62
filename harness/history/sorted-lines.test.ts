import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SortedLines, type TimedLine } from './sorted-lines.ts';

let folder: string;
let runs: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sorted-lines-'));
  runs = join(folder, 'runs');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function sorted(lines: readonly TimedLine[], limit: number): Promise<TimedLine[]> {
  await using all = new SortedLines(runs, limit);
  for (const line of lines) await all.add(line);
  const inOrder: TimedLine[] = [];
  for await (const piece of all.inOrder()) inOrder.push(...piece);
  return inOrder;
}

test('come out as a stable sort has them, however many runs they take', async () => {
  const line = fc.record({
    // Few times, so that many are the same.
    t: fc.oneof(fc.nat(9), fc.double({ noNaN: true, noDefaultInfinity: true })).map((t) => (Object.is(t, -0) ? 0 : t)),
    line: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\n')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), async (lines, limit) => {
      expect(await sorted(lines, limit)).toEqual([...lines].sort((a, b) => a.t - b.t));
    }),
  );
});

test('below the limit no file is written, above it several, and none is left', async () => {
  const lines = Array.from({ length: 10 }, (_, index) => ({ t: 10 - index, line: '1234567890' }));
  {
    await using all = new SortedLines(runs, 200);
    for (const line of lines) await all.add(line);
    expect(existsSync(runs)).toBe(false);
  }
  {
    await using all = new SortedLines(runs, 30);
    for (const line of lines) await all.add(line);
    expect(readdirSync(runs)).toEqual(['0.run', '1.run', '2.run']);
  }
  expect(existsSync(runs)).toBe(false);
});
