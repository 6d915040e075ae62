import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { median } from '../median.ts';
import type { DiskOperation } from '../subject/writer-machine.ts';
import { formatRate } from '../tempo/byte-size.ts';
import { actedOn, injectDiskFault, nothingActedOn, operationsOfDisk } from './disk-fault.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { nearlyAll } from './nearly-all.ts';
import { positiveDuration, rate } from './parameters.ts';
import { disksOfWriters, writerOf } from './writers-machine.ts';

/** Of what was due: quicker than this at the median, and it did not take effect. */
const DUE = 0.8;
/** Of what was due: an operation that the fault was healed before it held that long says nothing. A disk at work may have taken as long. */
const HELD = 0.25;

interface Parameters {
  rate?: number | undefined;
  latency?: number | undefined;
  operations: readonly DiskOperation[];
  writers?: readonly string[] | undefined;
}

/** The local disk of each writer is slow. */
export const diskSlow = defineFault({
  name: 'disk-slow',
  about: "The writers' local disks are slow: each operation waits first, and all share a rate.",
  details: [
    'Each read and each write of a file on the disk of a writer (of `writers`, or of any) waits for `latency` before its first byte, and its bytes then go at `rate` ' +
      'at most, which all operations of that disk share, as they come. The bytes really wait: a file grows, and the body of an upload is ' +
      'sent, no faster. What was under way at the injection is held to the rate from its next 256 KiB on.',
    'A page of the WAL is two writes (its meta.json, and itself), completing a block reads the WAL and writes one file for each object, and ' +
      'an upload reads each object once for each attempt. So a block of 500 MB takes a disk that does 100 MB/s twenty seconds from its ' +
      'first byte to S3.',
    'Its evidence: operations that it made to wait, and for how long, counted at the disk when they have to. Its effect: how long those took from begin to ' +
      'end, against what their size and the latency ask for, or for as long as it was in force; uploads show it as `diskRead` of an attempt.',
    'Limits: data is taken in at the rate of the load alone. When the disk is slower than that, the writer lags behind, where Tempo would ' +
      'hold ever more in memory.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z
    .strictObject({
      rate: rate().optional().describe('bytes per second for each disk; absent: as fast as it is'),
      latency: positiveDuration()
        .optional()
        .describe('how long each operation waits before its first byte; absent: not at all'),
      operations: operationsOfDisk(),
      writers: disksOfWriters(),
    })
    .refine(({ rate, latency }) => rate !== undefined || latency !== undefined, 'expected a rate, a latency, or both'),
  example: { rate: '100MB/s', latency: '100ms' },
  demonstrations: [
    {
      about:
        'Disks of 120 MB/s, with a tenth of a second for each file, for a minute and a half: blocks are late, and none is lost.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '20MB/s', blocks: 4 },
      timeline: [{ at: '1s', for: '90s', with: { rate: '120MB/s', latency: '100ms' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  compress: ({ rate, latency, operations, writers }, compression) => ({
    ...(rate !== undefined && { rate: compression.rate(rate) }),
    ...(latency !== undefined && { latency: compression.duration(latency, 'latency') }),
    operations,
    ...(writers && { writers }),
  }),
  inject: (injection) => {
    const { id, seed, parameters } = injection;
    const { rate, latency, operations, writers } = parameters as Parameters;
    return injectDiskFault(injection, {
      rule: id,
      seed,
      mode: 'slow',
      ...(latency !== undefined && { latencyMs: latency }),
      ...(rate !== undefined && { bytesPerSecond: rate }),
      operations,
      ...(writers && { writers }),
    });
  },
  effect(context) {
    const { fault, end, attempts, compression } = context;
    const { rate = Number.POSITIVE_INFINITY, latency = 0, operations, writers } = fault.with as Parameters;
    // What was under way when it was healed had to take as long as the fault held it.
    const healed = end.until;
    const shares = actedOn(context).flatMap(({ start, t, bytes, error }) => {
      if (start < fault.t || error !== undefined) return [];
      const due = latency + (bytes / rate) * 1000;
      const held = Math.min(due, healed - start);
      return held < due * HELD ? [] : [(t - start) / held];
    });
    if (shares.length === 0) return { seen: false, message: nothingActedOn(context, 'came to its end later for it') };
    const limits = [
      ...(latency > 0 ? [`${inConfigTime(latency, compression)} each`] : []),
      ...(Number.isFinite(rate) ? [formatRate((rate * compression.bytes) / compression.time)] : []),
    ].join(' and ');
    const took = `${counted(shares.length, 'disk operation')} took ${median(shares).toFixed(2)} times what ${limits} ask for at the median`;
    if (median(shares) < DUE) return { seen: false, message: took };
    if (!nearlyAll(shares, (share) => share >= DUE)) {
      const quick = shares.filter((share) => share < DUE).length;
      return {
        seen: false,
        message: `${took}, and ${quick} of them less than was due: a busy disk may have been the rest`,
      };
    }
    // What the client itself saw of it: reading a body took as long as its latency says.
    const itsOwn = writers ? attempts.filter((attempt) => writers.includes(writerOf(attempt))) : attempts;
    const reads = itsOwn.flatMap(({ start, t, phases }) =>
      start >= fault.t && t <= healed && phases.diskRead !== undefined ? [phases.diskRead] : [],
    );
    if (latency === 0 || !operations.includes('read') || reads.length === 0) return { seen: true, message: took };
    const read = `${counted(reads.length, 'upload')} waited ${inConfigTime(median(reads), compression)} for the disk at the median`;
    return { seen: median(reads) >= latency * DUE, message: `${took}; ${read}` };
  },
});
