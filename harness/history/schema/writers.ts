/** What writers and compactors do. */
import { z } from 'zod';
import {
  block,
  blockObjects,
  bytes,
  count,
  event,
  keyPrefix,
  maybe,
  moment,
  ms,
  rule,
  success,
  text,
  writer,
} from './event.ts';

const reason = text('As Tempo would log it.');
const held = z.strictObject({ bytes: bytes('Trace data'), traces: count('Traces.') });

export const writerSchemas = {
  push: event(
    'push',
    'Data that a writer was sent, and acknowledged: in memory alone, until a page of the WAL has it.',
    {
      writer,
      bytes: bytes('Acknowledged'),
      traces: count('Acknowledged.'),
      refused: maybe(
        z
          .strictObject({ bytes: bytes('Refused'), by: z.enum(['rate_limit_bytes', 'max_traces_per_user']) })
          .describe('What a limit refused: its sender knows of it.'),
      ),
      live: held.describe('What is in memory after it.'),
    },
  ),
  'wal.page': event('wal.page', 'A page of a WAL block was closed: what it holds survives the end of the process.', {
    writer,
    block,
    page: count('From 1 in each block.'),
    bytes: bytes('Trace data in it'),
  }),
  'complete.start': event('complete.start', 'An attempt to make a local block of a WAL block begins.', {
    writer,
    block,
    attempt: count('1 for the first.'),
    queue: count('The queue.'),
    dealt: moment('When it was dealt to its queue'),
  }),
  complete: event('complete', 'One attempt to make a local block of a WAL block. `t` is its end.', {
    writer,
    block,
    attempt: count('1 for the first.'),
    start: moment('Its begin'),
    queue: count('The flush queue.'),
    outcome: success,
    error: maybe(text('How it failed.')),
    retryIn: maybe(ms('Until the next attempt', 'Absent of a failed one: it was the last.')),
  }),
  'block.cut': event('block.cut', 'A block is complete on the local disk: from here on its data must not be lost.', {
    writer,
    block,
    keyPrefix,
    bytes: bytes('All its objects'),
    objects: blockObjects.describe('In the order of upload.'),
  }),
  'flush.start': event('flush.start', 'A flush of a block to S3 begins.', {
    writer,
    block,
    attempt: count('1 for the first.'),
    queue: count('The flush queue.'),
  }),
  'flush.end': event('flush.end', 'A flush of a block to S3 is over.', {
    writer,
    block,
    attempt: count('1 for the first.'),
    outcome: success,
    deadlineExceeded: z
      .boolean()
      .describe('`flush_op_timeout` ended it: what Tempo logs as `context deadline exceeded`.'),
    error: maybe(text('What Tempo would log.')),
    retryIn: maybe(ms('Until the next attempt')),
  }),
  'block.cleared': event('block.cleared', 'The local copy of a block that was flushed was deleted, as is due.', {
    writer,
    block,
  }),
  'block.dropped': event('block.dropped', 'The writer gave a block up, and deleted it.', { writer, block, reason }),
  'data.lost': event('data.lost', 'Data that was acknowledged is gone before its block was cut.', {
    what: z.enum(['live-traces', 'wal']).describe('In memory when the process ended; or in pages of the WAL.'),
    writer,
    block: maybe(text('Absent of live traces, which are of no block yet.')),
    bytes: bytes('Trace data'),
    reason,
  }),
  compaction: event('compaction', 'One job of a compactor: blocks read, and one larger written. `t` is its end.', {
    compactor: text('The compactor.'),
    start: moment('Its begin'),
    inputs: z.array(z.string()).describe('The blocks that were chosen.'),
    read: z
      .array(z.strictObject({ block, size: bytes('Its size'), sha256: text('Hex.') }))
      .describe('Those whose data.parquet was read to its end.'),
    output: text("The new block's id."),
    keyPrefix,
    objects: blockObjects.describe('What S3 acknowledged of the new block, in that order.'),
    marked: z.array(z.string()).describe('The inputs whose mark as compacted S3 acknowledged.'),
    outcome: success,
    error: maybe(text('How it failed.')),
    orphanedParts: count('Parts acknowledged of an upload that was neither completed nor aborted.'),
  }),
  disk: event('disk', "An operation on a writer's local disk that failed, or on which a fault acted. `t` is its end.", {
    writer,
    operation: z.enum(['write', 'read']),
    path: text('The file.'),
    start: moment('Its begin'),
    bytes: bytes('Written or read'),
    error: maybe(text('How it failed.')),
    rule,
  }),
  'writer.process': event('writer.process', "A fault did something to the writers' process.", {
    what: z
      .enum(['paused', 'resumed', 'killed', 'stopped', 'restarted'])
      .describe('`restarted`: at the first try, be it that it did not start with that (`writer.start-failed`).'),
    writers: z.array(z.string()).describe('All that run in it.'),
    rule: text('The fault.'),
    found: maybe(z.record(z.string(), z.number()).describe('What the writers found on their disks, or what was gone.')),
  }),
  'writer.start-failed': event(
    'writer.start-failed',
    'A writer that a fault had ended could not start: S3 did not let it list the bucket. It is started again, as a kubelet does.',
    {
      writer,
      rule: text('The fault that had ended its process.'),
      start: moment('It was told to start'),
      error: text('As Tempo would log it.'),
      retryIn: maybe(ms('Until it is started again, the crash-loop back-off', 'Absent: it was not.')),
    },
  ),
  'writer.error': event(
    'writer.error',
    'The writer process is gone or failed in a way that is no part of the scenario.',
    {
      writer,
      message: text('How.'),
    },
  ),
};
