import { describe, expect, it } from 'vitest';
import type { DiskEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { diskFull } from './disk-full.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine } from './example-machine.ts';

const refused = (t: number, how: Partial<DiskEvent> = {}): DiskEvent => ({
  t,
  type: 'disk',
  writer: 'ingester-0',
  operation: 'write',
  path: 'wal/a/0000000001',
  start: t - 1,
  bytes: 10,
  error: 'ENOSPC: no space left on device, write',
  rule: '1-disk-full',
  ...how,
});
const capacity = diskFull.parameters.parse({ capacity: '1GB' });

it('limits every disk, and tells what it did', async () => {
  const { diskFaults, calls, active } = await injectedOnMachine('disk-full', { capacity: '1GB' });
  expect(diskFaults).toEqual([{ rule: '1-disk-full', seed: 7, mode: 'full', capacity: 1e9 }]);
  const evidence = { fired: 3, unit: 'disk operations', measured: { considered: 5, waitedMs: 12 } };
  expect(await active.evidence()).toEqual(evidence);
  expect(await active.heal()).toEqual(evidence);
  expect(calls.map(([, call]) => call)).toEqual(['add 1-disk-full', 'remove 1-disk-full']);
});

it('limits the disks of some writers alone', async () => {
  const writers = ['ingester-1'];
  const { diskFaults } = await injectedOnMachine('disk-full', { capacity: '1GB', writers });
  expect(diskFaults).toEqual([{ rule: '1-disk-full', seed: 7, mode: 'full', capacity: 1e9, writers }]);
  const given = diskFull.parameters.parse({ capacity: '1GB', writers });
  expect(diskFull.compress(given, new Compression(20, 100))).toEqual({ capacity: 1e7, writers });
});

it('becomes smaller as blocks do', () => {
  expect(diskFull.compress(capacity, new Compression(20, 100))).toEqual({ capacity: 1e7 });
});

describe('the effect', () => {
  it('is seen by writes that failed for it, in the sizes of the config', () => {
    const compressed = { capacity: 1e7 };
    const compression = { time: 20, bytes: 100 };
    expect(effectOf('disk-full', compressed, [[refused(1100)], [refused(1200)]], { compression })).toEqual({
      seen: true,
      message: '2 writes failed with ENOSPC at a capacity of 1GB',
    });
  });

  it.each([
    ['before it', refused(900, { start: 899, rule: undefined as never })],
    ['for another fault', refused(1100, { rule: '2-disk-full' })],
    ['for another reason', refused(1100, { error: 'EIO: i/o error, write' })],
    ['after it', refused(2100)],
  ])('is not seen by what failed %s', (_when, event) => {
    expect(effectOf('disk-full', capacity, [[event]], { end: { fired: 7, evidence: { considered: 4 } } })).toEqual({
      seen: false,
      message:
        '4 disk operations that it is about began while it was in force, and none was beyond the capacity: a smaller one is needed',
    });
  });

  it('needs something to be written', () => {
    expect(effectOf('disk-full', capacity, []).message).toBe(
      'no disk operation that it is about began while it was in force: it needs blocks that are cut or flushed in that time',
    );
  });
});
