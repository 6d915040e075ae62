import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { compaction as compactionChecker } from '../checkers/compaction.ts';
import { durability } from '../checkers/durability.ts';
import { check, inOrder } from '../checkers/example-history.ts';
import { VirtualClock } from '../clock.ts';
import type { CompactionEvent, HistoryEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { type CompactorPlan, startCompactor } from './compactor.ts';
import { compaction, FOLDER, putBlock, random, readAll, TENANT } from './example-bucket.ts';
import { type BucketRequest, MemoryBucket } from './memory-bucket.ts';

const MiB = 1024 ** 2;
const MINUTE = 60_000;
let clock: VirtualClock;
let bucket: MemoryBucket;
let events: HistoryEvent[];
beforeEach(() => {
  clock = new VirtualClock();
  bucket = new MemoryBucket(clock);
  events = [];
});

function start(how: Partial<CompactorPlan['compaction']> = {}, plan: Partial<CompactorPlan> = {}) {
  return startCompactor(
    {
      compactor: 'compactor-0',
      tenants: [TENANT],
      prefix: '',
      compaction: { ...compaction, ...how },
      share: { index: 0, of: 1 },
      ...plan,
    },
    { store: bucket, clock, random, record: (event) => events.push(event) },
  );
}

const jobs = () => events.filter((event): event is CompactionEvent => event.type === 'compaction');
const visible = () => [...bucket.objects.keys()].filter((key) => key.endsWith('/meta.json'));
const putBlocks = async (count: number, how = {}) => {
  for (let number = 0; number < count; number++) await putBlock(bucket, `block-${number}`, { traces: number, ...how });
};

test('compacts what is there, level by level, until one block of it is left, and tells each job', async () => {
  await putBlocks(16, { size: 1 * MiB });
  const compactor = start();
  await clock.advance(5 * MINUTE);
  await clock.run(compactor.stop());
  expect(jobs().map(({ outcome, inputs, objects }) => [outcome, inputs.length, objects[0]?.size])).toEqual([
    ...Array(4).fill(['ok', 4, 4 * MiB]),
    ['ok', 4, 16 * MiB],
  ]);
  const [first] = jobs();
  expect(first).toMatchObject({
    compactor: 'compactor-0',
    inputs: ['block-0', 'block-1', 'block-2', 'block-3'],
    marked: ['block-0', 'block-1', 'block-2', 'block-3'],
    keyPrefix: `${FOLDER}${first?.output}/`,
    orphanedParts: 0,
  });
  expect(visible()).toEqual([`${FOLDER}${jobs().at(-1)?.output}/meta.json`]);
});

test('a cycle begins 30 s after the last one began; what a poll finds is compacted in the next', async () => {
  const compactor = start({ blocklistPoll: 50_000 });
  await clock.advance(10);
  await putBlocks(2);
  await clock.advance(2 * MINUTE);
  // Polled at 50 s.
  expect(jobs()).toMatchObject([{ start: 60_000 }]);
  await clock.run(compactor.stop());
});

test('a job that fails is done again in a later cycle, as another block; what it wrote stays', async () => {
  await putBlocks(2);
  let failed = false;
  bucket.script = ({ operation }) => {
    if (operation !== 'CompleteMultipartUpload' || failed) return 'ok';
    failed = true;
    return 'fail';
  };
  const compactor = start();
  await clock.advance(29_000);
  expect(jobs()).toMatchObject([{ outcome: 'fail', orphanedParts: 2, marked: [], objects: [] }]);
  expect(jobs()[0]?.error).toMatch(/CompleteMultipartUpload .*503 SlowDown/);
  await clock.advance(2_000);
  expect(jobs()[1]).toMatchObject({ outcome: 'ok', inputs: jobs()[0]?.inputs, start: 30_000 });
  expect(jobs()[1]?.output).not.toBe(jobs()[0]?.output);
  expect([...bucket.uploads.keys()]).toEqual([`${FOLDER}${jobs()[0]?.output}/data.parquet`]);
  await clock.run(compactor.stop());
});

test('inputs whose mark failed are compacted again after the next poll, and their data is there twice', async () => {
  await putBlocks(2);
  bucket.script = ({ operation, key, number }) =>
    operation === 'CopyObject' && key.includes('block-') && number === 1 ? 'fail' : 'ok';
  const compactor = start();
  await clock.advance(4.9 * MINUTE);
  expect(jobs()).toMatchObject([{ outcome: 'fail', error: expect.stringMatching(/^unable to mark 2 blocks/) }]);
  await clock.advance(2 * MINUTE);
  expect(jobs().map(({ outcome, inputs }) => [outcome, inputs])).toEqual([
    ['fail', ['block-0', 'block-1']],
    ['ok', ['block-0', 'block-1']],
    ['ok', [jobs()[0]?.output, jobs()[1]?.output]],
  ]);
  await clock.run(compactor.stop());
});

describe('max_time_per_tenant', () => {
  /** Two tenants with two jobs each, and every job takes `jobMs`. */
  const turns = async (maxTimePerTenant: number, jobMs: number) => {
    for (const tenant of ['a', 'b']) {
      for (let number = 0; number < 8; number++) await putBlock(bucket, `${tenant}${number}`, { tenant, size: 100 });
    }
    bucket.script = ({ operation }) => (operation === 'CompleteMultipartUpload' ? { ok: true, afterMs: jobMs } : 'ok');
    const compactor = start({ maxTimePerTenant }, { tenants: ['b', 'a'] });
    await clock.advance(4 * jobMs + 10);
    await clock.run(compactor.stop());
    return jobs()
      .filter(({ outcome }) => outcome === 'ok')
      .map(({ inputs }) => inputs[0]?.[0])
      .join('');
  };

  test('ends the turn of a tenant after the job that it is over in', async () => {
    expect(await turns(60_000, 100_000)).toBe('abab');
  });

  test('that is not over leaves a tenant its turn until nothing is left to compact', async () => {
    expect(await turns(600_000, 100_000)).toBe('aabb');
  });
});

test('compactors share the jobs: each of them is done by one', async () => {
  const at = (hour: number) => new Date(`2025-12-31T${String(hour).padStart(2, '0')}:30:00Z`);
  for (let hour = 4; hour < 20; hour++) {
    for (const name of ['x', 'y']) await putBlock(bucket, `${name}${hour}`, { end: at(hour), size: 100 });
  }
  const three = [0, 1, 2].map((index) => start({}, { compactor: `compactor-${index}`, share: { index, of: 3 } }));
  await clock.advance(1 * MINUTE);
  for (const compactor of three) await clock.run(compactor.stop());
  expect(jobs().map(({ outcome }) => outcome)).toEqual(Array(16).fill('ok'));
  expect(new Set(jobs().flatMap(({ inputs }) => inputs)).size).toBe(32);
  expect(new Set(jobs().map(({ compactor }) => compactor)).size).toBe(3);
});

test('one that cannot reach S3 at its start ends, and says so', async () => {
  bucket.script = () => 'fail';
  const compactor = start();
  await expect(clock.run(compactor.started)).rejects.toThrow('compactor: cannot start: ListObjectsV2');
  await expect(compactor.done).rejects.toThrow('cannot start');
  expect(events).toMatchObject([{ type: 'writer.error', writer: 'compactor-0' }]);
});

test('one that cannot poll at first runs on', async () => {
  await putBlocks(2);
  bucket.script = ({ operation, key }) =>
    operation === 'ListObjectsV2' && key !== '' && clock.now() < 1 ? 'fail' : 'ok';
  const compactor = start();
  await clock.advance(6 * MINUTE);
  expect(jobs()).toMatchObject([{ outcome: 'ok' }]);
  await clock.run(compactor.stop());
});

test('a tenant that cannot be polled does not keep the others from it, and each is below the prefix', async () => {
  for (const tenant of ['a', 'b']) {
    for (const name of ['x', 'y'])
      await putBlock(bucket, `${tenant}${name}`, { tenant: `pre/fix/${tenant}`, size: 100 });
  }
  bucket.script = ({ operation, key }) => (operation === 'ListObjectsV2' && key === 'pre/fix/a/' ? 'fail' : 'ok');
  const compactor = start({}, { tenants: ['a', 'b'], prefix: 'pre/fix/' });
  await clock.advance(1 * MINUTE);
  await clock.run(compactor.stop());
  expect(jobs()).toMatchObject([{ outcome: 'ok', inputs: ['bx', 'by'] }]);
  expect(jobs()[0]?.keyPrefix).toBe(`pre/fix/b/${jobs()[0]?.output}/`);
});

test('stopped in the middle of a job it leaves what is there, and sends nothing more', async () => {
  await putBlocks(2);
  bucket.script = ({ partNumber }) => (partNumber === 2 ? { ok: true, afterMs: 1e9 } : 'ok');
  const compactor = start();
  await clock.advance(1000);
  await clock.run(compactor.stop());
  await expect(compactor.done).resolves.toBeUndefined();
  expect(jobs()).toMatchObject([{ outcome: 'fail', orphanedParts: 1, error: expect.stringContaining('stopped') }]);
  const sent = bucket.requests.length;
  await clock.advance(60 * MINUTE);
  expect(bucket.requests).toHaveLength(sent);
  expect(visible()).toHaveLength(2);
});

test('stopped with patience it lets the job under way end, and begins no other', async () => {
  await putBlocks(8, { size: 1000 });
  bucket.script = ({ operation }) => (operation === 'CompleteMultipartUpload' ? { ok: true, afterMs: 5000 } : 'ok');
  const compactor = start();
  await clock.advance(1000);
  await clock.run(compactor.stop(60_000));
  expect(clock.now()).toBe(5000);
  expect(jobs()).toMatchObject([{ outcome: 'ok' }]);
});

test('a job that takes longer than the patience is aborted', async () => {
  await putBlocks(2, { size: 1000 });
  bucket.script = ({ operation }) => (operation === 'CompleteMultipartUpload' ? { ok: true, afterMs: 1e9 } : 'ok');
  const compactor = start();
  await clock.advance(1000);
  await clock.run(compactor.stop(60_000));
  expect(clock.now()).toBe(61_000);
  expect(jobs()).toMatchObject([{ outcome: 'fail', orphanedParts: 1 }]);
});

test('a plan that cannot be carried out is refused', () => {
  expect(() => start({ cycle: 0 })).toThrow('compactor: compaction_cycle is 0: it must be more than 0');
});

test('whatever fails, and whenever it is stopped, nothing that could be read becomes unreadable', async () => {
  const anyRun = fc.record({
    seed: fc.nat(),
    failing: fc.double({ min: 0, max: 0.4, noNaN: true }),
    lost: fc.double({ min: 0, max: 0.3, noNaN: true }),
    stopAfter: fc.integer({ min: 1, max: 40 * MINUTE }),
    blocks: fc.integer({ min: 2, max: 9 }),
  });
  let [done, broken] = [0, 0];
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ seed, failing, lost, stopAfter, blocks }) => {
      clock = new VirtualClock();
      bucket = new MemoryBucket(clock, { smallestPart: 1 });
      events = [];
      const draws = new Random(seed);
      const written: HistoryEvent[] = [];
      for (let number = 0; number < blocks; number++) {
        written.push(...(await putBlock(bucket, `block-${number}`, { size: 100 + number, traces: number })));
      }
      bucket.script = ({ operation, key, partNumber = 0, number }: BucketRequest) => {
        if (clock.now() === 0 && operation === 'ListObjectsV2') return 'ok';
        const drawn = draws.uniform(operation, key, partNumber, number);
        if (drawn < failing) return 'fail';
        if (drawn < failing + lost) return 'lost';
        return { ok: true, afterMs: 500 };
      };
      const compactor = start({ rowGroupBytes: 64, blocklistPoll: 1 * MINUTE });
      await clock.advance(stopAfter);
      await clock.run(compactor.stop());
      const history = inOrder(written, events, readAll(bucket, clock.now() + 1));
      expect(check(durability, history)[0]).toMatchObject({ verdict: 'pass' });
      // The requests themselves are not part of this history: their order is not to be judged.
      const found = check(compactionChecker, history).filter(({ verdict }) => verdict === 'fail');
      expect(found).toEqual([]);
      for (const { outcome } of jobs()) outcome === 'ok' ? done++ : broken++;
    }),
    { numRuns: 60 },
  );
  expect(done).toBeGreaterThan(20);
  expect(broken).toBeGreaterThan(20);
});
