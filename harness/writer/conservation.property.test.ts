/** Whatever the disk and S3 do, and whenever the writer is stopped, each byte that was acknowledged can be accounted for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { blockId } from './block-id.ts';
import { type Example, MiB, minute, second, startExample } from './block-writer-example.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { PutScript } from './memory-object-store.ts';
import { readWal } from './wal.ts';

const story = fc.record({
  seed: fc.nat(),
  blocks: fc.integer({ min: 1, max: 5 }),
  traceLength: fc.constantFrom(0, 3 * second, minute),
  concurrentFlushes: fc.integer({ min: 1, max: 3 }),
  completeConcurrency: fc.constantFrom(0, 0, 2),
  firstFlushJitter: fc.constantFrom(0, 10 * second),
  walDeletedAfter: fc.constantFrom(0, 0, 2 * minute),
  flushAllOnShutdown: fc.boolean(),
  limits: fc.option(
    fc.record({
      bytesPerSecond: fc.integer({ min: 10 * MiB, max: 40 * MiB }),
      burstBytes: fc.integer({ min: 1, max: 100 * MiB }),
      liveTraces: fc.constantFrom(0, 20_000, 60_000),
    }),
    { nil: undefined },
  ),
  /** What becomes of the first writes to the disk: how long each takes, and whether it fails. */
  writes: fc.array(fc.record({ ms: fc.constantFrom(0, 0, 0, 500, 15_000), fails: fc.boolean() }), { maxLength: 30 }),
  puts: fc.array(
    fc.constantFrom<PutScript>(
      { answer: 'ok' },
      { answer: 'ok', afterMs: 20 * second },
      { answer: 'fail', afterMs: second },
      { answer: 'hang' },
    ),
    { maxLength: 15 },
  ),
  ends: fc.array(fc.record({ after: fc.nat(5 * minute), how: fc.constantFrom('stop', 'shut-down', 'kill') }), {
    maxLength: 2,
  }),
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

const sum = (events: { bytes: number }[]) => events.reduce((all, { bytes }) => all + bytes, 0);

/** One process's life, on the disk that those before have left. */
async function live(
  plan: Story,
  disk: MemoryDisk,
  begun: number,
  end: { after: number; how: string } | undefined,
): Promise<Example> {
  const puts = [...plan.puts];
  const { seed, blocks, traceLength, limits, concurrentFlushes, completeConcurrency, firstFlushJitter } = plan;
  const example = startExample({
    seed,
    disk,
    load: { blocks, begun, traceLength, ...(limits && { limits }) },
    flush: { concurrentFlushes, completeConcurrency, firstFlushJitter },
    blocks: { walDeletedAfter: plan.walDeletedAfter, flushAllOnShutdown: plan.flushAllOnShutdown },
    script: () => puts.shift() ?? { answer: 'ok' },
  });
  const writes = [...plan.writes];
  const write = disk.write.bind(disk);
  let isKilled = false;
  disk.write = async (path, content) => {
    const { ms, fails } = writes.shift() ?? { ms: 0, fails: false };
    if (ms > 0) await example.clock.sleep(ms);
    if (isKilled) return new Promise(() => {});
    if (fails) throw new Error(`local disk: cannot write ${path}: EIO`);
    return write(path, content);
  };
  if (!end) {
    await example.clock.run(example.writer.done);
    return example;
  }
  await example.clock.advance(end.after);
  isKilled = end.how === 'kill';
  if (end.how === 'stop') await example.clock.run(example.writer.stop());
  if (end.how === 'shut-down') await example.clock.run(example.writer.shutDown(minute));
  return example;
}

/** Of the blocks, those that a process told of, or that are on the disk: how many there were begun until then. */
function lastBegun(plan: Story, known: Set<string>, id: (number: number) => string): number {
  for (let number = plan.blocks; number > 0; number--) if (known.has(id(number))) return number;
  return 0;
}

test('acknowledged = in blocks cut + in the WAL + live + told of as lost, over stops, kills and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (plan) => {
      let disk = new MemoryDisk();
      const id = (number: number) => blockId(new Random(plan.seed), 'ingester-0', number);
      const known = new Set<string>();
      const closed = new Map<string, number>();
      const cut = new Map<string, number>();
      const dropped = new Set<string>();
      for (const end of [...plan.ends, undefined]) {
        const example = await live(plan, disk, lastBegun(plan, known, id), end);
        // A killed process does nothing more: only its disk goes on.
        disk = example.disk.copy();

        // In memory is what was acknowledged, and neither closed in a page nor told of as lost; exactly so at each push.
        const balance = { bytes: 0 };
        for (const event of example.history) {
          if (event.type === 'push') {
            balance.bytes += event.bytes;
            expect(event.live.bytes).toBe(balance.bytes);
          } else if (event.type === 'wal.page' || (event.type === 'data.lost' && event.what === 'wal')) {
            balance.bytes -= event.bytes;
          }
        }
        expect(balance.bytes).toBeGreaterThanOrEqual(0);
        const isGraceful = end === undefined || end.how === 'shut-down';
        if (isGraceful) expect(balance.bytes).toBe(0);

        for (const { block, bytes } of example.events('wal.page')) closed.set(block, (closed.get(block) ?? 0) + bytes);
        for (const { block, objects } of example.events('block.cut')) {
          cut.set(block, objects[0]?.size ?? 0);
          known.add(block);
        }
        for (const { block } of example.events('block.dropped')) {
          dropped.add(block);
          known.add(block);
        }
        const wal = await readWal(disk, 'single-tenant');
        for (const block of wal) {
          if (block.closed.length === 0) continue;
          known.add(block.id);
          if (!cut.has(block.id))
            expect(sum(block.closed.map(({ size }) => ({ bytes: size })))).toBe(closed.get(block.id));
        }
        // What was closed in pages is cut, dropped and told so, or still in the WAL.
        const inWal = new Set(wal.map((block) => block.id));
        for (const [block, bytes] of closed) {
          if (cut.has(block)) expect(cut.get(block)).toBe(bytes);
          else expect(dropped.has(block) || inWal.has(block)).toBe(true);
        }
        if (end === undefined) {
          expect(inWal.size).toBe(0);
          // What was cut is in S3: no flush is given up.
          const flushed = new Set(
            example.events('flush.end').flatMap(({ block, outcome }) => (outcome === 'ok' ? [block] : [])),
          );
          for (const { block } of example.events('block.cut')) expect(flushed.has(block)).toBe(true);
        }
      }
      expect(cut.size + [...dropped].filter((block) => !cut.has(block)).length).toBe(plan.blocks);
    }),
    { numRuns: 60 },
  );
});
