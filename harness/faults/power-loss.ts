import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import { defineFault } from './fault.ts';
import { positiveDuration } from './parameters.ts';
import { endEffect, endProcess } from './process-end.ts';
import { processesOfWriters, standstills, writersProcess } from './writers-machine.ts';

/** `vm.dirty_expire_centisecs` of Linux, by default: what has been dirty for so long is written out. */
const UNSYNCED_MS = 30_000;

/** The machine loses its power: the process is gone, and so is what it wrote last. */
export const powerLoss = defineFault({
  name: 'power-loss',
  about: "The writers' machine loses its power: what they wrote last and never fsynced is gone.",
  details: [
    'The process is killed with SIGKILL, and then what it wrote within `unsynced` is taken from the disks: 30 s, the time after which Linux ' +
      'writes dirty pages out (vm.dirty_expire_centisecs). Tempo fsyncs nothing, neither pages of the WAL nor local blocks. What becomes of a ' +
      'file is what ext4 makes of it as it is mounted by default: one that was made within the last sixth of that time (the ' +
      'journal is committed each 5 s) is gone with its name, an older one is there and has 0 bytes (delayed allocation). A meta.json of the ' +
      'WAL that was written anew in place stays (auto_da_alloc). When the fault is healed, or after `down`, the process is started again on ' +
      'what is left, as with `writer-crash`.',
    'What is lost: blocks that were cut and not in S3, and pages of the WAL, which had been acknowledged even before they were ' +
      'written. The verdict names each of them, and how much it was. Blocks that were flushed are in S3, whatever the disk holds.',
    'Its evidence: files that are gone or have 0 bytes now. Its effect: no attempt while the process was gone, and attempts after it.',
    'Limits: what was deleted within that time stays deleted, where a journal that was not committed would bring it back; the cache of the ' +
      'disk itself is taken to be written out. So what is lost is an upper bound for that time of `unsynced`.',
    'Sources: Documentation/admin-guide/sysctl/vm.rst and Documentation/admin-guide/ext4.rst of the Linux kernel.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z.strictObject({
    unsynced: positiveDuration().default(UNSYNCED_MS).describe('what was written within so long before it is gone'),
    down: positiveDuration()
      .optional()
      .describe('how long until it is started again; absent: until the fault is healed'),
    writers: processesOfWriters(),
  }),
  example: { unsynced: '30s' },
  demonstrations: [
    {
      about: 'A machine loses its power: the pages of the WAL of the last half minute, never fsynced, are lost.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '20MB/s', blocks: 4 },
      timeline: [{ at: '12s', for: '20s' }],
      expect: { verdict: 'fail', cause: 'durability', deadlineExceeded: 0, recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  touches: writersProcess,
  compress: ({ unsynced, down, writers }, compression) => ({
    unsynced: compression.duration(unsynced, 'unsynced'),
    ...(down !== undefined && { down: compression.duration(down, 'down') }),
    ...(writers && { writers }),
  }),
  inject(injection) {
    const { unsynced, down, writers } = injection.parameters;
    return endProcess(injection, { down, unsyncedMs: unsynced, writers });
  },
  effect(context) {
    const [gap] = standstills(context);
    const { removed = 0, emptied = 0, bytes = 0 } = gap?.begun.found ?? {};
    if (gap && removed + emptied === 0) {
      return {
        seen: false,
        message: 'nothing had been written within `unsynced` before it: it needs load, or a longer one',
      };
    }
    const lost = `, ${counted(removed + emptied, 'file')} with ${formatByteSize(bytes * context.compression.bytes)} went with the power`;
    return endEffect(context, lost);
  },
});
