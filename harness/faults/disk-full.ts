import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import { actedOn, injectDiskFault, nothingActedOn } from './disk-fault.ts';
import { defineFault } from './fault.ts';
import { byteSize } from './parameters.ts';
import { disksOfWriters } from './writers-machine.ts';

/** The local disk of each writer has room for so many bytes, and no more. */
export const diskFull = defineFault({
  name: 'disk-full',
  about: "The writers' local disks are full: a write beyond the capacity fails with ENOSPC.",
  details: [
    'From the injection on, the disk of each writer, or of each of `writers`, holds so many bytes: those of its WAL and its local blocks, those that were there before ' +
      'among them. What is over that fails with ENOSPC; as much as fits is written, and stays. Nothing is deleted to make it fit: with ' +
      'more on the disk than the capacity, every write fails. The heal gives the disk all the room of the machine again. Reads go on.',
    'What Tempo makes of it (v2.9.5): a page of the WAL that cannot be written is lost, though its spans had been acknowledged, and nothing ' +
      'pushes back on the sender. A block that cannot be completed is tried again after 30 s and 60 s; then its WAL is deleted, with its ' +
      'data. A block that was flushed and cannot be marked so is flushed again. What a failed completion has written stays on the disk.',
    'Its evidence: writes that failed with ENOSPC, counted at the disk, and told of one by one in the history.',
    'Limits: the disk is one of the harness, within the process of the writer: the room is counted in bytes of files, not in blocks of a ' +
      'file system, and folders take none. A deletion never fails.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z.strictObject({
    capacity: byteSize().describe('bytes that the local disk of each writer holds'),
    writers: disksOfWriters(),
  }),
  example: { capacity: '1.2GB' },
  demonstrations: [
    {
      about:
        'The disk is too small for a WAL and its local block at once, for eighty seconds: less than the three tries to complete a block take.',
      compression: { time: 20, bytes: 100 },
      load: { rate: '10MB/s', blocks: 2 },
      timeline: [{ at: '0s', for: '80s', with: { capacity: '1.2GB' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about:
        'The same for four minutes: the block fails to be completed three times, and Tempo deletes it with its data.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '10MB/s', blocks: 2 },
      timeline: [{ at: '0s', for: '4m', with: { capacity: '1.2GB' } }],
      expect: { verdict: 'fail', cause: 'durability', deadlineExceeded: 0, recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  compress: ({ capacity, writers }, compression) => ({
    capacity: compression.size(capacity),
    ...(writers && { writers }),
  }),
  inject: (injection) => {
    const { id, seed, parameters } = injection;
    const { capacity, writers } = parameters;
    return injectDiskFault(injection, { rule: id, seed, mode: 'full', capacity, ...(writers && { writers }) });
  },
  effect(context) {
    const { capacity } = context.fault.with as { capacity: number };
    const refused = actedOn(context).filter(
      ({ error, operation }) => operation === 'write' && error?.startsWith('ENOSPC'),
    );
    if (refused.length === 0) {
      return { seen: false, message: nothingActedOn(context, 'was beyond the capacity: a smaller one is needed') };
    }
    const room = formatByteSize(capacity * context.compression.bytes);
    return { seen: true, message: `${counted(refused.length, 'write')} failed with ENOSPC at a capacity of ${room}` };
  },
});
