/** The same writer on the machine's clock and disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { startBlockWriter } from './block-writer.ts';
import { tempoBlocks, tempoFlush } from './block-writer-example.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import { RealDisk } from './real-disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-writer-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('what is acknowledged is in blocks, which are flushed as they were cut, and cleared', async () => {
  const history: HistoryEvent[] = [];
  const store = new MemoryObjectStore(realClock);
  const disk = new RealDisk(folder);
  // Tempo's defaults, 50 times faster, and 1 MiB/s of the machine's time: a sweep each 200 ms, a block in three of them.
  const writer = startBlockWriter(
    {
      writer: 'ingester-0',
      tenant: 't',
      prefix: '',
      blocks: {
        ...tempoBlocks,
        maxBlockBytes: 500 * 1024,
        traceIdlePeriod: 100,
        traceLivePeriod: 600,
        completeBlockTimeout: 1000,
      },
      flush: { ...tempoFlush, flushCheckPeriod: 200, firstFlushJitter: 50 },
      load: { bytesPerSecond: 1024 * 1024, blocks: 3, begun: 0, startAfter: 0 },
    },
    { store, disk, clock: realClock, random: new Random(1), record: (event) => history.push(event) },
  );
  await writer.done;
  const cuts = history.flatMap((event) => (event.type === 'block.cut' ? [event] : []));
  // Whole pushes, 25 of which fill a block; how many more there are is for the sweeps, which a loaded machine may hold up.
  const perPush = (1024 * 1024) / 50;
  const sizes = cuts.map(({ objects }) => objects[0]?.size ?? 0);
  for (const size of sizes) {
    expect(Math.abs(size - Math.round(size / perPush) * perPush)).toBeLessThanOrEqual(1);
    expect(Math.round(size / perPush)).toBeGreaterThanOrEqual(25);
  }
  const acknowledged = history.reduce((sum, event) => sum + (event.type === 'push' ? event.bytes : 0), 0);
  expect([sizes.length, sizes.reduce((sum, size) => sum + size)]).toEqual([3, acknowledged]);
  for (const { keyPrefix, objects } of cuts) {
    for (const { name, size, sha256 } of objects)
      expect(store.objects.get(`${keyPrefix}${name}`)).toEqual({ size, sha256 });
  }
  const deadline = realClock.now() + 20_000;
  while ((await disk.list('')).length > 0 && realClock.now() < deadline) await realClock.sleep(50);
  await writer.stop();
  expect(await disk.list('')).toEqual([]);
  expect(history.filter(({ type }) => type === 'block.cleared')).toHaveLength(3);
  expect(history.filter(({ type }) => type === 'data.lost' || type === 'writer.error')).toEqual([]);
});
