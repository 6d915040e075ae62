import { describe, expect, it } from 'vitest';
import type { DiskEvent } from '../history/events.ts';
import { diskError } from './disk-error.ts';
import { effectOf } from './example-effect.ts';
import { injectedOnMachine } from './example-machine.ts';

const failed = (t: number, how: Partial<DiskEvent> = {}): DiskEvent => ({
  t,
  type: 'disk',
  writer: 'ingester-0',
  operation: 'read',
  path: 'blocks/single-tenant/a/data.parquet',
  start: t - 1,
  bytes: 10,
  error: 'EIO: i/o error, read',
  rule: '1-disk-error',
  ...how,
});
const half = diskError.parameters.parse({ probability: 0.5 });

it('draws for the operations and the paths that it is told, or for all', async () => {
  const { diskFaults } = await injectedOnMachine('disk-error', {
    probability: 0.5,
    operations: ['read'],
    path: '^wal/',
  });
  const draws = { rule: '1-disk-error', seed: 7, mode: 'error' };
  expect(diskFaults).toEqual([{ ...draws, probability: 0.5, operations: ['read'], path: '^wal/' }]);
  expect((await injectedOnMachine('disk-error', {})).diskFaults).toEqual([
    { ...draws, probability: 1, operations: ['write', 'read'] },
  ]);
  const some = await injectedOnMachine('disk-error', { writers: ['ingester-7'] });
  expect(some.diskFaults).toMatchObject([{ writers: ['ingester-7'] }]);
});

it.each([
  [{ probability: 0 }, 'probability'],
  [{ probability: 1.5 }, 'probability'],
  [{ path: '(' }, 'path'],
  [{ operations: [] }, 'operations'],
  [{ operations: ['fsync'] }, 'operations.0'],
])('%j is refused', (parameters, path) => {
  const parsed = diskError.parameters.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

describe('the effect', () => {
  it('is seen by what failed for it, counted by kind', () => {
    const happened = [
      [failed(1100), failed(1200), failed(1300, { operation: 'write', error: 'EIO: i/o error, write' })],
    ];
    expect(effectOf('disk-error', half, happened)).toEqual({ seen: true, message: '1 write, 2 reads failed with EIO' });
  });

  it('is not seen by what failed for another reason, whatever was counted', () => {
    const happened = [[failed(1100, { error: 'ENOSPC' }), failed(1200, { rule: '2-disk-error' }), failed(2100)]];
    expect(effectOf('disk-error', half, happened, { end: { fired: 7, evidence: { considered: 7 } } })).toEqual({
      seen: false,
      message:
        '7 disk operations that it is about began while it was in force, and none failed: 7 disk operations were judged and none was drawn, for which the chance was 0.78 % (probability 0.5); a longer `for`, a higher probability, more blocks or another seed would help',
    });
  });
});
