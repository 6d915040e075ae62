import { z } from 'zod';
import { counted, listed } from '../checkers/counted.ts';
import { actedOn, injectDiskFault, nothingActedOn, operationsOfDisk } from './disk-fault.ts';
import { defineFault } from './fault.ts';
import { probability } from './parameters.ts';
import { pattern } from './request-parameters.ts';
import { disksOfWriters } from './writers-machine.ts';

/** Operations on the local disk fail with EIO. */
export const diskError = defineFault({
  name: 'disk-error',
  about: "Reads and writes of the writers' local disks fail with EIO, somewhere in the middle of a file.",
  details: [
    'Each writer has a disk of its own: all fail, or those of `writers`. Whether a read or a write of a file fails is drawn when it begins, by the seed, the fault, the operation, the path, and how many times ' +
      'that was judged; so is after which share of its bytes. What came before that is on the disk, or was sent. The draws are the same for ' +
      'the same seed, in whatever order operations come.',
    'Paths are those on the disk of a writer: `wal/<block>+<tenant>+vParquet4/0000000001`, `wal/.../meta.json`, and ' +
      '`blocks/<tenant>/<block>/data.parquet`. Joining the pages of the WAL, which completes a block, is one read of the WAL block, whose ' +
      'path is its folder.',
    'What Tempo makes of it (v2.9.5): a page of the WAL that cannot be written is lost, though its spans had been acknowledged. A block that ' +
      'cannot be completed is tried three times, and then deleted with its data. A flush that cannot read its block fails, and is tried ' +
      'again after 30 s, 60 s and 120 s, without end. At a start, a WAL block whose meta.json cannot be read is deleted.',
    'Its evidence: operations that failed with EIO, counted at the disk, and told of one by one in the history.',
    'Limits: an upload reads the disk while it sends, where Tempo reads a whole object into memory before: an error in the middle of a file is ' +
      'an attempt that failed half-way here, and none at all there. Deleting and listing never fail.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z.strictObject({
    probability: probability().default(1).describe('the chance of each operation; absent: 1'),
    operations: operationsOfDisk(),
    path: pattern().optional().describe('a regular expression that the path on the disk must match; absent: all'),
    writers: disksOfWriters(),
  }),
  example: { probability: 0.5, operations: ['read'], path: 'data\\.parquet$' },
  demonstrations: [
    {
      about:
        'Four in five uploads of data.parquet cannot read it to its end: the flushes fail, wait, and succeed in the end.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '0s', for: '1m', with: { probability: 0.8, operations: ['read'], path: 'data\\.parquet$' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'Half of the pages of the WAL cannot be written: their spans had been acknowledged, and are lost.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '20MB/s', blocks: 5 },
      timeline: [{ at: '0s', for: '1m', with: { probability: 0.5, operations: ['write'], path: '^wal/.*/[0-9]+$' } }],
      expect: { verdict: 'fail', cause: 'durability', deadlineExceeded: 0, recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  compress: (parameters) => parameters,
  inject: (injection) => {
    const { id, seed, parameters } = injection;
    const { probability, operations, path, writers } = parameters;
    return injectDiskFault(injection, {
      rule: id,
      seed,
      mode: 'error',
      probability,
      operations,
      ...(path !== undefined && { path }),
      ...(writers && { writers }),
    });
  },
  effect(context) {
    const failed = actedOn(context).filter(({ error }) => error?.startsWith('EIO'));
    if (failed.length === 0) return { seen: false, message: nothingActedOn(context, 'failed') };
    const kinds = (['write', 'read'] as const).flatMap((kind) => {
      const count = failed.filter(({ operation }) => operation === kind).length;
      return count > 0 ? [counted(count, kind)] : [];
    });
    return { seen: true, message: `${listed(kinds)} failed with EIO` };
  },
});
