import { describe, expect, it } from 'vitest';
import {
  backoffSleeps,
  blockInterval,
  diskLasts,
  flushMemory,
  flushRetryStartsAfter,
  flushTimeToKeepUp,
  ingestLimits,
  ingestPerIngester,
  keptOnDisk,
  latestFlushSeen,
  liveBytes,
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

  it('keeps up while four flushes take 105 s each, has 800 MB in memory, and 18 GB on its disk', () => {
    expect(flushTimeToKeepUp(of4361)).toBeCloseTo(104_857.6, 6);
    expect(liveBytes(of4361)).toBe(800_000_000);
    expect(keptOnDisk(of4361)).toBe(18e9);
  });

  it('may flush a block 10 minutes after its end at the latest, for readers to see it before it is cleared', () => {
    expect(latestFlushSeen(of4361)).toBe(600_000);
    expect(latestFlushSeen(withSetOptions(of4361, ['ingester.complete_block_timeout=1m']))).toBe(0);
  });

  it('cuts a block by age when little comes in, and never fills its disk when nothing does', () => {
    const idle = withSetOptions(defaults, ['overrides.defaults.ingestion.rate_limit_bytes=0']);
    expect(blockInterval(idle)).toBe(30 * 60_000);
    expect(diskLasts(idle)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('ingestLimits', () => {
  const limits = (...set: string[]) =>
    ingestLimits(withSetOptions(of4361, ['overrides.defaults.ingestion.burst_size_bytes=900000000', ...set]));

  it("are one writer's share of what a tenant may send", () => {
    expect(limits()).toEqual({ bytesPerSecond: 20_000_000, burstBytes: 30_000_000, liveTraces: 10_000 });
  });

  it('grow with each replica, as far as there are ingesters for them', () => {
    expect(limits('deployment.replication_factor=3')).toEqual({
      bytesPerSecond: 60_000_000,
      burstBytes: 90_000_000,
      liveTraces: 10_000,
    });
    expect(limits('deployment.replication_factor=3', 'deployment.ingesters=1').bytesPerSecond).toBe(600_000_000);
  });

  it('take 0 live traces for no limit, as Tempo does, by a number that goes through JSON', () => {
    const { liveTraces } = limits('overrides.defaults.ingestion.max_traces_per_user=0');
    expect(JSON.parse(JSON.stringify(liveTraces))).toBeGreaterThan(1e15);
  });
});

describe('Tempo 3', () => {
  const of3 = tempoDefaults('3.0');

  it('has no deadline, so no upload is too slow, and a silent S3 is outlived by the attempts alone', () => {
    expect(uploadRateNeeded(of3)).toEqual({ perFlush: 0, allFlushes: 0 });
    expect(outageOutlivedByRequest(of3, 60_000)).toEqual({ mean: 543_700, max: 547_400 });
  });

  it('tries again every 30 s', () => {
    expect([1, 2, 3].map((n) => flushRetryStartsAfter(of3, n))).toEqual([30_000, 60_000, 90_000]);
  });
});
