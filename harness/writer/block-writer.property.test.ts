/** Whatever S3 does for a while, no block is lost, and none is visible before it is whole. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minute, second, startExample } from './block-writer-example.ts';
import type { PutScript } from './memory-object-store.ts';

const script = fc.oneof(
  { weight: 3, arbitrary: fc.constant<PutScript>({ answer: 'ok' }) },
  fc.record({ answer: fc.constantFrom('ok' as const, 'fail' as const), afterMs: fc.nat(6 * minute) }),
  fc.constant<PutScript>({ answer: 'hang' }),
  fc.record({ answer: fc.constant('slow' as const), bytesPerSecond: fc.integer({ min: 100_000, max: 50_000_000 }) }),
);

const outage = fc.record({
  seed: fc.nat(),
  blocks: fc.integer({ min: 1, max: 6 }),
  concurrentFlushes: fc.integer({ min: 1, max: 4 }),
  /** What becomes of the first puts, in the order in which they come; all that follow are good. */
  scripts: fc.array(script, { maxLength: 40 }),
});

test('no block is lost, the order of its objects is kept, and meta.json is put only after all else', async () => {
  await fc.assert(
    fc.asyncProperty(outage, async ({ seed, blocks, concurrentFlushes, scripts }) => {
      const left = [...scripts];
      const example = startExample({
        seed,
        load: { blocks },
        flush: { concurrentFlushes },
        script: () => left.shift() ?? { answer: 'ok' },
      });
      await example.clock.run(example.writer.done);

      const cuts = example.events('block.cut');
      expect(cuts).toHaveLength(blocks);
      for (const { block, keyPrefix, objects } of cuts) {
        // Nothing lost: everything of the block is in the store, as it was on the disk.
        for (const { name, size, sha256 } of objects) {
          expect(example.store.objects.get(`${keyPrefix}${name}`)).toEqual({ size, sha256 });
        }
        const names = objects.map(({ name }) => name);
        const puts = example.store.puts.filter(({ key }) => key.startsWith(keyPrefix));
        const starts = example.events('flush.start').filter((event) => event.block === block);
        const ends = example.events('flush.end').filter((event) => event.block === block);

        // One attempt after another, the last one alone is good.
        expect(ends.map(({ outcome }) => outcome)).toEqual([...starts.slice(1).map(() => 'fail'), 'ok']);
        let next = 0;
        for (const [index, end] of ends.entries()) {
          const start = starts[index] as (typeof starts)[number];
          expect(end.attempt).toBe(index + 1);
          expect(start.t).toBeLessThanOrEqual(end.t);
          if (index > 0) {
            const wait = [30, 60, 120][index - 1] ?? 120;
            expect(start.t).toBeGreaterThanOrEqual((ends[index - 1]?.t ?? 0) + wait * second);
          }
          // The puts of this attempt: from data.parquet on, in order, each acknowledged before the next; no gap.
          for (const name of names) {
            const put = puts[next++];
            expect(put?.key).toBe(`${keyPrefix}${name}`);
            expect(put?.start).toBeGreaterThanOrEqual(start.t);
            expect(put?.end).toBeLessThanOrEqual(end.t);
            if (put?.outcome === 'ok') continue;
            expect(end.outcome).toBe('fail');
            expect(end.deadlineExceeded).toBe(put?.outcome === 'deadline');
            if (end.deadlineExceeded) expect(end.t).toBe(start.t + 5 * minute);
            break;
          }
        }
        expect(next).toBe(puts.length);
      }

      // One worker a queue: no two flushes of one queue overlap.
      for (let queue = 0; queue < concurrentFlushes; queue++) {
        const busy = example
          .events('flush.start')
          .filter((event) => event.queue === queue)
          .map((start) => ({
            from: start.t,
            to: example.events('flush.end').find((end) => end.block === start.block && end.attempt === start.attempt)
              ?.t,
          }));
        for (const [index, flush] of busy.entries()) {
          if (index > 0) expect(flush.from).toBeGreaterThanOrEqual(busy[index - 1]?.to as number);
        }
      }
    }),
    { numRuns: 100 },
  );
});
