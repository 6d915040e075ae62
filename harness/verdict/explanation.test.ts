import { expect, test } from 'vitest';
import type { CheckContext, Finding } from '../checkers/checker.ts';
import {
  cut,
  dropped,
  fault,
  flush,
  flushEnd,
  flushStart,
  inOrder,
  phase,
  request,
  scenario,
  slowDown,
} from '../checkers/example-history.ts';
import { explain } from './explanation.ts';
import { Trouble } from './trouble.ts';

const context: CheckContext = {
  expect: { verdict: 'pass', lost: 0, recoveredWithin: 10_000, visibleWithin: 100_000 },
  compression: { time: 20, bytes: 1 },
};

/** Moments below are 20 times as late in the config's time, and counted from the timeline's begin. */
const begin = [scenario(), phase('timeline', 1_000)];

function trouble(...events: Parameters<typeof inOrder>): Trouble {
  const trouble = new Trouble(context);
  for (const event of inOrder(begin, ...events)) trouble.see(event);
  return trouble;
}

const failing = (checker: string, message: string, ...blocks: string[]): Finding[] => [
  { checker, verdict: 'fail', message, ...(blocks.length > 0 ? { blocks } : {}) },
];

const throttled = inOrder(
  fault('1-s3-error', [2_000, 8_000]),
  cut('a', 1_500),
  flushStart('a', 2_100),
  slowDown('a', 'data.parquet', [2_100, 2_200], { client: { retryIn: 300 } }),
  slowDown('a', 'data.parquet', [2_500, 2_600], { attempt: 2 }),
);

test('a block that the writer gave up: what, when, by which cause, and that Tempo would not', () => {
  const events = inOrder(
    throttled,
    flushEnd('a', 2_600, { outcome: 'fail' }),
    dropped('a', 2_601, 'flushRetries is 0'),
  );
  const finding = failing('durability', '1 of 2 blocks lost (at most 0 expected): block a (...)', 'a');
  expect(explain('fail', finding, trouble(events))).toBe(
    "1 block was lost: a. Active then: 1-s3-error from 0:20 to 2:20; between 0:24 and 0:32 2 of 2 attempts failed, all with 503 SlowDown; their time went 60 % waiting between attempts, 40 % waiting for S3's answer; 1 flush failed; then the writer gave up (flushRetries is 0). Let failed flushes be retried without limit (policy.flushRetries), as Tempo itself does: it never gives a block up.",
  );
});

test('a block late because the attempts ran out: more attempts are what helps', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }), flush('a', 9_000, 2));
  const text = explain('fail', failing('recovered-within', '1 block not in S3 within 10s', 'a'), trouble(events));
  expect(text).toContain('1 block not in S3 within 10s. Active then: 1-s3-error from 0:20 to 2:20;');
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
  expect(text).toContain('storage.trace.s3.retry_max_attempts');
});

test('a flush that ran into its deadline under SlowDown: a longer flush_op_timeout, fewer flushes at a time', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }));
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 1 flush ran into flush_op_timeout: block a, flush 1: its time went', 'a'),
    trouble(events),
  );
  // What each flush went through is in the finding, and here summed up.
  expect(text).toMatch(/^1 of 1 flush ran into flush_op_timeout\. /);
  expect(text).toContain('1 flush failed, with context deadline exceeded');
  expect(text).toContain('ingester.flush_op_timeout');
  expect(text).toContain('ingester.concurrent_flushes');
});

test('a flush that ran into its deadline while sending: the uplink is too slow for the block', () => {
  const sending = { failure: 'deadline', phases: { send: 9_000 } } as const;
  const events = inOrder(
    cut('a', 1_500),
    flushStart('a', 1_600),
    request('a', 'data.parquet', [1_600, 10_600], { upstream: 'unseen', client: sending }),
    flushEnd('a', 10_600, { deadlineExceeded: true }),
  );
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 1 flush ran into flush_op_timeout', 'a'),
    trouble(events),
  );
  expect(text).toContain('their time went 100 % sending');
  expect(text).toContain('The uplink does not carry a block within ingester.flush_op_timeout');
  expect(text).toContain('ingester.max_block_bytes');
});

test('a block late with no failed attempt is kept, and its time tells', () => {
  const events = inOrder(
    cut('a', 1_500),
    flushStart('a', 1_600),
    request('a', 'data.parquet', [1_600, 9_600], { client: { phases: { send: 8_000 } } }),
    flushEnd('a', 9_600),
  );
  const text = explain(
    'fail',
    failing('visible-within', '1 block not visible within 1m40s of the cut', 'a'),
    trouble(events),
  );
  expect(text).toBe(
    '1 block not visible within 1m40s of the cut. None of 1 attempt failed; their time went 100 % sending. Nothing failed, the uplink was too slow for what was to be flushed: more bandwidth is what helps, no setting of the client.',
  );
});

test('a block that is gone although its flush went well: what is there instead, and no advice that does not apply', () => {
  const finding = failing(
    'durability',
    '1 of 1 block lost (at most 0 expected): block a (its flush had been acknowledged): in the bucket index is missing',
    'a',
  );
  expect(explain('fail', finding, trouble(cut('a', 1_500), flush('a', 1_600)))).toBe(
    '1 block was lost: a. Block a (its flush had been acknowledged): in the bucket index is missing.',
  );
});

test('amplification is explained by all attempts', () => {
  const events = inOrder(throttled, flush('a', 2_700).slice(1));
  const text = explain('fail', failing('amplification', '99 write requests sent for 7 needed'), trouble(events));
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
  expect(text).toContain('ingester.concurrent_flushes');
});

test('only faults that were active while it failed are named', () => {
  const events = inOrder(throttled, fault('2-latency', [9_000, 9_500]), flushEnd('a', 2_600, { outcome: 'fail' }));
  expect(explain('fail', failing('recovered-within', 'late', 'a'), trouble(events))).not.toContain('2-latency');
});

test('of several findings the gravest is explained', () => {
  const findings = [...failing('recovered-within', 'late', 'a'), ...failing('durability', '1 of 1 block lost: x', 'a')];
  expect(explain('fail', findings, trouble(throttled))).toMatch(/^1 block was lost/);
});

test('an inconclusive run says why it proves nothing, a pass needs no words', () => {
  const findings: Finding[] = [
    { checker: 'recovered-within', verdict: 'fail', message: 'late' },
    { checker: 'fault-fired', verdict: 'inconclusive', message: 'fault 1-latency never took effect' },
  ];
  expect(explain('inconclusive', findings, trouble())).toBe(
    'This run proves nothing: fault 1-latency never took effect.',
  );
  expect(explain('pass', [], trouble())).toBe('');
});

test('a block with a failed flush is remembered, although it was in time after all', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }), flush('a', 2_700, 2));
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 2 flushes ran into flush_op_timeout', 'a'),
    trouble(events),
  );
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
});

test('of several reasons why a run proves nothing, the one that the others follow from is told', () => {
  const findings = ['durability', 'recovered-within', 'fault-fired', 'steady-state', 'history-whole'].map(
    (checker): Finding => ({ checker, verdict: 'inconclusive', message: `of ${checker}` }),
  );
  const told = [5, 4, 3, 2, 1].map((count) => explain('inconclusive', findings.slice(0, count), trouble()));
  expect(told.map((text) => text.replace(/.* of (.*)\./, '$1'))).toEqual([
    'history-whole',
    'steady-state',
    'fault-fired',
    'durability',
    'durability',
  ]);
});

test('a block late for reasons that no setting is to blame for gets no advice', () => {
  const waiting = (phases: object, upstream: number | 'none') =>
    inOrder(
      cut('a', 1_500),
      flushStart('a', 1_600),
      request('a', 'data.parquet', [1_600, 5_600], { upstream, client: { phases } }),
      request('a', 'data.parquet', [5_600, 9_600], { client: { phases }, attempt: 2 }),
      flushEnd('a', 9_600),
    );
  const finding = failing('visible-within', 'late', 'a');
  expect(explain('fail', finding, trouble(waiting({ wait: 4_000 }, 200)))).toMatch(
    /their time went 100 % waiting for S3's answer\.$/,
  );
  expect(explain('fail', finding, trouble(waiting({ send: 4_000 }, 'none')))).toMatch(
    /their time went 100 % sending\.$/,
  );
});
