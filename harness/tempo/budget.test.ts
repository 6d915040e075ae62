import { describe, expect, it } from 'vitest';
import {
  backoffSleeps,
  blockInterval,
  diskLasts,
  flushMemory,
  flushRetryStartsAfter,
  ingestPerIngester,
  longestFlushRetryDelay,
  outageOutlivedByRequest,
  requestsForBlock,
  retryPatience,
  uploadRateNeeded,
} from './budget.ts';
import { tempoDefaults } from './defaults.ts';
import { withSetOptions } from './set-option.ts';

const defaults = tempoDefaults();
const of4361 = withSetOptions(defaults, [
  'overrides.defaults.ingestion.rate_limit_bytes=600000000',
  'deployment.ingesters=30',
  'deployment.disk=30GB',
]);
const MiB = 2 ** 20;

describe('the client', () => {
  it('sleeps 200, 400, 800 ms and then 1 s after each attempt, the last one included', () => {
    expect(backoffSleeps(defaults)).toEqual([200, 400, 800, 1000, 1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it('waits 3.7 s on average, and 7.4 s at most, between its first attempt and its last', () => {
    expect(retryPatience(defaults)).toEqual({ mean: 3700, max: 7400 });
    expect(retryPatience(withSetOptions(defaults, ['policy.attempts=1']))).toEqual({ mean: 0, max: 0 });
  });

  it('outlives a silent S3 until the flush has to end', () => {
    expect(outageOutlivedByRequest(defaults, 0)).toEqual({ mean: 3700, max: 7400 });
    expect(outageOutlivedByRequest(defaults, 5000)).toEqual({ mean: 48_700, max: 52_400 });
    expect(outageOutlivedByRequest(defaults, 60_000)).toEqual({ mean: 300_000, max: 300_000 });
  });
});

describe('the flush queue', () => {
  it('tries again after 30, 60, 120, 120 ... s', () => {
    expect([1, 2, 3, 4, 5].map((n) => flushRetryStartsAfter(defaults, n))).toEqual([
      30_000, 90_000, 210_000, 330_000, 450_000,
    ]);
    expect(longestFlushRetryDelay(defaults)).toBe(120_000);
  });

  it('ends when the retries do', () => {
    const twice = withSetOptions(defaults, ['policy.flushRetries=2']);
    expect([1, 2, 3].map((n) => flushRetryStartsAfter(twice, n))).toEqual([30_000, 90_000, undefined]);
  });
});

describe('a block', () => {
  it.each([
    [16 * MiB, 4],
    [16 * MiB + 1, 7],
    [500 * MiB, 37],
    [1, 4],
  ])('of %d bytes takes %d requests', (bytes, requests) => {
    expect(requestsForBlock(defaults, bytes)).toBe(requests);
  });

  it('takes one more request for each more bloom', () => {
    expect(requestsForBlock(defaults, 1, 10)).toBe(13);
  });

  it('of 500 MiB has to be uploaded at 1.67 MiB/s, four of them at 6.67 MiB/s', () => {
    const { perFlush, allFlushes } = uploadRateNeeded(defaults);
    expect(perFlush / MiB).toBeCloseTo(5 / 3, 10);
    expect(allFlushes / MiB).toBeCloseTo(20 / 3, 10);
    expect(uploadRateNeeded(defaults, 300).perFlush).toBe(1);
  });

  it('is held in memory while it is flushed', () => {
    expect(flushMemory(defaults)).toBe(2000 * MiB);
  });
});

describe('an ingester of grafana/tempo#4361', () => {
  it('takes in 20 MB/s, cuts a block every 26 s, and has its disk full after 25 minutes', () => {
    expect(ingestPerIngester(of4361)).toBe(20_000_000);
    expect(blockInterval(of4361)).toBeCloseTo(26_214.4, 6);
    expect(diskLasts(of4361)).toBe(1_500_000);
  });

  it('cuts a block by age when little comes in, and never fills its disk when nothing does', () => {
    const idle = withSetOptions(defaults, ['overrides.defaults.ingestion.rate_limit_bytes=0']);
    expect(blockInterval(idle)).toBe(30 * 60_000);
    expect(diskLasts(idle)).toBe(Number.POSITIVE_INFINITY);
  });
});
