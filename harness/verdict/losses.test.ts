import { expect, test } from 'vitest';
import type { CheckContext, Finding } from '../checkers/checker.ts';
import {
  cleared,
  completion,
  cut,
  cutFailed,
  cutOf,
  dropped,
  fault,
  flushEnd,
  flushStart,
  inOrder,
  phase,
  push,
  request,
  scenario,
  slowDown,
  walLost,
  walPage,
} from '../checkers/example-history.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import { Attribution } from './attribution/attribution.ts';
import { explain } from './explanation.ts';
import { KnownTrouble } from './known-trouble.ts';
import { Losses } from './losses.ts';
import { Trouble } from './trouble.ts';

const context: CheckContext = {
  expect: { verdict: 'fail', cause: 'durability', lost: 0 },
  compression: { time: 10, bytes: 1_000_000 },
};
const enospc = 'ENOSPC: no space left on device, write';
const threeTimes = 'Block exceeded max completion errors. Deleting. POSSIBLE DATA LOSS (3 attempts, the last: x)';

/** Moments below are a hundredth of a second in the config's time, from the timeline's begin at 1000; sizes are MB. */
function explained(blocks: string[], ...events: Parameters<typeof inOrder>): string {
  return explainedBy('2.9', blocks, ...events);
}

function explainedBy(version: TempoVersion, blocks: string[], ...events: Parameters<typeof inOrder>): string {
  const trouble = new Trouble(context);
  const losses = new Losses(context);
  const attribution = new Attribution(context);
  for (const event of inOrder(scenario(), phase('timeline', 1_000), fault('1-disk', [2_000, 9_000]), ...events)) {
    trouble.see(event);
    losses.see(event);
    attribution.see(event);
  }
  const finding: Finding = { checker: 'durability', verdict: 'fail', message: 'x: y', blocks };
  const known = new KnownTrouble(trouble.record());
  return explain('fail', [finding], {
    trouble: known,
    losses,
    attribution,
    compression: context.compression,
    version,
  });
}

/** Tried at 2000, 5000 and 8000, and given up. */
const fails = (block: string, error: string) => [
  completion(block, 2_000, 1, `local disk: cannot write blocks/x (5 bytes in): ${error}`),
  completion(block, 5_000, 2, error),
  completion(block, 8_000, 3, error),
  dropped(block, 8_001, threeTimes),
];

test('a block that could not be completed three times for an I/O error: no setting, but replication', () => {
  expect(explained(['a'], walPage('a', 1_500, 1, 40), fails('a', 'EIO: i/o error, read'))).toBe(
    '1 block was lost: a. A block that cannot be completed three times is deleted with its WAL: so went 1 block (40MB) at 1:10, by EIO: i/o error, read. Fault in force: 1-disk from 0:10 to 1:20. No setting makes Tempo try a fourth time; with replication (ingester.lifecycler.ring.replication_factor: 3) two other ingesters have the same traces.',
  );
});

test('a disk too small for a block and its WAL at once: a larger one, or smaller blocks', () => {
  const text = explained(['a'], walPage('a', 1_500, 1, 40), fails('a', enospc));
  expect(text).toContain(
    'by ENOSPC: no space left on device, write; the local disk was too small for a block and its WAL at once.',
  );
  expect(text).toMatch(
    /\. A larger local disk leaves room .*; smaller blocks \(ingester\.max_block_bytes\) need less of it\.$/,
  );
});

test('a disk full of blocks that are in S3 already: a shorter complete_block_timeout', () => {
  const inS3 = ['x', 'y', 'z'].flatMap((block) => [
    walPage(block, 100, 1, 50),
    cutOf(block, 110, 50),
    flushStart(block, 120),
    flushEnd(block, 130),
  ]);
  const text = explained(['a'], inS3, cleared('z', 140), walPage('a', 1_500, 1, 40), fails('a', enospc));
  expect(text).toMatch(
    /the local disk had filled with what is in S3 already and is kept for readers: 2 blocks \(100MB\)\./,
  );
  expect(text).toContain('or a shorter ingester.complete_block_timeout');
});

const waiting = (blocks: string[]) =>
  blocks.flatMap((block, index) => [
    walPage(block, 1_100 + index, 1, 50),
    cutOf(block, 1_200 + index, 50),
    flushStart(block, 1_300 + index),
  ]);

test('a disk that filled because flushing could not keep up: how far behind, why, and the settings that help', () => {
  const text = explained(
    ['c'],
    waiting(['a', 'b']),
    slowDown('a', 'data.parquet', [1_300, 1_400], { client: { retryIn: 300 } }),
    slowDown('b', 'data.parquet', [1_300, 1_400], { client: { retryIn: 300 } }),
    flushEnd('b', 1_900, { outcome: 'fail' }),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
    cutFailed('c', 2_300, 10, enospc),
  );
  expect(text).toBe(
    "1 block was lost: c. A disk error while traces are cut loses the page, though its spans had been acknowledged, and nothing pushes back on the sender: 2 pages (20MB) could not be written between 0:10 and 0:13, by ENOSPC: no space left on device, write; the local disk had filled because flushing could not keep up: 2 blocks (100MB) were on it and not in S3, and 1 flush of them had failed; at 0:04, 2 of 2 attempts failed, all with 503 SlowDown; their time went 75 % waiting between attempts, 25 % waiting for S3's answer; 1 flush failed. Fault in force: 1-disk from 0:10 to 1:20. Fewer flushes at a time (ingester.concurrent_flushes) send S3 less while it throttles; a larger local disk holds out longer, and a lower overrides.defaults.ingestion.rate_limit_bytes refuses at the distributor what would be lost here.",
  );
});

test.each([
  ['wait', /More flushes at a time \(ingester\.concurrent_flushes\) keep up where S3 is slow to answer; a larger/],
  ['send', /The uplink carries less than comes in, and no setting of the client changes that; a larger/],
] as const)('flushing that is behind with nothing failed, for %s, has its own advice', (where, advice) => {
  const text = explained(
    ['c'],
    waiting(['a', 'b']),
    ['a', 'b'].flatMap((block) =>
      request(block, 'data.parquet', [1_300, 4_000], { client: { phases: { [where]: 2_700 } } }),
    ),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
  );
  expect(text).toContain(
    'flushing could not keep up: 2 blocks (100MB) were on it and not in S3; none of 2 attempts failed',
  );
  expect(text).toMatch(advice);
});

test('one attempt in many that failed does not hide that S3 is slow to answer', () => {
  const slow = [1_300, 1_600, 1_900, 2_200, 2_500].flatMap((start) =>
    request('a', 'data.parquet', [start, start + 300], { client: { phases: { wait: 300 } } }),
  );
  const behind = [waiting(['a', 'b']), walPage('c', 1_950, 1, 30), cutFailed('c', 2_000, 10, enospc)].flat();
  const reset = request('b', 'data.parquet', [2_800, 2_900], { upstream: 'none', client: { phases: { wait: 100 } } });
  expect(explained(['c'], behind, slow, reset)).toContain('More flushes at a time (ingester.concurrent_flushes)');
  expect(explained(['c'], behind, slow.slice(0, 4), reset)).not.toContain('More flushes at a time');
});

test('flushes that ran into their deadline: a longer flush_op_timeout', () => {
  const text = explained(
    ['c'],
    waiting(['a', 'b']),
    flushEnd('a', 1_900, { deadlineExceeded: true }),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
  );
  expect(text).toContain('A longer ingester.flush_op_timeout lets a slow flush end instead of beginning again');
});

test('one block in flight, and what could not be completed, are no backlog of flushes', () => {
  const one = explained(['c'], waiting(['a']), walPage('c', 1_950, 1, 30), cutFailed('c', 2_000, 10, enospc));
  expect(one).not.toContain('keep up');
  const failed = explained(
    ['b', 'c'],
    waiting(['a']),
    walPage('b', 1_400, 1, 50),
    completion('b', 1_500, 1, enospc),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
  );
  expect(failed).not.toContain('keep up');
  // Without the failure it waits, as those do that no worker has time for.
  const waits = explained(
    ['c'],
    waiting(['a']),
    walPage('b', 1_400, 1, 50),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
  );
  expect(waits).toContain('2 blocks (100MB) were on it and not in S3');
});

test('a page that could not be written for an I/O error is no matter of room', () => {
  const text = explained(['a'], push(1_400, 10, 10), cutFailed('a', 2_000, 10));
  expect(text).toContain('1 page (10MB) could not be written at 0:10, by EIO: i/o error, write. Fault in force');
  expect(text).toContain('"failed to cut traces" in the log is worth an alert');
});

test('what went before the timeline began went at its begin, not later', () => {
  expect(explained(['a'], cutFailed('a', 900, 10))).toContain('1 page (10MB) could not be written at 0:00, by');
});

test('what filled the disk is what was on it when it refused the first write, not when the data went at last', () => {
  const text = explained(
    ['d'],
    waiting(['a', 'b']),
    walPage('c', 1_500, 1, 50),
    completion('c', 1_900, 1, enospc),
    flushEnd('a', 1_950),
    flushEnd('b', 1_950),
    walPage('d', 1_960, 1, 30),
    cutFailed('d', 2_000, 10, enospc),
  );
  expect(text).toContain('flushing could not keep up: 2 blocks (100MB) were on it');
});

test('losses of blocks that are not lost in the end are not told', () => {
  const text = explained(['a'], cutFailed('a', 2_000, 10), cutFailed('z', 2_000, 500));
  expect(text).toContain('1 page (10MB) could not be written');
});

test('a WAL block that a start deleted, and pages that went with the power, each in its own words', () => {
  const text = explained(
    ['a', 'b'],
    walPage('a', 1_400, 1, 10),
    walPage('b', 1_400, 1, 30),
    walLost('a', 2_100, 10),
    walLost('b', 2_000, 30, '1 page of its WAL went with the power'),
  );
  expect(text).toMatch(
    /^2 blocks were lost: a, b\. Tempo fsyncs nothing, and closed pages of 1 block \(30MB\) went with the power at 0:10\. At a start, a WAL block whose meta\.json cannot be read is deleted: so went 1 block \(10MB\) at 0:11\. Fault in force/,
  );
  // Each of the two has its advice, and who else has the traces is told once.
  expect(text).toMatch(/No setting makes Tempo fsync\..*put less behind one meta\.json\.$/);
  expect(text.match(/replication_factor: 3/g)).toHaveLength(1);
});

test('a block that is lost in no way that was told of is explained by what is in the bucket', () => {
  expect(explained(['a'], cut('a', 1_500))).toBe('1 block was lost: a. Y.');
});

test('the most that a disk held and was not in S3, WAL and local blocks together', () => {
  const losses = new Losses(context);
  const events = inOrder(
    walPage('a', 1, 1, 50),
    cutOf('a', 2, 50),
    walPage('b', 3, 1, 30),
    { ...walPage('z', 3.5, 1, 60), writer: 'ingester-1' } as never,
    flushEnd('a', 4),
    walPage('b', 5, 2, 20),
    walLost('b', 6, 50),
    walPage('c', 7, 1, 60),
  );
  for (const event of events) losses.see(event);
  expect(losses.peakBacklog).toBe(80);
});

test('Tempo 3 has other names for its settings, a way of its own, and one copy of a trace', () => {
  const events = inOrder(
    walPage('a', 1_400, 1, 10),
    dropped('a', 2_000, 'deleting WAL block that was never completed'),
    cutFailed('b', 2_100, 5),
  );
  const text = explainedBy('3.0', ['a', 'b'], events);
  expect(text).toContain('so went 1 block (10MB) at 0:10.');
  expect(text).toContain('A longer live_store.complete_block_timeout leaves a block more time to be completed.');
  expect(text).toContain('nothing else has a copy of it');
  expect(text).not.toMatch(/ingester\.|replication/);
});

test('what filled the disk is told once, whatever went by it', () => {
  const text = explained(
    ['a', 'c'],
    walPage('a', 1_500, 1, 40),
    fails('a', enospc),
    walPage('c', 1_950, 1, 30),
    cutFailed('c', 2_000, 10, enospc),
  );
  expect(text.split('the local disk was too small for a block and its WAL at once')).toHaveLength(2);
  expect(text.split('A larger local disk leaves room')).toHaveLength(2);
  expect(text).toContain('1 block (40MB)');
  expect(text).toContain('1 page (10MB)');
});
