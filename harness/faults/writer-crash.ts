import { z } from 'zod';
import { defineFault } from './fault.ts';
import { positiveDuration } from './parameters.ts';
import { endEffect, endProcess } from './process-end.ts';
import { processesOfWriters, writersProcess } from './writers-machine.ts';

/** The processes that writers run in are killed, and started again on the same disks. */
export const writerCrash = defineFault({
  name: 'writer-crash',
  about: "The writers' process is killed (SIGKILL) and started again: it replays what its disk holds.",
  details: [
    'Each process that writers run in, or those of `writers`, is killed with SIGKILL, as by an out-of-memory killer, and a new one is started on the same folders when the fault is healed, ' +
      'or after `down`. Its connections end, and what it was sending is cut off. All that it had written stays: it is in the page ' +
      'cache of the machine, fsynced or not. For a machine without power, see `power-loss`.',
    'What Tempo does at the start (v2.9.5), and so the writer here: it lists the bucket once, with all attempts that its client has, and ends ' +
      'if that fails. What watches over it starts it again, as a kubelet does: after 10 s, then after twice that each time, up to 5 minutes ' +
      '(Kubernetes documentation, Pod Lifecycle), for as long as S3 does not let it start, and for ten minutes after the timeline at most. ' +
      'Of other faults none waits for that. Each WAL block is ' +
      'completed after a random time of up to 10 s, with its closed pages, under its id; a local block of that id is deleted and made again. ' +
      'Pages of 0 bytes are ignored, one that was not written whole is skipped. A WAL block whose meta.json cannot be read is deleted, with ' +
      'its data. A local block without meta.json is deleted; one that is whole and not marked flushed is flushed.',
    'Data is taken in again from the block after the one that was begun: the sender does not send again what was acknowledged, and what ' +
      'was in memory alone is gone. Tempo promises nothing about such live traces: how much it was is told writer by writer, as acknowledged ' +
      'and in no closed page of the WAL.',
    'Its evidence: the end and the start of the process. Its effect: no attempt in between, and attempts after it.',
    'Limits: writers of one process (`load.processes`) are killed together. How soon the crash loop begins is `down`; the back-off itself is ' +
      "Kubernetes' own, and no setting.",
  ].join('\n\n'),
  place: 'machine',
  parameters: z.strictObject({
    down: positiveDuration()
      .optional()
      .describe('how long until it is started again; absent: until the fault is healed'),
    writers: processesOfWriters(),
  }),
  example: { down: '20s' },
  demonstrations: [
    {
      about:
        'Two writers are killed in the middle of their blocks, and are back twenty seconds later: nothing is lost.',
      compression: { time: 20, bytes: 100 },
      load: { writers: 2, rate: '20MB/s', blocks: 2 },
      timeline: [{ at: '12s', for: '20s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'A writer is killed while S3 throttles and blocks wait on its disk: it flushes them when it is back.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '53MB/s', blocks: 5 },
      timeline: [
        {
          at: '0s',
          for: '50s',
          fault: 's3-error',
          with: { code: 'SlowDown', operations: ['PutObject', 'UploadPart'] },
        },
        { at: '30s', for: '30s', with: { down: '5s' } },
      ],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  touches: writersProcess,
  compress: ({ down, writers }, compression) => ({
    ...(down !== undefined && { down: compression.duration(down, 'down') }),
    ...(writers && { writers }),
  }),
  inject: (injection) => endProcess(injection, injection.parameters),
  effect: (context) => endEffect(context),
});
