import { expect, test } from 'vitest';
import { checkers } from '../checkers/catalogue.ts';
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
import { Attribution } from './attribution/attribution.ts';
import { type Evidence, explain, gravity } from './explanation.ts';
import { KnownTrouble } from './known-trouble.ts';
import { Losses } from './losses.ts';
import { Trouble } from './trouble.ts';

const context: CheckContext = {
  expect: { verdict: 'pass', lost: 0, recoveredWithin: 10_000, visibleWithin: 100_000 },
  compression: { time: 20, bytes: 1 },
};

/** Moments below are 20 times as late in the config's time, and counted from the timeline's begin. */
const begin = [scenario(), phase('timeline', 1_000)];

function evidence(...events: Parameters<typeof inOrder>): Evidence {
  const trouble = new Trouble(context);
  const losses = new Losses(context);
  const attribution = new Attribution(context);
  for (const event of inOrder(begin, ...events)) {
    trouble.see(event);
    losses.see(event);
    attribution.see(event);
  }
  return {
    trouble: new KnownTrouble(trouble.record()),
    losses,
    attribution,
    compression: context.compression,
    version: '2.9',
  };
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
    dropped('a', 2_601, 'its flush failed 1 times, and flushRetries is 0: 503 SlowDown'),
  );
  const finding = failing('durability', '1 of 2 blocks lost (at most 0 expected): block a (...)', 'a');
  expect(explain('fail', finding, evidence(events))).toBe(
    "1 block was lost: a. A flush that failed was given up, which Tempo itself never does: so went 1 block at 0:32; between 0:24 and 0:32, 2 of 2 attempts failed, all with 503 SlowDown; their time went 60 % waiting between attempts, 40 % waiting for S3's answer; 1 flush failed. Fault in force: 1-s3-error from 0:20 to 2:20. Let failed flushes be retried without limit (policy.flushRetries), as Tempo itself does: it never gives a block up.",
  );
});

test('a block late because the attempts ran out: more attempts are what helps', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }), flush('a', 9_000, 2));
  const text = explain('fail', failing('recovered-within', '1 block not in S3 within 10s', 'a'), evidence(events));
  expect(text).toContain('1 block not in S3 within 10s. Fault in force: 1-s3-error from 0:20 to 2:20;');
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
  expect(text).toContain('storage.trace.s3.retry_max_attempts');
});

test.each([
  ['2.7', '30 s, 60 s, and 2 min from there on'],
  ['2.9', '30 s, 60 s, and 2 min from there on'],
  ['3.0', '30 s each time'],
] as const)('a flush that fails in Tempo %s waits for %s', (version, waits) => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }));
  const text = explain('fail', failing('recovered-within', 'late', 'a'), { ...evidence(events), version });
  expect(text).toContain(
    `the flush fails, and waits for ${waits}; no setting of Tempo shortens these waits. More attempts`,
  );
});

test('a flush that ran into its deadline under SlowDown: a longer flush_op_timeout, fewer flushes at a time', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }));
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 1 flush ran into flush_op_timeout: block a, flush 1: its time went', 'a'),
    evidence(events),
  );
  // What each flush went through is in the finding, and here summed up.
  expect(text).toMatch(/^1 of 1 flush ran into flush_op_timeout\. /);
  expect(text).toContain('1 flush failed, with context deadline exceeded');
  expect(text).toContain('ingester.flush_op_timeout');
  expect(text).toContain('ingester.concurrent_flushes');
});

test('a flush that ran into its deadline while sending: the uplink is too slow for the block', () => {
  const sending = { failure: 'deadline', phases: { send: 9_000 }, bytesSent: 9_000_000 } as const;
  const events = inOrder(
    cut('a', 1_500),
    flushStart('a', 1_600),
    request('a', 'data.parquet', [1_600, 10_600], { upstream: 'unseen', client: sending, edge: { bodyEnd: 20_000 } }),
    flushEnd('a', 10_600, { deadlineExceeded: true }),
  );
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 1 flush ran into flush_op_timeout', 'a'),
    evidence(events),
  );
  expect(text).toContain('The network is to blame for 100 % of the lost time (bandwidth).');
  expect(text).toContain('The uplink does not carry a block within ingester.flush_op_timeout');
  expect(text).toContain('ingester.max_block_bytes');
});

test('a flush that ran into its deadline while it waited for a connection: more of them, or fewer flushes at a time', () => {
  const pooled = { failure: 'deadline', phases: { socket: 6_000, send: 3_000 } } as const;
  const events = inOrder(
    cut('a', 1_500),
    flushStart('a', 1_600),
    request('a', 'data.parquet', [1_600, 10_600], { upstream: 'unseen', client: pooled, edge: { bodyEnd: 20_000 } }),
    flushEnd('a', 10_600, { deadlineExceeded: true }),
  );
  const finding = failing('deadline-exceeded', '1 of 1 flush ran into flush_op_timeout', 'a');
  expect(explain('fail', finding, evidence(events))).toMatch(
    /The client's own settings are to blame for 67 % of the lost time \(too few connections\), the network for 33 % \(latency\)\. The client itself keeps its requests waiting for a connection: more of them \(policy\.maxConnections; Tempo has no limit\), or fewer flushes at a time \(ingester\.concurrent_flushes\)\.$/,
  );
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
    evidence(events),
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
  expect(explain('fail', finding, evidence(cut('a', 1_500), flush('a', 1_600)))).toBe(
    '1 block was lost: a. Block a (its flush had been acknowledged): in the bucket index is missing.',
  );
});

test('amplification is explained by all attempts', () => {
  const events = inOrder(throttled, flush('a', 2_700).slice(1));
  const text = explain('fail', failing('amplification', '99 write requests sent for 7 needed'), evidence(events));
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
  expect(text).toContain('ingester.concurrent_flushes');
});

test('only faults that were active while it failed are named', () => {
  const events = inOrder(throttled, fault('2-latency', [9_000, 9_500]), flushEnd('a', 2_600, { outcome: 'fail' }));
  expect(explain('fail', failing('recovered-within', 'late', 'a'), evidence(events))).not.toContain('2-latency');
});

test('of several findings the gravest is explained', () => {
  const findings = [...failing('recovered-within', 'late', 'a'), ...failing('durability', '1 of 1 block lost: x', 'a')];
  expect(explain('fail', findings, evidence(throttled))).toMatch(/^1 block was lost/);
});

test('an inconclusive run says why it proves nothing, a pass needs no words', () => {
  const findings: Finding[] = [
    { checker: 'recovered-within', verdict: 'fail', message: 'late' },
    { checker: 'fault-fired', verdict: 'inconclusive', message: 'fault 1-latency never took effect' },
  ];
  expect(explain('inconclusive', findings, evidence())).toBe(
    'This run proves nothing: fault 1-latency never took effect.',
  );
  expect(explain('pass', [], evidence())).toBe('');
});

test('a block with a failed flush is remembered, although it was in time after all', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }), flush('a', 2_700, 2));
  const text = explain(
    'fail',
    failing('deadline-exceeded', '1 of 2 flushes ran into flush_op_timeout', 'a'),
    evidence(events),
  );
  expect(text).toContain('2 of 9 attempts failed, all with 503 SlowDown');
});

test('of several reasons why a run proves nothing, the one that the others follow from is told', () => {
  const findings = ['durability', 'recovered-within', 'fault-fired', 'steady-state', 'history-whole'].map(
    (checker): Finding => ({ checker, verdict: 'inconclusive', message: `of ${checker}` }),
  );
  const told = [5, 4, 3, 2, 1].map((count) => explain('inconclusive', findings.slice(0, count), evidence()));
  expect(told.map((text) => text.replace(/.* of (.*)\./, '$1'))).toEqual([
    'history-whole',
    'steady-state',
    'fault-fired',
    'durability',
    'durability',
  ]);
});

test('a block late for reasons that nothing is known of gets no advice, and one that the network held up none of a setting', () => {
  const waiting = (phases: object, upstream: number | 'none', inAfter: number) =>
    inOrder(
      cut('a', 1_500),
      flushStart('a', 1_600),
      request('a', 'data.parquet', [1_600, 5_600], {
        upstream,
        client: { phases },
        edge: { bodyEnd: 1_600 + inAfter },
      }),
      request('a', 'data.parquet', [5_600, 9_600], {
        client: { phases },
        edge: { bodyEnd: 5_600 + inAfter },
        attempt: 2,
      }),
      flushEnd('a', 9_600),
    );
  const finding = failing('visible-within', 'late', 'a');
  expect(explain('fail', finding, evidence(waiting({ wait: 4_000 }, 200, 0)))).toMatch(
    /their time went 100 % waiting for S3's answer\.$/,
  );
  expect(explain('fail', finding, evidence(waiting({ send: 4_000 }, 'none', 4_000)))).toMatch(
    / The network is to blame for 100 % of the lost time \(resets\)\. Something on the way to S3 ends connections, a proxy, a load balancer or a NAT: it is that which is to be mended\.$/,
  );
});

test('a pass that cost something says what, and so does a fail at its end', () => {
  const note: Finding = { checker: 'live-traces', verdict: 'pass', message: '3MB of live traces went', note: true };
  expect(explain('pass', [note], evidence())).toBe('3MB of live traces went.');
  expect(explain('fail', [note, ...failing('atomicity', 'one could be read incomplete')], evidence())).toBe(
    'One could be read incomplete. 3MB of live traces went.',
  );
});

test('a gap is no loss, and names the settings that would have closed it', () => {
  const gap = failing('visibility-gap', '1 of 1 block cleared locally before every reader could know it', 'a');
  const late = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }), flush('a', 9_000, 2));
  expect(explain('fail', gap, evidence(late))).toBe(
    '1 of 1 block cleared locally before every reader could know it. Nothing was lost, but no query found it for that long: a longer ingester.complete_block_timeout keeps a block that was flushed late (flush_op_timeout ended its flushes at first) readable until every reader knows it, and a shorter storage.trace.blocklist_poll has them know it sooner.',
  );
  const failed = inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }), flush('a', 9_000, 2));
  expect(explain('fail', gap, evidence(failed))).toContain('flushed late (its flushes failed at first) readable');
  expect(explain('fail', gap, evidence(flush('a', 9_000, 1)))).toContain('flushed late readable');
});

test('more live traces lost than a scenario allows: what has them in the WAL sooner', () => {
  const text = explain('fail', failing('live-traces', '3MB of live traces went with 1 kill'), evidence());
  expect(text).toContain('ingester.trace_idle_period');
  expect(text).toContain('replication_factor: 3');
});

test('a backlog says what held up the flushes, and what would have let them keep up', () => {
  const full = failing('backlog', "at its peak, 3MB on one writer's local disk were not in S3 (at most 2MB expected)");
  const events = inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }));
  const text = explain('fail', full, evidence(events));
  expect(text).toMatch(/^At its peak, 3MB on one writer's local disk were not in S3 \(at most 2MB expected\)\. /);
  expect(text).toContain('all with 503 SlowDown');
  expect(text).toContain('Fewer flushes at a time (ingester.concurrent_flushes) send S3 less while it throttles; ');
  expect(text).toContain('a larger local disk holds out longer');
});

test('a success rate says what failed, and which setting has more succeed', () => {
  const missed = failing('success-rate', '40 % of 5 write requests acknowledged at the first attempt, 60 % in the end');
  const text = explain('fail', missed, evidence(inOrder(throttled, flushEnd('a', 2_600, { outcome: 'fail' }))));
  expect(text).toContain('all with 503 SlowDown');
  expect(text).toContain('storage.trace.s3.retry_max_attempts');
});

test('a block that nobody wrote is no matter of flushes, however those went', () => {
  const phantom = failing('no-phantoms', '1 block that no writer cut: block a', 'a');
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }));
  const text = explain('fail', [...failing('recovered-within', 'late', 'a'), ...phantom], evidence(events));
  expect(text).toMatch(/^1 block that no writer cut: block a\. No setting of Tempo does this, /);
  expect(text).not.toContain('flush_op_timeout');
});

test('parts that are left behind are the least of it, and say themselves how to be rid of them', () => {
  const left = failing('orphans', '1 multipart upload was neither completed nor aborted: a lifecycle rule removes it');
  expect(explain('fail', [...left, ...failing('amplification', 'twice')], evidence())).toMatch(/^Twice\./);
  expect(explain('fail', left, evidence(inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }))))).toBe(
    '1 multipart upload was neither completed nor aborted: a lifecycle rule removes it.',
  );
});

test('each checker that can fail has its place among the failures', () => {
  const noOrder = checkers({}).filter(({ name, neverFails }) => !neverFails && !gravity.includes(name));
  expect(noOrder.map(({ name }) => name)).toEqual([]);
});

test('data that is nowhere is graver than a budget, and not as grave as a block that is lost', () => {
  const all = [...failing('recovered-within', 'late'), ...failing('conservation', 'nowhere')];
  expect(explain('fail', all, evidence())).toMatch(/^Nowhere\./);
  expect(explain('fail', [...all, ...failing('durability', 'x: y', 'a')], evidence())).toMatch(/^1 block was lost/);
  // Nor is one that could be read incomplete, whoever wrote it.
  for (const checker of ['atomicity', 'compaction']) {
    const incomplete = failing(checker, 'one could be read incomplete');
    expect(explain('fail', [...failing('recovered-within', 'late'), ...incomplete], evidence())).toMatch(/^One could/);
  }
});

test('settings are called by their names in the version that was run', () => {
  const events = inOrder(throttled, flushEnd('a', 2_600, { deadlineExceeded: true }));
  const told = (checker: string) =>
    explain('fail', failing(checker, 'x', 'a'), { ...evidence(events), version: '3.0' });
  expect(told('visibility-gap')).toContain('live_store.complete_block_timeout');
  expect(told('deadline-exceeded')).toContain('live_store.complete_block_concurrency');
  expect(told('live-traces')).toContain('live_store.max_trace_idle');
  for (const checker of ['visibility-gap', 'deadline-exceeded', 'live-traces']) {
    expect(told(checker)).not.toContain('ingester.');
  }
});
