/**
 * Runs of a correct writer, drawn at random, for tests: blocks are cut, flushed object by object with `meta.json` last, attempts
 * fail in every way there is and are tried again, flushes fail and start over, and in the end all is in S3.
 */
import fc from 'fast-check';
import {
  cut,
  fault,
  finalRead,
  flush,
  flushEnd,
  flushStart,
  inOrder,
  lateness,
  phase,
  probed,
  type RequestOptions,
  request,
  scenario,
  slowDown,
} from '../checkers/example-history.ts';
import type { HistoryEvent } from '../history/events.ts';

/** SlowDown of the gateway; an answer that is lost; MinIO's own 503; and a name that does not resolve. */
type Failure = 'slow-down' | 'lost-answer' | 'minio-503' | 'dns';

interface FlushPlan {
  /** For each request, how its attempts fail before one succeeds. */
  failures: Failure[][];
  /** At this request the flush gives up, instead of trying once more. Absent: it does not. */
  givesUpAt?: number;
}

interface BlockPlan {
  cutAt: number;
  flushes: FlushPlan[];
}

const requests: [name: string, options: RequestOptions][] = [
  ['data.parquet', { operation: 'CreateMultipartUpload' }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 1 }],
  ['data.parquet', { operation: 'CompleteMultipartUpload' }],
  ['bloom-0', {}],
  ['index', {}],
  ['meta.json', {}],
];

const failure = fc.constantFrom<Failure>('slow-down', 'lost-answer', 'minio-503', 'dns');
const failures = fc.array(fc.array(failure, { maxLength: 2 }), {
  minLength: requests.length,
  maxLength: requests.length,
});
const failedFlush = fc.record({ failures, givesUpAt: fc.nat(requests.length - 1) });
const block: fc.Arbitrary<BlockPlan> = fc
  .record({
    // Few moments, so that blocks often do things at the same one.
    cutAt: fc.nat(20).map((step) => 500 + step * 10),
    failed: fc.array(failedFlush, { maxLength: 2 }),
    last: fc.record({ failures }),
  })
  .map(({ cutAt, failed, last }) => ({ cutAt, flushes: [...failed, last] }));

/** A whole history, ordered, and the names of its blocks. */
export const modelRun: fc.Arbitrary<{ events: HistoryEvent[]; blocks: string[] }> = fc
  .array(block, { minLength: 1, maxLength: 4 })
  .map((plans) => {
    const blocks = ['steady', ...plans.map((_, index) => `block-${index}`)];
    const budgets = { deadlineExceeded: 0, visibleWithin: 600_000, recoveredWithin: 300_000, amplification: 50 };
    const events = inOrder(
      scenario({ expect: budgets, timeline: [{ fault: 's3-error' }] }),
      phase('lease', 1.5),
      phase('steady-state', 2.5),
      cut('steady', 10),
      flush('steady', 20),
      phase('timeline', 490.5),
      ...['harness', 'gateway', 'dns', 'subject'].map((process) => lateness(491.5, 3, process)),
      probed('before', 494.5),
      fault('1-s3-error', [495.5, 5_000.5]),
      probed('after', 5_002.5),
      phase('drain', 5_001.5),
      ...plans.map((plan, index) => runOf(`block-${index}`, plan)),
      phase('final-read', 20_000.5),
      finalRead(20_001, ...blocks),
      phase('judging', 20_002.5),
    );
    return { events, blocks };
  });

function runOf(block: string, { cutAt, flushes }: BlockPlan): HistoryEvent[] {
  const events = [cut(block, cutAt)];
  let t = cutAt + 10;
  for (const [index, { failures, givesUpAt }] of flushes.entries()) {
    events.push(flushStart(block, t, index + 1));
    for (const [place, [name, options]] of requests.entries()) {
      const ends = place === givesUpAt;
      // A request at which the flush gives up has failed at least once.
      const fails = ends && failures[place]?.length === 0 ? (['slow-down'] as const) : (failures[place] ?? []);
      for (const [attempt, failure] of fails.entries()) {
        events.push(...failing(failure, block, name, [t, t + 10], { ...options, attempt: attempt + 1 }));
        t += 20;
      }
      if (ends) break;
      events.push(...request(block, name, [t, t + 10], { ...options, attempt: fails.length + 1 }));
      t += 20;
    }
    events.push(flushEnd(block, t, { attempt: index + 1, outcome: givesUpAt === undefined ? 'ok' : 'fail' }));
    t += 300;
  }
  return events;
}

function failing(
  failure: Failure,
  block: string,
  name: string,
  time: readonly [number, number],
  options: RequestOptions,
): HistoryEvent[] {
  switch (failure) {
    case 'slow-down':
      return slowDown(block, name, time, options);
    case 'lost-answer':
      return request(block, name, time, { ...options, upstream: 'none' });
    case 'minio-503':
      return request(block, name, time, { ...options, upstream: 503 });
    case 'dns':
      // Never reached the gateway.
      return request(block, name, time, {
        ...options,
        upstream: 'unseen',
        client: { outcome: 'fail', failure: 'dns' },
      }).slice(1);
  }
}
