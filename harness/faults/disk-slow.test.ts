import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { DiskEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { diskSlow } from './disk-slow.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine } from './example-machine.ts';

const took = (start: number, ms: number, how: Partial<DiskEvent> = {}): DiskEvent => ({
  t: start + ms,
  type: 'disk',
  writer: 'ingester-0',
  operation: 'write',
  path: 'wal/a/0000000001',
  start,
  bytes: 1000,
  rule: '1-disk-slow',
  ...how,
});
const upload = (start: number, diskRead: number) =>
  request('a', 'data.parquet', [start, start + 100], { client: { phases: { send: 50, diskRead } } });
/** 10 ms, and 1000 bytes in 100 ms: 110 ms are due. */
const both = diskSlow.parameters.parse({ rate: '10kB/s', latency: '10ms' });

it('holds every disk to a rate and a latency, or to one of them', async () => {
  const { diskFaults } = await injectedOnMachine('disk-slow', {
    rate: '10MB/s',
    latency: '20ms',
    operations: ['read'],
  });
  expect(diskFaults).toEqual([
    { rule: '1-disk-slow', seed: 7, mode: 'slow', latencyMs: 20, bytesPerSecond: 1e7, operations: ['read'] },
  ]);
  const one = await injectedOnMachine('disk-slow', { rate: '10MB/s' });
  expect(one.diskFaults).toEqual([
    { rule: '1-disk-slow', seed: 7, mode: 'slow', bytesPerSecond: 1e7, operations: ['write', 'read'] },
  ]);
  const some = await injectedOnMachine('disk-slow', { rate: '10MB/s', writers: ['ingester-7'] });
  expect(some.diskFaults).toMatchObject([{ writers: ['ingester-7'] }]);
});

it('needs a rate or a latency', () => {
  expect(diskSlow.parameters.safeParse({}).error?.issues[0]?.message).toBe('expected a rate, a latency, or both');
});

it('is compressed: latencies by time, rates as sizes over durations', () => {
  expect(diskSlow.compress(both, new Compression(4, 2))).toEqual({
    rate: 20_000,
    latency: 2.5,
    operations: ['write', 'read'],
  });
  const some = diskSlow.parameters.parse({ latency: '10ms', writers: ['ingester-7'] });
  expect(diskSlow.compress(some, new Compression(4, 2))).toMatchObject({ latency: 2.5, writers: ['ingester-7'] });
});

describe('the effect', () => {
  it('is seen when operations took as long as they had to, and uploads waited for the disk', () => {
    const happened = [[took(1000, 110), took(1200, 130)], upload(1300, 11), upload(1500, 15)];
    expect(effectOf('disk-slow', both, happened, { compression: { time: 2, bytes: 1 } })).toEqual({
      seen: true,
      message:
        '2 disk operations took 1.00 times what 20ms each and 5kB/s ask for at the median; 2 uploads waited 22ms for the disk at the median',
    });
  });

  it('is not seen when they were too quick, whatever was counted', () => {
    expect(effectOf('disk-slow', both, [[took(1000, 20), took(1200, 130), took(1400, 30)]])).toMatchObject({
      seen: false,
    });
  });

  it('is not seen when most were slow by a busy disk, and some too quick', () => {
    const slow = [1000, 1100, 1200, 1300].map((start) => took(start, 115));
    expect(effectOf('disk-slow', both, [[...slow, took(1400, 40)]])).toMatchObject({ seen: true });
    expect(effectOf('disk-slow', both, [[...slow, took(1400, 40), took(1500, 50)]])).toMatchObject({
      seen: false,
      message: expect.stringContaining('and 2 of them less than was due'),
    });
  });

  it('is not told by an upload that it was healed under', () => {
    const happened = [[took(1000, 110)], upload(1300, 11), upload(1950, 1), upload(1960, 1)];
    expect(effectOf('disk-slow', both, happened)).toMatchObject({ seen: true });
  });

  it('is not seen when uploads did not wait, though the disk says so', () => {
    expect(effectOf('disk-slow', both, [[took(1000, 110)], upload(1300, 1)])).toMatchObject({ seen: false });
  });

  it('is not hidden by the uploads of writers whose disks it is not about', () => {
    const parameters = diskSlow.parameters.parse({ latency: '10ms', writers: ['ingester-7'] });
    const uploadOf = (writer: string, start: number, diskRead: number) =>
      request('a', 'data.parquet', [start, start + 100], {
        client: { id: `${writer}-1.1`, phases: { send: 50, diskRead } },
      });
    const others = Array.from({ length: 9 }, (_, index) => uploadOf('ingester-70', 1100 + index, 0.1));
    const happened = (diskRead: number) => [[took(1000, 10)], uploadOf('ingester-7', 1300, diskRead), ...others];
    expect(effectOf('disk-slow', parameters, happened(11))).toMatchObject({ seen: true });
    expect(effectOf('disk-slow', parameters, happened(1))).toMatchObject({ seen: false });
  });

  describe('on operations that go on when it is healed', () => {
    // 10,000 bytes at 10 kB/s: a second is due, or what is left of it until the heal at 2000.
    const rated = diskSlow.parameters.parse({ rate: '10kB/s', operations: ['read'] });
    const joined = (start: number, ms: number) => took(start, ms, { operation: 'read', path: 'wal/a', bytes: 10_000 });
    const effect = (...events: DiskEvent[]) =>
      effectOf('disk-slow', rated, [events], { end: { fired: events.length } });

    it('is seen when they took until then', () => {
      expect(effect(joined(1100, 1000), joined(1200, 950), joined(1600, 420))).toEqual({
        seen: true,
        message: '3 disk operations took 1.11 times what 10kB/s ask for at the median',
      });
    });

    it('is not seen when it did nothing to them', () => {
      expect(effect(joined(1100, 50), joined(1200, 60), joined(1980, 50))).toMatchObject({
        seen: false,
        message: expect.stringContaining('2 disk operations took 0.06 times'),
      });
    });

    it('is not seen by one that began just before', () => {
      expect(effect(joined(1900, 150))).toMatchObject({ seen: false });
    });
  });

  it('is not seen without an operation of its own that came to its end', () => {
    const happened = [[took(900, 200), took(1000, 110, { error: 'ENOSPC' }), took(1200, 120, { rule: '2-disk-slow' })]];
    expect(effectOf('disk-slow', both, happened, { end: { fired: 7, evidence: { considered: 7 } } })).toMatchObject({
      seen: false,
    });
  });
});
