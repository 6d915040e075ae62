import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import type { BackgroundEvent, HistoryEvent } from '../history/events.ts';
import type { AttemptContext, Body } from '../object-store/s3-operations.ts';
import { Random } from '../random.ts';
import { rangeBytes } from './rates.ts';
import { BackgroundTraffic, type TrafficPlan } from './traffic.ts';

const minute = 60_000;
const block = (name: string, data: number): [string, number][] => [
  [`tempo/single-tenant/${name}/data.parquet`, data],
  [`tempo/single-tenant/${name}/bloom-0`, 100_000],
  [`tempo/single-tenant/${name}/index`, 5000],
  [`tempo/single-tenant/${name}/meta.json`, 700],
];

/** A bucket that takes 10 ms for each request, and remembers them. */
function bucketOn(clock: VirtualClock, objects: Map<string, number>) {
  const requests: { t: number; what: string; key: string; range?: { start: number; end: number } }[] = [];
  let inFlight = 0;
  let most = 0;
  let hangs = false;
  const asked = async (what: string, key: string, context: AttemptContext, range?: { start: number; end: number }) => {
    requests.push({ t: clock.now(), what, key, ...(range && { range }) });
    expect(context.id).toBe('');
    most = Math.max(most, ++inFlight);
    try {
      await clock.sleep(hangs ? 1e9 : 10, context.signal);
    } finally {
      inFlight--;
    }
  };
  const sizeOf = (key: string) => {
    const size = objects.get(key);
    if (size === undefined) throw new Error(`GetObject ${key}: S3 answered 404 NoSuchKey`);
    return size;
  };
  return {
    requests,
    of: (what: string) => requests.filter((request) => request.what === what),
    most: () => most,
    hang: (now: boolean) => {
      hangs = now;
    },
    operations: {
      async putObject(key: string, body: Body, context: AttemptContext) {
        await asked('PutObject', key, context);
        objects.set(key, body.size);
        return { etag: 'e' };
      },
      async getObject(key: string, context: AttemptContext, range?: { start: number; end: number }) {
        await asked('GetObject', key, context, range);
        const size = range ? range.end - range.start : sizeOf(key);
        return { size, body: Readable.from([Buffer.alloc(Math.min(size, 100))]) };
      },
      async listObjectsV2(prefix: string, token: string | undefined, context: AttemptContext) {
        await asked('ListObjectsV2', prefix, context);
        const found = [...objects].filter(([key]) => key.startsWith(prefix));
        const from = Number(token ?? 0);
        const page = found
          .slice(from, from + 5)
          .map(([key, size]) => ({ key, size, etag: '', lastModified: new Date(0) }));
        return { objects: page, ...(from + 5 < found.length && { next: String(from + 5) }) };
      },
      async deleteObject(key: string, context: AttemptContext) {
        await asked('DeleteObject', key, context);
        objects.delete(key);
      },
    },
  };
}

const plan: TrafficPlan = {
  queriers: 4,
  compactors: 3,
  poll: minute,
  reads: 0.5,
  deletes: 0.1,
  blocks: 'tempo/single-tenant/',
  own: 'tempo/chaos-background/',
  patience: 5000,
};

function started(how: Partial<TrafficPlan> = {}, objects = new Map([...block('a', 5e6), ...block('b', 1000)])) {
  const clock = new VirtualClock();
  const bucket = bucketOn(clock, objects);
  const events: BackgroundEvent[] = [];
  const record = (event: HistoryEvent) => void events.push(event as BackgroundEvent);
  const ports = { operations: bucket.operations, clock, random: new Random(7), record };
  return { clock, bucket, objects, events, traffic: new BackgroundTraffic({ ...plan, ...how }, ports) };
}

it('polls, reads and deletes as often as it is told to, and in proportion to queriers and compactors', async () => {
  const { clock, bucket, events, traffic } = started();
  await clock.advance(20 * minute);
  await clock.run(traffic.stop());
  const near = (count: number, due: number) =>
    expect(Math.abs(count / due - 1), `${count} of ${due}`).toBeLessThan(0.1);
  // 4 queriers and a compactor read the index, 2 compactors list the two pages of blocks and write the index.
  near(bucket.of('GetObject').filter(({ key }) => key.endsWith('index.json.gz')).length, 5 * 20);
  near(bucket.of('PutObject').filter(({ key }) => key.endsWith('index.json.gz')).length, 2 * 20);
  near(bucket.of('ListObjectsV2').length, 2 * 2 * 20);
  near(bucket.of('PutObject').filter(({ key }) => key.includes('compactor-')).length, 3 * 0.1 * 1200);
  near(bucket.of('DeleteObject').length, 3 * 0.1 * 1200);
  const reads = bucket.of('GetObject').filter(({ key }) => key.startsWith(plan.blocks) && !key.endsWith('meta.json'));
  near(reads.length, 4 * 0.5 * 1200);
  near(reads.filter(({ key }) => key.includes('bloom')).length, 600);
  near(reads.filter(({ key }) => key.endsWith('data.parquet')).length, 1200);
  // Each meta.json once.
  expect(bucket.of('GetObject').filter(({ key }) => key.endsWith('meta.json'))).toHaveLength(2);
  expect(events).toHaveLength(bucket.requests.length);
  expect(events.every(({ type, outcome, ms }) => type === 'background' && outcome === 'ok' && ms === 10)).toBe(true);
});

it('reads ranges of the size of a read buffer, within the object, and small objects whole', async () => {
  const { clock, bucket, traffic } = started();
  await clock.advance(20 * minute);
  await clock.run(traffic.stop());
  const large = bucket.of('GetObject').filter(({ key }) => key.endsWith('a/data.parquet'));
  expect(large.length).toBeGreaterThan(100);
  for (const { range } of large) {
    expect((range?.end ?? 0) - (range?.start ?? 0)).toBe(rangeBytes);
    expect(range?.start).toBeGreaterThanOrEqual(0);
    expect(range?.end).toBeLessThanOrEqual(5e6);
  }
  expect(new Set(large.map(({ range }) => range?.start)).size).toBeGreaterThan(50);
  expect(bucket.of('GetObject').filter(({ key, range }) => key.endsWith('b/data.parquet') && range)).toEqual([]);
});

it('deletes nothing but what it wrote, and leaves nothing of that', async () => {
  const objects = new Map([...block('a', 5e6), ['tempo/chaos-background-not/x', 1] as [string, number]]);
  const before = new Map(objects);
  const { clock, bucket, traffic } = started({}, objects);
  await clock.advance(5 * minute);
  expect(objects.size).toBeGreaterThan(before.size);
  // What is left is an object of each compactor, and the index.
  expect(objects.size - before.size).toBeLessThanOrEqual(3 + 1);
  await clock.run(traffic.stop());
  expect(objects).toEqual(before);
  for (const { key } of [...bucket.of('DeleteObject'), ...bucket.of('PutObject')]) {
    expect(key.startsWith('tempo/chaos-background/')).toBe(true);
  }
  const sent = bucket.requests.length;
  await clock.advance(10 * minute);
  expect(bucket.requests).toHaveLength(sent);
});

it('one that hangs is given up, holds up its own next requests, and no others', async () => {
  const { clock, bucket, events, traffic } = started({ reads: 10, deletes: 10 });
  await clock.advance(2 * minute);
  bucket.hang(true);
  const sent = bucket.requests.length;
  await clock.advance(4900);
  // 4 queriers and 3 compactors wait, and perhaps a poll of each.
  expect(bucket.requests.length - sent).toBeGreaterThanOrEqual(7);
  expect(bucket.most()).toBeLessThanOrEqual(14);
  await clock.advance(6000);
  const failed = events.filter(({ outcome }) => outcome === 'fail');
  expect(failed.length).toBeGreaterThanOrEqual(7);
  for (const { ms, error } of failed) expect([ms, error]).toEqual([5000, 'no answer within 5000 ms']);
  bucket.hang(false);
  await clock.run(traffic.stop());
});

it('lists for itself as long as there is no index, and asks for nothing that is not there', async () => {
  const { clock, bucket, events, traffic } = started({ compactors: 0 }, new Map());
  await clock.advance(5 * minute);
  await clock.run(traffic.stop());
  expect(new Set(bucket.requests.map(({ what }) => what))).toEqual(new Set(['ListObjectsV2']));
  expect(bucket.requests.length).toBeGreaterThan(15);
  expect(events.every(({ outcome }) => outcome === 'ok')).toBe(true);
});

it('sends the same at the same moments for the same seed, and no two of its kind together', async () => {
  const once = async () => {
    const { clock, bucket, traffic } = started();
    await clock.advance(3 * minute);
    await clock.run(traffic.stop());
    return bucket.requests;
  };
  const first = await once();
  expect(await once()).toEqual(first);
  const polls = first.filter(({ t, what, key }) => t < minute && (what === 'ListObjectsV2' || key.endsWith('.gz')));
  expect(Math.max(...polls.map(({ t }) => t)) - Math.min(...polls.map(({ t }) => t))).toBeGreaterThan(minute / 3);
});
